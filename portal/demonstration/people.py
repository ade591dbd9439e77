"""Made-up institutions and accounts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from data_access.accounts import Account, hash_password
from data_access.institutions import Institution, InstitutionLink
from data_access.reference.local_authorities import local_authorities, regions
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme
from submission.context import context_row

# Shown on the sign-in page of a demonstration, and used nowhere else.
PASSWORD = "Demonstration-2026!"  # noqa: S105
ACCOUNTS = {
    "admin": ("administrator", "Ada Administrator"),
    "statistician": ("statistician", "Sam Statistician"),
    "coordinator": ("coordinator", "Chris Co-ordinator"),
    "provider": ("provider", "Pat Provider"),
}
COUNCILS = 45
LANDLORDS = 105
_FIRST = (
    "Alder Beacon Calder Dene Elm Fern Grange Harbour Ivy Juniper Kestrel Linden Meadow"
).split()
_SECOND = "Bridge Court Field Gate Green Hill Lea Moor Park Side Vale Way Wood".split()
_KIND = ("Homes", "Housing Association", "Housing Trust", "Housing Group", "Community Homes")


@dataclass(frozen=True)
class Landlords:
    """Who lets in which authority: institutions, an account and the schemes of each."""

    councils: dict[str, int]
    by_region: dict[str, list[int]]
    providers: dict[int, int]
    schemes: dict[int, list[int]]
    context: dict[int, dict[str, Any]]


def make_people(db: Session, random: np.random.Generator) -> Landlords:
    """Adds the institutions and accounts within the caller's transaction."""
    places = local_authorities()
    region_codes = list(regions())
    london = "E12000007"
    institutions: list[Institution] = []
    by_region: dict[str, list[int]] = {code: [] for code in region_codes}
    every_period = list(range(1, 12))
    names = [f"{first}{second.lower()}" for first in _FIRST for second in _SECOND]
    random.shuffle(names)
    for number in range(1, LANDLORDS + 1):
        region = london if number == 1 else region_codes[number % len(region_codes)]
        kind = _KIND[number % len(_KIND)]
        covered = [code for code, place in places.items() if place.region_code == region]
        institutions.append(
            Institution(
                id=number,
                code=f"ORG{number}",
                name=f"{names[number]} {kind} (made up)",
                provider_type="PRP",
                registration_number=f"L{4000 + number}",
                holds_stock=number % 10 != 5,
                general_needs_stock=int(random.integers(300, 30_000)),
                supported_stock=int(random.integers(0, 3_000)),
                rent_periods=every_period if number == 1 else [1, 2, 3, 4, 7, 10],
                local_authorities=covered,
            )
        )
        if institutions[-1].holds_stock:
            by_region[region].append(number)
    chosen = sorted(random.choice(np.array(list(places)), COUNCILS, replace=False))
    councils = {}
    for offset, code in enumerate(chosen, start=1):
        number = LANDLORDS + offset
        councils[str(code)] = number
        institutions.append(
            Institution(
                id=number,
                code=f"ORG{number}",
                name=f"{places[str(code)].name} Council housing (made up)",
                provider_type="LA",
                registration_number=f"UA{number}",
                holds_stock=True,
                general_needs_stock=int(random.integers(1_000, 25_000)),
                supported_stock=int(random.integers(0, 1_500)),
                rent_periods=[1, 2, 3, 4, 7, 10],
                local_authorities=[str(code)],
            )
        )
    db.add_all(institutions)
    db.flush()
    # Institutions without stock, and every third with it, also manage for a stock owner.
    for institution in institutions:
        if not institution.holds_stock or institution.id % 3 == 0:
            owners = [n for numbers in by_region.values() for n in numbers if n != institution.id]
            owner = int(random.choice(owners))
            db.add(InstitutionLink(owner_id=owner, manager_id=institution.id))
    providers = _accounts(db, institutions)
    schemes = _schemes(db, institutions, random)
    context = {
        institution.id: context_row(institution, institution, 1) for institution in institutions
    }
    return Landlords(councils, by_region, providers, schemes, context)


def _accounts(db: Session, institutions: list[Institution]) -> dict[int, int]:
    hashed = hash_password(PASSWORD)
    providers = {}
    for user_name, (role, name) in ACCOUNTS.items():
        account = Account(
            user_name=user_name,
            email=f"{user_name}@example.com",
            name=name,
            password_hash=hashed,
            role=role,
            institution_id=1 if role in ("coordinator", "provider") else None,
        )
        db.add(account)
        db.flush()
        if user_name == "provider":
            providers[1] = account.id
    db.add(
        Account(
            user_name="support",
            email="support@example.com",
            name="Sky Support",
            password_hash=hashed,
            role="provider",
            institution_id=1,
        )
    )
    for institution in institutions[1:]:
        for role in ("coordinator", "provider"):
            account = Account(
                user_name=f"{role}{institution.id}",
                email=f"{role}{institution.id}@example.com",
                name=f"{role.capitalize()} {institution.id} (made up)",
                password_hash=hashed,
                role=role,
                institution_id=institution.id,
            )
            db.add(account)
            db.flush()
            if role == "provider":
                providers[institution.id] = account.id
    return providers


def _schemes(
    db: Session, institutions: list[Institution], random: np.random.Generator
) -> dict[int, list[int]]:
    from data_access.reference.postcodes import default_store

    store = default_store()
    found: dict[int, list[int]] = {}
    for institution in institutions:
        if not institution.holds_stock:
            continue
        group = ManagementGroup(
            code=f"G{institution.id}", owner_id=institution.id, name="Supported housing (made up)"
        )
        db.add(group)
        db.flush()
        for number in (1, 2):
            code = f"S{institution.id * 10 + number}"
            scheme = Scheme(
                code=code,
                group_id=group.id,
                owner_id=institution.id,
                name=f"Scheme {number} of {institution.code} (made up)",
                client_group=str(random.choice(["A", "B", "D", "G", "M"])),
                support_type="3",
                intended_stay="M",
                status=APPROVED,
            )
            db.add(scheme)
            db.flush()
            area = str(random.choice(institution.local_authorities))
            db.add(
                Location(
                    scheme_id=scheme.id,
                    postcode=store.first_of(area),
                    local_authority=area,
                    units=int(random.integers(4, 60)),
                    type_of_unit="1",
                    mobility_type="N",
                )
            )
            found.setdefault(institution.id, []).append(scheme.id)
    return found
