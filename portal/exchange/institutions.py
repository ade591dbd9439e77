"""Institutions as a table: what an administrator brings, and what may be taken out."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.institution_list import active_by_words
from data_access.institution_names import NameRefused
from data_access.institution_records import ChildrenRemain, change_institution, create_institution
from data_access.institution_relations import RelationRefused, add_relation
from data_access.institutions import (
    AlreadyTaken,
    Institution,
    InstitutionLink,
    by_code,
    in_force,
)
from portal.exchange.kinds import (
    CHANGED,
    NEW,
    SAME,
    Done,
    Kind,
    RowWrong,
    Setting,
    TakenMeanwhile,
)
from portal.institutions.reading import FIELDS, read_institution
from portal.institutions.words import LABELS, shown, state_of
from portal.permissions import may_do, scope
from portal.plain_text import tidy
from portal.tables.reading import Column, Holds
from portal.tables.writing import Cell

CHILDREN = "children"
_ITSELF = ("itself", "self")
_STOCK_NOTE = "A whole number. If the split is not known, put all homes under unspecified kind."
COLUMNS = (
    Column(
        "code",
        "CORE ID",
        "Leave it empty for a new institution: it is given one. With a CORE ID the row changes "
        "that institution.",
    ),
    Column("name", "Name", "200 characters at most.", "Example Homes", needed=True),
    Column("registration_number", LABELS["registration_number"], "", "L9999"),
    Column(
        "provider_type",
        LABELS["provider_type"],
        "LA or PRP, or the words. Needed when it holds stock.",
        "PRP",
    ),
    Column("telephone", LABELS["telephone"], "At least 11 digits.", "01632 960 001"),
    Column("address_line1", LABELS["address_line1"], "", "1 Example Street"),
    Column("address_line2", LABELS["address_line2"]),
    Column("town", LABELS["town"], "", "Exampleton"),
    Column("county", LABELS["county"]),
    Column("postcode", LABELS["postcode"], "", "SW1A 1AA"),
    Column("owns_affordable_rent", LABELS["owns_affordable_rent"], "yes or no", "yes"),
    Column("owns_almshouses", LABELS["owns_almshouses"], "yes or no", "no"),
    Column("holds_stock", LABELS["holds_stock"], "yes or no", "yes"),
    Column(
        "general_needs_stock",
        LABELS["general_needs_stock"],
        _STOCK_NOTE,
        "1200",
        holds=Holds.NUMBER,
    ),
    Column("supported_stock", LABELS["supported_stock"], _STOCK_NOTE, "80", holds=Holds.NUMBER),
    Column("unspecified_stock", LABELS["unspecified_stock"], _STOCK_NOTE, holds=Holds.NUMBER),
    Column(
        "local_authorities",
        LABELS["local_authorities"],
        "Names or codes of local authorities or regions, with semicolons between them.",
        "Leeds; Wakefield",
    ),
    Column(
        "rent_periods",
        LABELS["rent_periods"],
        "Numbers or words of rent periods, with semicolons between them.",
        "1; 3",
    ),
    Column(
        CHILDREN,
        "Managed by",
        "CORE IDs or names of the institutions that manage its homes (its children), with "
        "semicolons between them; “itself” if it does. Each that is not its child yet becomes one "
        "today. Nothing here ends a relation.",
        "itself",
    ),
)


def _texts_of(institution: Institution, children: Sequence[str]) -> dict[str, str]:
    """A stored institution as an export has it."""
    texts = {name: shown(name, getattr(institution, name)) for name in FIELDS}
    for name in ("general_needs_stock", "supported_stock", "unspecified_stock"):
        value = getattr(institution, name)
        texts[name] = "" if value is None else str(value)
    own = ["itself" if code == institution.code else code for code in children]
    texts |= {"code": institution.code, CHILDREN: "; ".join(own)}
    return {column.name: texts[column.name] for column in COLUMNS}


def begin(setting: Setting) -> Any:
    """Makes what takes in the rows of one file."""
    return lambda values: _take(setting, values)


def _take(setting: Setting, values: Mapping[str, str]) -> Done:
    code = tidy(values.get("code", ""))
    if not code:
        return _create(setting, values)
    institution = by_code(setting.db, code)
    if institution is None or not may_do(setting.db, setting.by, "institution.change", institution):
        raise RowWrong(
            {"code": f"No institution has the CORE ID {code[:40]}. Leave it empty to create one"}
        )
    return _change(setting, institution, {name: text for name, text in values.items() if text})


def _create(setting: Setting, values: Mapping[str, str]) -> Done:
    db, by = setting.db, setting.by
    columns, errors = read_institution(db, values, setting.day)
    children, wrong = _read_children(db, values.get(CHILDREN, ""), None)
    if not wrong and children and "holds_stock" not in errors and not columns.get("holds_stock"):
        wrong = "It holds no stock, so nobody can manage homes for it. Leave this empty"
    if wrong:
        errors[CHILDREN] = wrong
    if errors:
        raise RowWrong(_by_column(errors))
    first, *others = children or [None]
    try:
        institution = create_institution(db, by.id, columns, setting.day, first)
    except AlreadyTaken as taken:
        raise TakenMeanwhile from taken
    for child in others:
        add_relation(db, by.id, institution, child or institution, (None, None))
    changes = [
        (LABELS[name], "", text) for name in FIELDS if (text := shown(name, columns.get(name)))
    ]
    return Done(NEW, institution.name, f"/institutions/{institution.id}", changes)


def _change(setting: Setting, institution: Institution, given: Mapping[str, str]) -> Done:
    db, by, day = setting.db, setting.by, setting.day
    name, address = institution.name, f"/institutions/{institution.id}"
    present = _children_of(db, [institution.id], day).get(institution.id, [])
    stored = _texts_of(institution, present)
    differing = {key: text for key, text in given.items() if tidy(text) != tidy(stored[key])}
    differing.pop("code", None)
    if not differing:
        return Done(SAME, name, address)
    if institution.merged_into_id is not None:
        into = db.get_one(Institution, institution.merged_into_id)
        raise RowWrong(
            {"code": f"{name} was merged into {into.name} ({into.code}). Change that one"}
        )
    columns, errors = read_institution(db, differing, day, institution)
    children, wrong = _read_children(db, differing.get(CHILDREN, ""), institution, present)
    if wrong:
        errors[CHILDREN] = wrong
    if errors:
        raise RowWrong(_by_column(errors))
    try:
        made = change_institution(db, by.id, institution, institution.version, columns, day)
        added = [
            child
            for child in (child or institution for child in children)
            if child.code not in _children_of(db, [institution.id], day).get(institution.id, [])
        ]
        for child in added:
            add_relation(db, by.id, institution, child, (day, None))
    except AlreadyTaken as taken:
        raise TakenMeanwhile from taken
    except (ChildrenRemain, RelationRefused, NameRefused) as refused:
        field = {ChildrenRemain: "holds_stock", NameRefused: "name"}.get(type(refused), CHILDREN)
        raise RowWrong({field: str(refused)}) from refused
    changes = [
        (LABELS.get(column, column), shown(column, before), shown(column, after))
        for column, (before, after) in made.items()
    ]
    if added:
        before = "; ".join(present)
        changes.append(("Managed by", before, "; ".join([*present, *(c.code for c in added)])))
    return Done(CHANGED if changes else SAME, institution.name, address, changes)


def _by_column(errors: Mapping[str, str]) -> dict[str, str]:
    return {column.name: errors[column.name] for column in COLUMNS if column.name in errors}


def _read_children(
    db: Session, text: str, institution: Institution | None, present: Sequence[str] = ()
) -> tuple[list[Institution | None], str]:
    """The institutions named that are not children already; None stands for itself."""
    found: dict[int, Institution | None] = {}
    named: set[str] = set()
    own = {institution.code.lower(), institution.name.lower()} if institution else set()
    for part in re.split(r"[;|\r\n]", text):
        words = tidy(part)
        if not words:
            continue
        plain = "itself" if words.lower() in (*_ITSELF, *own) else words.lower()
        if plain in named:
            return [], f"{words[:60]} stands here twice. Name each institution once"
        named.add(plain)
        if plain == "itself":
            if institution is None or institution.code not in present:
                found[0] = None
            continue
        if words.upper() in present:
            continue
        child = active_by_words(db, words)
        if child is None:
            return [], (
                f"No active institution has the CORE ID or name {words[:60]}. Use a CORE ID such "
                "as ORG12, and semicolons between several"
            )
        if child.id in found:
            return [], f"{child.name} stands here twice. Name each institution once"
        if child.code not in present:
            found[child.id] = child
    return list(found.values()), ""


def _children_of(db: Session, owners: Sequence[int], day: date) -> dict[int, list[str]]:
    """CORE IDs of who manages the homes of each owner on a day, in the order of the codes."""
    query = (
        select(InstitutionLink.owner_id, Institution.code)
        .join(Institution, Institution.id == InstitutionLink.manager_id)
        .where(in_force(day))
        .order_by(func.length(Institution.code), Institution.code)
    )
    if len(owners) == 1:
        query = query.where(InstitutionLink.owner_id == owners[0])
    found: dict[int, list[str]] = {}
    for owner, code in db.execute(query):
        if code not in found.setdefault(owner, []):
            found[owner].append(code)
    return found


def rows(db: Session, person: Person, day: date) -> list[list[Cell]]:
    """Every institution that a person may see, by CORE ID."""
    query = (
        select(Institution)
        .where(scope(person, "institution.view"))
        .order_by(func.length(Institution.code), Institution.code)
    )
    institutions = list(db.scalars(query))
    codes = {institution.id: institution.code for institution in institutions}
    children = _children_of(db, list(codes), day)
    return [
        [
            *_texts_of(institution, children.get(institution.id, [])).values(),
            state_of(institution),
            codes.get(institution.merged_into_id or 0, ""),
            institution.data_sharing_signed,
        ]
        for institution in institutions
    ]


INSTITUTIONS = Kind(
    name="institutions",
    title="Institutions",
    one="institution",
    several="institutions",
    columns=COLUMNS,
    informing=("Status", "Merged into", "Data Sharing Agreement signed"),
    explanations=(
        "A row without a CORE ID creates an institution; a row with one changes that institution.",
        "In a row that changes an institution, an empty cell leaves what is there as it is. To "
        "empty something, change the institution on its own page.",
        "No CORE ID or registration number may stand in two rows.",
        "A new stock holder manages its own homes unless the column “Managed by” names others.",
    ),
    begin=begin,
    rows=rows,
    once=("code", "registration_number"),
)
