"""Making drawn answers into whole logs, by asking the checker what they still lack.

Drawn answers carry what the figures are made of. Everything else that the questionnaire of their
year asks is filled in here, round by round, because an answer may open another question. What the
checker then says is kept: a made-up log is valid only if the rules find it so.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from submission.authorities import code_in_year
from submission.checker import Ranges
from submission.collection import Collection, Variable, load
from submission.columns import EVENT_DATES
from submission.uploads.layout import ALLOCATION, ETHNIC_GROUPS, REFERRAL_TYPES
from submission.verdicts import Checked, check_logs

Answers = dict[str, Any]
Random = np.random.Generator
ROUNDS = 6
# Answers that are likelier than an even draw, or that keep a log free of contradictions.
_USUAL: dict[str, tuple[Any, ...]] = {
    "gender_same_as_sex1": (1,),
    "ppcodenk": (1,),
    "previous_la_known": (0,),
    "letting_allocation_unknown": (1,),
    "net_income_known": (1, 2),
    "household_charge": (0,),
    "housingneeds_type": (0, 1, 2),
    "housingneeds_other": (0,),
    "hbrentshortfall": (2, 2, 2, 3),
    "sheltered": (2,),
    "unitletas": (1, 1, 2),
    "builtype": (1, 2),
    "reservist": (2,),
    "leftreg": (4, 6),
    "nationality_all": (616, 642, 566, 586, 706, 804, 620, 50),
    "referral": (2, 3),
    "referral_type": (1, 2),
    "uprn_known": (0,),
    "reasonother": ("Wanted a garden for the children",),
    "irproduct_other": ("Intermediate rent scheme",),
    "tenancyother": ("Licence while works are done",),
    "tenancylength": (3, 5, 6),
    "mobility_type": ("N",),
    "privacynotice": (1,),
    "noint": (2,),
    "companybuy": (2,),
    "proplen": (6, 12, 24),
    "grant": (12_000, 14_000),
    "mortlen": (25, 30, 35),
}
_STREETS = ("Alder Close", "Beech Road", "Chapel Street", "Dovecote Lane", "Elm Grove")


def complete(
    random: Random,
    collection: str,
    year: int,
    logs: list[Answers],
    context: pd.DataFrame,
    day: date,
    ranges: Ranges,
) -> list[Checked]:
    """The logs with their missing answers, as checked at the end. `context` has a row a log.

    Logs of a year that has closed are checked as on its last day.
    """
    definition = load(collection, year)
    on = min(day, date(year + 1, 3, 31))
    types = context["owning_organisation.provider_type"].tolist()
    for log, provider_type in zip(logs, types, strict=True):
        _prepare(random, collection, year, log)
        if collection == "lettings" and year >= 2026:
            _refer(random, log, provider_type == "LA")
    checked = check_logs(
        collection, year, pd.DataFrame(logs, dtype=object), context, on, ranges=ranges
    )
    for _ in range(ROUNDS):
        lacking = [n for n, found in enumerate(checked) if _missing(found)]
        if not lacking:
            break
        for n in lacking:
            for name in _missing(checked[n]):
                logs[n][name] = _answer(random, definition, logs[n], definition.variables[name])
        frame = pd.DataFrame([logs[n] for n in lacking], dtype=object)
        again = check_logs(
            collection,
            year,
            frame,
            context.iloc[lacking].reset_index(drop=True),
            on,
            ranges=ranges,
        )
        for n, found in zip(lacking, again, strict=True):
            checked[n] = found
    return checked


def _missing(found: Checked) -> list[str]:
    return [f["fields"][0] for f in found.findings if f["rule"] == "missing"]


def _prepare(random: Random, collection: str, year: int, log: Answers) -> None:
    start = date.fromisoformat(log[EVENT_DATES[collection]])
    log["address_line1"] = f"{random.integers(1, 90)} {_STREETS[random.integers(len(_STREETS))]}"
    log["town_or_city"] = "Made-up Town"
    log["manual_address_entry_selected"] = True
    log["postcode_known"] = 1
    log["is_la_inferred"] = True
    log["la"] = code_in_year(log["la"], year)
    for name, group in (("ethnic", "ethnic_group"), ("ethnicbuy2", "ethnic_group2")):
        if log.get(name) in ETHNIC_GROUPS:
            log[group] = ETHNIC_GROUPS[log[name]]
    if collection != "lettings":
        _sale(random, log, start)
        return
    if year == 2025 and log.get("referral") in REFERRAL_TYPES:
        log["referral_type"] = REFERRAL_TYPES[log["referral"]]
    if not any(log.get(name) for name in ALLOCATION):
        log |= dict.fromkeys(ALLOCATION, 0) | {"letting_allocation_unknown": 1}
    empty = log.pop("vacdays", None)
    if empty is not None and log.get("renewal") == 0:
        log["voiddate"] = (start - timedelta(days=int(empty))).isoformat()
        if log.get("majorrepairs") == 1:
            done = start - timedelta(days=int(empty) // 3)
            log["mrcdate"] = done.isoformat()
    if log.get("ecstat1") in (1, 2) and log.get("benefits") == 1:
        log["benefits"] = 2
    if log.get("hb") in (1, 6) and log.get("benefits") == 3:
        log["hb"] = 9
    if log.get("ecstat1") == 8:
        log |= {"illness": 1}
    if log.get("illness") == 1 and not any(log.get(f"illness_type_{n}") for n in range(1, 11)):
        log["illness_type_4"] = 1
    if log.get("housingneeds") == 1:
        log |= {"housingneeds_type": int(random.integers(0, 3)), "housingneeds_other": 0}
    if log.get("reasonpref") == 1:
        log["rp_homeless" if log.get("homeless") == 11 else "rp_medwel"] = 1
    _people(random, year, log)


def _refer(random: Random, log: Answers, is_council: bool) -> None:
    if is_council:
        log["referral_register"] = int(random.choice([3, 4], p=[0.85, 0.15]))
        return
    log["referral_register"] = int(random.choice([6, 8], p=[0.7, 0.3]))
    if log["referral_register"] == 6:
        log["referral_noms"] = 4


def _sale(random: Random, log: Answers, completed: date) -> None:
    """What the rules of shares, discounts and people ask of one another."""
    for person in range(2, 7):
        log[f"details_known_{person}"] = 2
    if log.get("jointpur") == 1:
        log.pop("details_known_2")
        log |= {"age2_known": 0, "age2": int(random.integers(21, 60)), "relat2": "P"}
        log["ecstat2"] = int(random.choice([1, 2, 6]))
    if log.get("ownershipsch") == 1:
        log["equity"] = str(max(float(log.get("equity") or 0), 25))
    if log.get("staircase") == 1:
        before, bought = int(random.choice([25, 30, 35, 40])), int(random.choice([10, 15, 25]))
        log |= {"equity": str(before), "stairbought": str(bought)}
        log["stairowned"] = str(before + bought + 5)
        log["initialpurchase"] = (completed - timedelta(days=2_400)).isoformat()
        log["lasttransaction"] = (completed - timedelta(days=900)).isoformat()
        log |= {"firststair": 2, "numstair": 2}
    if log.get("value"):
        _funds(log)


def _funds(log: Answers) -> None:
    """Mortgage, deposit and grant make up the price that is paid, to the pound."""
    value = round(float(log["value"]), -2)
    log["value"] = f"{value:.0f}"
    share = 100.0
    if log.get("ownershipsch") == 1:
        log["equity"] = f"{int(float(log['equity']))}"
        share = float(log.get("stairbought") or log["equity"])
    elif log.get("discount"):
        cap = 137_000 if str(log.get("la", "")).startswith("E09") else 103_000
        discount = int(min(float(log["discount"]), 100 * cap / value - 1))
        log["discount"] = str(discount)
        share -= discount
    price = round(value * share / 100 - float(log.get("grant") or 0))
    log.pop("cashdis", None)
    if log.get("mortgageused") == 1:
        log["mortgage"] = str(round(price * 0.8))
        log["deposit"] = str(price - round(price * 0.8))
    elif log.get("mortgageused") == 2:
        log["deposit"] = str(price)


def _people(random: Random, year: int, log: Answers) -> None:
    """Persons 2 to 8, in keeping with the drawn size, type and children of the household."""
    size, children = int(log.get("hhmemb") or 1), int(log.pop("totchild", 0) or 0)
    couple = log.pop("hhtype", None) in (2, 4, 6)
    elder = (log.get("age1") or 0) > 66
    sex = "sexrab" if year >= 2026 else "sex"
    for person in range(2, min(size, 8) + 1):
        child = person > size - children
        age = int(random.integers(0, 16) if child else random.integers(18, 64))
        partner = couple and person == 2
        if partner and elder:
            age = int(random.integers(60, 80))
        log |= {
            f"details_known_{person}": 0,
            f"age{person}_known": 0,
            f"age{person}": max(age, 1),
            f"{sex}{person}": "F" if random.random() < 0.5 else "M",
        }
        if year >= 2026:
            log[f"gender_same_as_sex{person}"] = 1
        other = "C" if child and year <= 2024 else "X"
        if year <= 2025 or not child:
            log[f"relat{person}"] = "P" if partner else other
        if not child:
            idle = log.get("benefits") == 1
            work = 5 if age > 66 else int(random.choice([4, 6] if idle else [1, 2, 4, 6]))
            log[f"ecstat{person}"] = work
        elif year <= 2025:
            log[f"ecstat{person}"] = 9
    women = [n for n in range(1, size + 1) if log.get(f"{sex}{n}") == "F"]
    if not women and log.get("preg_occ") == 1:
        log["preg_occ"] = 2


def _answer(random: Random, collection: Collection, log: Answers, variable: Variable) -> Any:
    group, groups = _GROUPED.get(variable.id, ("", {}))
    if log.get(group) is not None:
        offered = {code.code for code in collection.codes(variable.id)}
        within = [c for c, of in groups.items() if of == log[group] and str(c) in offered]
        return within[int(random.integers(len(within)))]
    if variable.id in _USUAL:
        usual = _USUAL[variable.id]
        return usual[int(random.integers(len(usual)))]
    codes = [
        code.code
        for code in collection.codes(variable.id)
        if not (code.is_unknown or code.is_refused or code.other_specify or code.offered_if)
    ]
    if not codes:
        codes = [code.code for code in collection.codes(variable.id) if not code.is_refused]
    if codes:
        chosen = codes[int(random.integers(len(codes)))]
        return int(chosen) if chosen.isdecimal() else chosen
    if variable.kind == "date":
        return log.get("startdate") or log.get("saledate")
    if variable.kind == "checkbox":
        return 1
    if variable.kind in ("integer", "decimal", "money"):
        low = int(variable.minimum or 0)
        return str(max(low, 10)) if variable.kind == "money" else max(low, 1)
    return "Made up"


# Questions in two steps: the first narrows what the second offers.
_GROUPED = {
    "ethnic": ("ethnic_group", ETHNIC_GROUPS),
    "ethnicbuy2": ("ethnic_group2", ETHNIC_GROUPS),
    "referral": ("referral_type", REFERRAL_TYPES),
}
