"""Made-up institutions and accounts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from data_access.accounts import (
    DATA_PROTECTION_OFFICER,
    Account,
    ManagedProvider,
    Membership,
    hash_password,
)
from data_access.institutions import Institution, InstitutionLink
from data_access.reference.local_authorities import local_authorities, regions
from data_access.reference.postcodes import default_store
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme
from portal.demonstration.agreements import add_signatures
from portal.demonstration.waiting import add_what_waits
from submission.context import context_row

# Shown on the sign-in page of a demonstration, and used nowhere else.
PASSWORD = "Demonstration-2026!"  # noqa: S105
ACCOUNTS = {
    "admin": ("administrator", "Ada Administrator"),
    "statistician": ("statistician", "Sam Statistician"),
    "coordinator": ("coordinator", "Chris Co-ordinator"),
    "provider": ("provider", "Pat Provider"),
    # A second person, who approves the releases that the statistician has built.
    "reviewer": ("statistician", "Robin Reviewer"),
}
COUNCILS = 45
LANDLORDS = 105
# What an administrator finds to do: owners that have not signed the agreement, and one that shows
# no stock figure. None of them has logs.
UNSIGNED = frozenset([101, 102, 103])
WITHOUT_FIGURE = 104
# The institution of the accounts above, and one that manages homes for it.
HOME = 1
CHILD = 5
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
                **_details(number, covered[number % len(covered)]),
                owns_affordable_rent=number % 4 != 0,
                owns_almshouses=number % 15 == 3,
                holds_stock=_holds_stock(number),
                **_stock(random, number),
                rent_periods=every_period if number == HOME else [1, 2, 3, 4, 7, 10],
                local_authorities=covered,
                data_sharing_signed=number not in UNSIGNED,
            )
        )
        if institutions[-1].holds_stock and number not in {*UNSIGNED, WITHOUT_FIGURE}:
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
                **_details(number, str(code)),
                owns_affordable_rent=number % 3 == 0,
                holds_stock=True,
                general_needs_stock=int(random.integers(1_000, 25_000)),
                supported_stock=int(random.integers(0, 1_500)),
                rent_periods=[1, 2, 3, 4, 7, 10],
                local_authorities=[str(code)],
                data_sharing_signed=True,
            )
        )
    db.add_all(institutions)
    db.flush()
    # Institutions without stock, and every third with it, also manage for a stock owner.
    for institution in institutions:
        if institution.holds_stock:
            db.add(InstitutionLink(owner_id=institution.id, manager_id=institution.id))
        if not institution.holds_stock or institution.id % 3 == 0:
            owners = [n for numbers in by_region.values() for n in numbers if n != institution.id]
            owner = HOME if institution.id == CHILD else int(random.choice(owners))
            db.add(InstitutionLink(owner_id=owner, manager_id=institution.id))
    providers = _accounts(db, institutions)
    add_signatures(db, institutions)
    schemes = _schemes(db, institutions, random)
    add_what_waits(db, HOME)
    context = {
        institution.id: context_row(institution, institution, 1) for institution in institutions
    }
    return Landlords(councils, by_region, providers, schemes, context)


def _details(number: int, area: str) -> dict[str, Any]:
    """Telephone and address; the numbers are those kept for made-up people."""
    return {
        "telephone": f"01632 960 {number:03d}",
        "address_line1": f"{number} High Street",
        "town": local_authorities()[area].name,
        "postcode": default_store().first_of(area),
    }


def _holds_stock(number: int) -> bool:
    return number % 10 != 5


def _stock(random: np.random.Generator, number: int) -> dict[str, int | None]:
    if not _holds_stock(number):
        return {}
    general, supported = int(random.integers(300, 30_000)), int(random.integers(0, 3_000))
    if number == WITHOUT_FIGURE:
        general = supported = 0
    if number % 10 == 4:
        # The split is not known: all of it is unspecified.
        return {"unspecified_stock": general + supported}
    return {"general_needs_stock": general, "supported_stock": supported}


def _accounts(db: Session, institutions: list[Institution]) -> dict[int, int]:
    hashed = hash_password(PASSWORD)
    providers: dict[int, int] = {}
    coordinators: dict[int, int] = {}
    for user_name, (role, name) in ACCOUNTS.items():
        account = Account(
            user_name=user_name,
            email=f"{user_name}@example.com",
            name=name,
            password_hash=hashed,
            role=role,
            institution_id=HOME if role in ("coordinator", "provider") else None,
        )
        db.add(account)
        db.flush()
        if user_name == "provider":
            providers[HOME] = account.id
        if user_name == "coordinator":
            coordinators[HOME] = account.id
    support = Account(
        user_name="support",
        email="support@example.com",
        name="Sky Support",
        telephone="01632 960 201",
        contact_priority=DATA_PROTECTION_OFFICER,
        password_hash=hashed,
        role="provider",
        institution_id=HOME,
    )
    db.add(support)
    db.flush()
    for institution in institutions[1:]:
        for role in ("coordinator", "provider"):
            account = Account(
                user_name=f"{role}{institution.id}",
                email=f"{role}{institution.id}@example.com",
                name=f"{role.capitalize()} {institution.id} (made up)",
                password_hash=hashed,
                telephone=f"01632 960 {institution.id:03d}",
                contact_priority=_priority(institution.id, role),
                role=role,
                institution_id=institution.id,
            )
            db.add(account)
            db.flush()
            (providers if role == "provider" else coordinators)[institution.id] = account.id
    managed = [(number, coordinators[number], providers[number]) for number in coordinators]
    managed += [(HOME, coordinators[HOME], number) for number in (support.id, providers[CHILD])]
    db.add_all(
        ManagedProvider(institution_id=where, coordinator_id=by, provider_id=whom)
        for where, by, whom in managed
    )
    # One person who works for two institutions.
    db.add(Membership(account_id=providers[2], institution_id=3, role="coordinator"))
    return providers


def _priority(institution_id: int, role: str) -> str:
    if role == "provider":
        return "None"
    return "eCORE contact" if institution_id in UNSIGNED else DATA_PROTECTION_OFFICER


def _schemes(
    db: Session, institutions: list[Institution], random: np.random.Generator
) -> dict[int, list[int]]:
    store = default_store()
    found: dict[int, list[int]] = {}
    for institution in institutions:
        if not institution.holds_stock:
            continue
        group = ManagementGroup(
            code=f"G{institution.id}",
            owner_id=institution.id,
            name="Supported housing (made up)",
            arrangement_type="D",
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
                scheme_type="6",
                registered_care="1",
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
                    name=f"{number} Mill Lane",
                    postcode=store.first_of(area),
                    local_authority=area,
                    units=int(random.integers(4, 60)),
                    type_of_unit="1",
                    mobility_type="N",
                )
            )
            found.setdefault(institution.id, []).append(scheme.id)
    return found
