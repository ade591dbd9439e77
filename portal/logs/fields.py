"""What a page of a log's form shows: its fields, with what was given and what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from data_access.accounts import Account, Person
from data_access.institution_names import name_on
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.scheme_states import (
    NOT_IN_USE,
    location_state_on,
    records_of,
    scheme_state_on,
)
from data_access.schemes import Location, Scheme
from submission.collection import Collection, Page, Placement
from submission.reach import (
    no_figure_in_words,
    owners_without_figure,
    possible_managers,
    possible_owners,
    possible_people,
    possible_schemes,
)

# More answers than these are easier to find in a list that a key press searches.
MOST_RADIOS = 12
_CONDITION = re.compile(r"(\w+) (?:= (\w+)|IN \(([^)]*)\))$")


@dataclass
class Field:
    """One question of a page. `kind`: radios, select, checkbox, date, whole, money or text.

    `shown_for` names the field and the codes with which this one is asked, when it follows from an
    answer of the same page.
    """

    name: str
    label: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    unit: str = ""
    hint: str = ""
    errors: list[str] = field(default_factory=list)
    shown_for: tuple[str, frozenset[str]] | None = None
    followers: dict[str, list["Field"]] = field(default_factory=dict)

    @property
    def date_parts(self) -> tuple[str, str, str]:
        """Day, month and year as they were typed."""
        iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", self.value)
        if iso:
            return str(int(iso[3])), str(int(iso[2])), iso[1]
        parts = [*self.value.split(" "), "", "", ""]
        return parts[0], parts[1], parts[2]


def is_asked_for(page: Page) -> bool:
    """Whether the page asks something itself, rather than to confirm an unusual answer."""
    return any(not placement.variable.endswith("_check") for placement in page.placements)


def page_title(collection: Collection, page: Page) -> str:
    """A heading: the question, or what the questions have in common."""
    labels = [collection.variables[placement.variable].label for placement in page.placements]
    if len(labels) == 1:
        return labels[0]
    topics = {label.split(":", 1)[0] for label in labels if ":" in label}
    if len(topics) == 1 and all(":" in label for label in labels):
        return topics.pop()
    return page.slug.replace("_", " ").capitalize()


def fields_of_page(
    db: Session,
    account: Person,
    log: Log,
    collection: Collection,
    page: Page,
    given: Mapping[str, str],
    errors: Mapping[str, list[str]],
    day: date,
) -> list[Field]:
    """The fields of a page, with those that follow from an answer under the answer's field.

    Lists hold what can be chosen on the day of the letting or sale, while there is none on `day`.
    """
    on = log.event_date or day
    title = page_title(collection, page)
    made: dict[str, Field] = {}
    for placement in page.placements:
        name = placement.variable
        variable = collection.variables[name]
        value = given.get(name, str(log.entered.get(name, log.answers.get(name, ""))))
        options = _options(db, account, log, collection, placement, on)
        label = variable.label
        if variable.label.startswith(f"{title}: "):
            rest = variable.label.removeprefix(f"{title}: ")
            label = rest[:1].upper() + rest[1:]
        kind = {"integer": "whole", "decimal": "money", "money": "money", "date": "date"}.get(
            variable.kind, "text"
        )
        if variable.kind == "checkbox":
            kind = "checkbox"
        elif options or name.endswith("_id"):
            is_list = len(options) > MOST_RADIOS or variable.kind == "lookup"
            kind = "select" if is_list else "radios"
        made[name] = Field(
            name,
            label,
            kind,
            value,
            options,
            _unit(variable.unit),
            _no_figure(db, account, on)
            if name == "owning_organisation_id"
            else _hint(kind, variable.optional),
            list(errors.get(name, ())),
            shown_for(placement, {other.variable for other in page.placements}),
        )
    return _nested(made)


def _nested(fields: Mapping[str, Field]) -> list[Field]:
    shown = []
    for one in fields.values():
        under = fields.get(one.shown_for[0]) if one.shown_for else None
        if under is None or under.kind != "radios" or one.shown_for is None:
            shown.append(one)
            continue
        codes = [code for code, _ in under.options if code in one.shown_for[1]]
        if codes:
            under.followers.setdefault(codes[0], []).append(one)
    return shown


def shown_for(placement: Placement, beside: set[str]) -> tuple[str, frozenset[str]] | None:
    """The variable beside this one, and its codes, that this question follows from; else None."""
    found = _CONDITION.search(placement.asked_if)
    if found is None or found[1] not in beside or found[1] == placement.variable:
        return None
    codes = found[2] or found[3].replace(" ", "")
    return found[1], frozenset(codes.split(","))


def _unit(unit: str) -> str:
    return "" if unit.startswith("GBP") else unit


def _hint(kind: str, optional: bool) -> str:
    words = {"date": "For example, 27 6 2026", "money": "In pounds, for example 101.50"}.get(
        kind, ""
    )
    if optional and kind != "checkbox":
        return f"{words}. You may leave this empty" if words else "You may leave this empty"
    return words


def _no_figure(db: Session, account: Person, day: date) -> str:
    """Why an owner that somebody may look for is not in the list."""
    lacking = owners_without_figure(db, account, day)
    return no_figure_in_words(owner.name for owner in lacking) if lacking else ""


def _options(
    db: Session,
    account: Person,
    log: Log,
    collection: Collection,
    placement: Placement,
    day: date,
) -> list[tuple[str, str]]:
    name = placement.variable
    owner = log.owning_institution_id
    within = {number for number in (owner, log.managing_institution_id) if number is not None}
    if name == "owning_organisation_id":
        return [(str(found.id), found.name) for found in possible_owners(db, account, day)]
    if name == "managing_organisation_id":
        if owner is None:
            return []
        found = possible_managers(db, account, owner, day)
        return [(str(one.id), one.name) for one in found]
    if name == "assigned_to_id":
        return [(str(found.id), found.name) for found in possible_people(db, within)]
    if name == "scheme_id":
        return _schemes(db, log, day) if owner is not None else []
    if name == "location_id":
        scheme = log.answers.get("scheme_id")
        return _locations(db, scheme, log, day) if isinstance(scheme, int) else []
    labels = {code.code: code.label for code in collection.codes(name)}
    if collection.variables[name].kind == "checkbox":
        return []
    codes = placement.options or tuple(labels)
    return [(code, labels[code]) for code in codes if code in labels]


def _schemes(db: Session, log: Log, day: date) -> list[tuple[str, str]]:
    """The owner's approved schemes that can be let on a day, and the one that the log has."""
    records = records_of(db, possible_schemes(db, {log.owning_institution_id or 0}))
    return [
        (str(record.scheme.id), f"{record.scheme.code}: {record.scheme.name}")
        for record in records
        if scheme_state_on(record, day) not in NOT_IN_USE
        or record.scheme.id == log.answers.get("scheme_id")
    ]


def _locations(db: Session, scheme_id: int, log: Log, day: date) -> list[tuple[str, str]]:
    """Its locations that can be let on a day, and the one that the log has."""
    scheme = db.get(Scheme, scheme_id)
    if scheme is None:
        return []
    [record] = records_of(db, [scheme])
    return [
        (str(place.id), _location_label(scheme, place))
        for place in record.locations
        if location_state_on(record, place, day) not in NOT_IN_USE
        or place.id == log.answers.get("location_id")
    ]


def _location_label(scheme: Scheme, place: Location) -> str:
    """Postcode and name; of a confidential scheme the name and number alone."""
    if scheme.confidential:
        return f"{place.name or 'Location'} ({place.id})"
    return f"{place.postcode}, {place.name}" if place.name else place.postcode


_NAMED_AT_THEIR_DAY = ("owning_organisation_id", "managing_organisation_id")


def display(
    db: Session, collection: Collection, name: str, value: Any, day: date | None = None
) -> str:
    """An answer in words; an institution by the name that it had on the day, when there is one."""
    if value is None or value == "":
        return ""
    if name in _NAMED_AT_THEIR_DAY and day is not None and isinstance(value, int):
        return name_on(db, value, day) or str(value)
    records = {
        "owning_organisation_id": Institution,
        "managing_organisation_id": Institution,
        "assigned_to_id": Account,
        "scheme_id": Scheme,
        "location_id": Location,
    }
    if name in records:
        found = db.get(records[name], value) if isinstance(value, int) else None
        words = getattr(found, "name", None) or getattr(found, "postcode", None)
        return str(words or value)
    variable = collection.variables[name]
    for code in collection.codes(name):
        if code.code == str(value):
            return code.label
    if variable.kind == "checkbox":
        return "Yes" if str(value) == "1" else "No"
    if variable.kind == "money":
        return f"£{Decimal(str(value)):,.2f}"
    if variable.kind == "date":
        day = date.fromisoformat(str(value))
        return f"{day.day} {day:%B %Y}"
    return str(value)
