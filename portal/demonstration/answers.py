"""Made-up answers, drawn so that their shares and rents are near published figures.

Shares of log types, landlords, first lettings, lifetime tenancies, homelessness and nationality,
the median rent and its growth are near those of the official statistics for 2022/23 to 2024/25.
Everything not published there (ages, household types, working situations beyond employment,
bedrooms) is invented to look reasonable.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator
Numbers = NDArray[Any]
RENT_GROWTH = {2023: 1.0, 2024: 1.077, 2025: 1.104, 2026: 1.15}
REGION_RENT = {
    "E12000001": 0.83,
    "E12000002": 0.88,
    "E12000003": 0.86,
    "E12000004": 0.9,
    "E12000005": 0.93,
    "E12000006": 1.05,
    "E12000007": 1.3,
    "E12000008": 1.14,
    "E12000009": 0.98,
}
BED_RENT = {1: 0.86, 2: 1.0, 3: 1.13, 4: 1.3}

SUPPORTED_TENANCIES = {5: 0.5, 4: 0.25, 2: 0.2, 8: 0.05}
SUPPORTED_TENANCIES_2023 = {5: 0.55, 4: 0.45}
NEW_TENANTS_FROM = {
    3: 0.32,
    28: 0.28,
    18: 0.16,
    14: 0.03,
    7: 0.02,
    19: 0.03,
    26: 0.03,
    25: 0.08,
    6: 0.05,
}


def choose(random: Random, shares: dict[Any, float], size: int) -> Numbers:
    """Values drawn with the given weights."""
    values = np.array(list(shares), dtype=object)
    weights = np.array(list(shares.values()), dtype=float)
    return values[random.choice(len(values), size, p=weights / weights.sum())]


def only(condition: Numbers, values: Any) -> list[Any]:
    """The values where the condition holds, and None elsewhere."""
    spread = np.broadcast_to(np.asarray(values, dtype=object), condition.shape)
    return [
        value if holds else None
        for value, holds in zip(spread.tolist(), condition.tolist(), strict=True)
    ]


def money(values: Numbers) -> list[str]:
    """Amounts as decimal text with pence."""
    return [f"{value:.2f}" for value in values]


def lettings(
    random: Random, year: int, landlord_is_council: Numbers, region: Sequence[str]
) -> dict[str, list[Any]]:
    """Answers of as many lettings as there are landlords, by variable; None is not answered."""
    n = len(landlord_is_council)
    council = np.asarray(landlord_is_council, dtype=bool)
    needs = np.where(random.random(n) < np.where(council, 0.08, 0.34), 2, 1)
    rent_type = np.where(
        council,
        choose(random, {0: 0.95, 1: 0.05}, n),
        np.where(
            needs == 2,
            choose(random, {0: 0.955, 1: 0.04, 5: 0.005}, n),
            choose(random, {0: 0.66, 1: 0.275, 2: 0.03, 3: 0.015, 4: 0.01, 5: 0.01}, n),
        ),
    ).astype(int)
    beds = np.where(
        needs == 2,
        1,
        choose(random, {1: 0.36, 2: 0.36, 3: 0.24, 4: 0.04}, n),
    ).astype(int)
    children = np.where(beds > 1, random.binomial(3, 0.42, n), 0)
    second_adult = (random.random(n) < np.where(beds > 1, 0.34, 0.12)).astype(int)
    elder = random.random(n) < np.where(children > 0, 0.01, 0.22)
    age = np.where(elder, random.integers(60, 92, n), 18 + random.gamma(3.2, 6.2, n)).astype(int)
    age = np.clip(age, 16, 98)
    elder = age >= 60
    hhmemb = 1 + second_adult + children
    hhtype = np.select(
        [
            elder & (hhmemb == 1),
            elder & (second_adult == 1),
            (children == 0) & (second_adult == 0),
            (children == 0) & (second_adult == 1),
            second_adult == 0,
        ],
        [1, 2, 3, 4, 5],
        6,
    )
    ecstat = np.where(
        age >= 66,
        5,
        choose(random, {1: 0.24, 2: 0.15, 4: 0.17, 6: 0.14, 8: 0.2, 7: 0.02, 0: 0.04, 10: 0.04}, n),
    ).astype(int)
    first_let = random.random(n) < np.where(needs == 2, 0.04, 0.15)
    fixed = random.random(n) < np.where(council, 0.09, 0.27)
    tenancy = np.where(
        needs == 2,
        choose(
            random, {5: 0.5, 4: 0.25, 2: 0.2, 8: 0.05} if year > 2023 else {5: 0.55, 4: 0.45}, n
        ),
        np.where(fixed, np.where(council, 6, 4), np.where(council, 7, 2)),
    ).astype(int)
    homeless = np.where(random.random(n) < 0.275, 11, 1)
    new = random.random(n) < 0.635
    rent = (
        97.0
        * RENT_GROWTH[year]
        * np.array([REGION_RENT[code] for code in region])
        * np.array([BED_RENT[bedrooms] for bedrooms in beds])
        * np.where(council, 0.9, 1.0)
        * np.select([rent_type == 0, rent_type <= 2], [1.0, 1.32], 1.5)
        * np.where(needs == 2, 1.1, 1.0)
        * np.exp(random.normal(0, 0.13, n))
    ).round(2)
    service = np.where(
        random.random(n) < np.where(needs == 2, 0.8, 0.4), random.gamma(2, 4, n), 0
    ).round(2)
    days = np.where(first_let, 0, random.lognormal(3.4, 0.8, n)).astype(int).clip(0, 700)
    illness = choose(random, {1: 0.45, 2: 0.49, 3: 0.06}, n)
    ill = illness == 1
    answers: dict[str, list[Any]] = {
        "needstype": needs.tolist(),
        "rent_type": rent_type.tolist(),
        "renewal": [0] * n,
        "declaration": [1] * n,
        "beds": only(needs == 1, beds),
        "unittype_gn": only(needs == 1, choose(random, {1: 0.5, 7: 0.36, 8: 0.1, 2: 0.04}, n)),
        "wchair": choose(random, {1: 0.07, 2: 0.93}, n).tolist(),
        "first_time_property_let_as_social_housing": first_let.astype(int).tolist(),
        "rsnvac": np.where(
            first_let,
            15,
            choose(random, {13: 0.2, 12: 0.14, 8: 0.24, 5: 0.2, 18: 0.05, 6: 0.07, 10: 0.04}, n),
        ).tolist(),
        "majorrepairs": only(~first_let, choose(random, {1: 0.15, 0: 0.85}, n)),
        "vacdays": days.tolist(),
        "joint": np.where(second_adult == 1, 1, 2).tolist(),
        "startertenancy": choose(random, {1: 0.45, 2: 0.55}, n).tolist(),
        "tenancy": tenancy.tolist(),
        "tenancylength": only(
            np.isin(tenancy, [4, 6]), choose(random, {5: 0.6, 2: 0.2, 6: 0.1, 3: 0.1}, n)
        ),
        "hhmemb": hhmemb.tolist(),
        "age1_known": [0] * n,
        "age1": age.tolist(),
        "sexrab1" if year >= 2026 else "sex1": choose(
            random, {"F": 0.57, "M": 0.415, "R": 0.015}, n
        ).tolist(),
        "ethnic_group": choose(
            random, {0: 0.76, 1: 0.035, 2: 0.055, 3: 0.085, 4: 0.02, 17: 0.045}, n
        ).tolist(),
        "ecstat1": ecstat.tolist(),
        "armedforces": choose(random, {2: 0.93, 1: 0.014, 4: 0.004, 3: 0.03, 6: 0.022}, n).tolist(),
        "preg_occ": choose(random, {1: 0.035, 2: 0.92, 3: 0.045}, n).tolist(),
        "housingneeds": choose(random, {1: 0.13, 2: 0.83, 3: 0.04}, n).tolist(),
        "illness": illness.tolist(),
        "illness_type_7": only(ill, (random.random(n) < 0.45).astype(int)),
        "illness_type_3": only(ill, (random.random(n) < 0.36).astype(int)),
        "layear": choose(
            random, {1: 0.05, 2: 0.07, 7: 0.05, 8: 0.05, 9: 0.04, 10: 0.04, 6: 0.1}, n
        ).tolist(),
        "waityear": choose(
            random, {2: 0.56, 7: 0.15, 8: 0.08, 9: 0.05, 10: 0.04, 6: 0.12}, n
        ).tolist(),
        "reason": choose(
            random,
            {
                9: 0.13,
                8: 0.07,
                12: 0.12,
                13: 0.1,
                18: 0.06,
                19: 0.06,
                49: 0.05,
                44: 0.03,
                34: 0.04,
                50: 0.08,
                16: 0.05,
                20: 0.11,
                28: 0.06,
                47: 0.04,
            },
            n,
        ).tolist(),
        "prevten": np.where(
            new,
            choose(
                random,
                {
                    3: 0.32,
                    28: 0.28,
                    18: 0.16,
                    14: 0.03,
                    7: 0.02,
                    19: 0.03,
                    26: 0.03,
                    25: 0.08,
                    6: 0.05,
                },
                n,
            ),
            choose(random, {31: 0.36, 33: 0.46, 30: 0.08, 32: 0.1}, n),
        ).tolist(),
        "new_old": np.where(new, 1, 2).tolist(),
        "homeless": homeless.tolist(),
        "reasonpref": np.where(
            homeless == 11,
            choose(random, {1: 0.9, 2: 0.06, 3: 0.04}, n),
            choose(random, {1: 0.33, 2: 0.58, 3: 0.09}, n),
        ).tolist(),
        "hb": choose(random, {1: 0.16, 6: 0.46, 9: 0.26, 3: 0.09, 10: 0.03}, n).tolist(),
        "benefits": choose(random, {1: 0.39, 2: 0.2, 3: 0.27, 4: 0.14}, n).tolist(),
        "hhtype": hhtype.tolist(),
        "totchild": children.tolist(),
        "period": [1] * n,
        "brent": money(rent),
        "scharge": money(service),
        "pscharge": ["0.00"] * n,
        "supcharg": ["0.00"] * n,
        "tcharge": money(rent + service),
        "wrent": money(rent),
        "wscharge": money(service),
        "wtcharge": money(rent + service),
    }
    if year >= 2024:
        answers["nationality_all_group"] = choose(
            random, {826: 0.88, 12: 0.105, 0: 0.015}, n
        ).tolist()
    return answers


def sales(random: Random, year: int, region: Sequence[str]) -> dict[str, list[Any]]:
    """Answers of as many sales as there are regions given."""
    n = len(region)
    level = np.array([REGION_RENT[code] for code in region])
    kind = choose(random, {1: 0.66, 2: 0.34}, n).astype(int)
    shared = kind == 1
    value = (
        np.where(shared, 290_000, 190_000) * level**1.8 * np.exp(random.normal(0, 0.25, n))
    ).round(-3)
    equity = np.clip(random.normal(41, 12, n), 10, 75).round(0)
    joint = random.random(n) < 0.42
    age = np.clip(np.where(shared, random.normal(35, 10, n), random.normal(50, 12, n)), 18, 90)
    elder = age >= 60
    children = random.binomial(2, 0.2, n)
    savings = (random.gamma(2, 14_000, n)).round(-1)
    deposit = np.where(shared, value * equity / 100 * 0.13, 0).round(0)
    mortgaged = random.random(n) < 0.84
    discount = np.where(shared, np.nan, np.clip(random.normal(42, 10, n), 5, 70).round(0))
    price = np.where(shared, value * equity / 100, value * (100 - np.nan_to_num(discount)) / 100)
    codes = {2: 0.1, 30: 0.75, 24: 0.06, 16: 0.03, 28: 0.06} if year > 2023 else {2: 0.7, 30: 0.3}
    return {
        "ownershipsch": kind.tolist(),
        "type": np.where(
            shared, choose(random, codes, n), choose(random, {9: 0.8, 14: 0.14, 8: 0.06}, n)
        ).tolist(),
        "staircase": only(shared, choose(random, {2: 0.82, 1: 0.18}, n)),
        "jointpur": np.where(joint, 1, 2).tolist(),
        "proptype": choose(random, {1: 0.42, 3: 0.52, 4: 0.05, 9: 0.01}, n).tolist(),
        "beds": choose(random, {1: 0.17, 2: 0.47, 3: 0.32, 4: 0.04}, n).tolist(),
        "builtype": choose(random, {1: 0.97, 2: 0.03}, n).tolist(),
        "wchair": choose(random, {1: 0.05, 2: 0.8, 3: 0.15}, n).tolist(),
        "age1": age.astype(int).tolist(),
        "sexrab1" if year >= 2026 else "sex1": choose(
            random, {"F": 0.49, "M": 0.49, "R": 0.02}, n
        ).tolist(),
        "ethnic_group": choose(
            random, {0: 0.79, 1: 0.03, 2: 0.07, 3: 0.05, 4: 0.01, 17: 0.05}, n
        ).tolist(),
        "nationality_all_group": choose(random, {826: 0.88, 12: 0.09, 0: 0.03}, n).tolist()
        if year >= 2024
        else [None] * n,
        "ecstat1": choose(random, {1: 0.76, 2: 0.1, 5: 0.06, 0: 0.04, 10: 0.04}, n).tolist(),
        "prevten": np.where(
            shared, choose(random, {3: 0.5, 6: 0.32, 5: 0.08, 2: 0.05, 9: 0.05}, n), 1
        ).tolist(),
        "hhregres": choose(random, {1: 0.02, 7: 0.9, 3: 0.03, 8: 0.05}, n).tolist(),
        "disabled": choose(random, {1: 0.05, 2: 0.87, 3: 0.08}, n).tolist(),
        "wheel": choose(random, {1: 0.01, 2: 0.92, 3: 0.07}, n).tolist(),
        "income1": money(np.clip(random.lognormal(10.4, 0.35, n), 8_000, 79_000).round(0)),
        "savings": money(savings),
        "hhtype": np.select(
            [elder & ~joint, elder & joint, (children > 0) & ~joint, children > 0, joint],
            [1, 2, 5, 6, 4],
            3,
        ).tolist(),
        "value": money(value),
        "equity": only(shared, equity),
        "mortgageused": np.where(mortgaged, 1, 2).tolist(),
        "mortgage": [
            f"{amount:.2f}" if has else None
            for amount, has in zip((price - deposit).round(0), mortgaged, strict=True)
        ],
        "deposit": money(np.where(mortgaged, deposit, price)),
        "mscharge": money(random.gamma(3, 35, n)),
        "discount": [None if np.isnan(share) else float(share) for share in discount],
    }
