"""Changing one section of an institution's record, by administrators."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.institution_records import ChildrenRemain, change_institution
from data_access.institution_relations import RelationRefused
from data_access.institutions import AlreadyTaken, Institution
from data_access.versions import ChangedMeanwhile
from portal.forms import Posted, PostedLists
from portal.institutions.frame import Subject, private, subject, version_in
from portal.institutions.reading import DETAILS, read_institution
from portal.institutions.record_form import first_child_in, form_context, texts_of, typed_texts
from portal.institutions.words import LABELS, shown
from portal.layout.pages import render
from portal.sessions import Database, SignedIn

router = APIRouter(prefix="/institutions/{identifier:int}/change")


@dataclass(frozen=True)
class Section:
    """Fields that are changed together; `tab` is the page that shows them."""

    name: str
    title: str
    tab: str
    fields: tuple[str, ...]


SECTIONS = {
    section.name: section
    for section in (
        Section("details", "Change the details", "", DETAILS),
        Section("areas", "Change the local authorities", "/areas", ("local_authorities",)),
        Section("periods", "Change the rent periods", "/rent-periods", ("rent_periods",)),
    )
}
_NOT_KNOWN = object()


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise HTTPException(404)
    return SECTIONS[name]


def _values(institution: Institution, section: Section) -> dict[str, Any]:
    return {name: getattr(institution, name) for name in section.fields}


@router.get("/{name}")
def change_form(
    request: Request, db: Database, person: SignedIn, identifier: int, name: str
) -> Response:
    """The form of a section with what is saved."""
    found = subject(request, db, person, identifier, "institution.change")
    section = _section(name)
    values = _values(found.institution, section)
    return _form(request, db, found, section, texts_of(values), values, {})


@router.post("/{name}")
def change_page(
    request: Request,
    db: Database,
    person: SignedIn,
    identifier: int,
    name: str,
    posted: Posted,
    lists: PostedLists,
) -> Response:
    """Saves a section, or says what is wrong, or what somebody else saved meanwhile."""
    found = subject(request, db, person, identifier, "institution.change")
    section, institution = _section(name), found.institution
    texts = typed_texts(posted, lists, section.fields)
    was = _opened(posted)
    values, errors = read_institution(db, texts, found.day, institution)
    child, wrong = first_child_in(
        db, posted, values.get("holds_stock") and not institution.holds_stock
    )
    if wrong:
        errors["first_child"] = wrong
    if not errors:
        version = version_in(posted)
        if version != institution.version:
            values, differences = _together(institution, section, values, was)
            if differences:
                return _conflict(request, db, found, section, values, posted, differences)
            version = institution.version
        try:
            changes = change_institution(
                db, person.id, institution, version, values, found.day, child
            )
            db.commit()
        except ChangedMeanwhile:
            values, differences = _together(institution, section, values, was)
            return _conflict(request, db, found, section, values, posted, differences)
        except AlreadyTaken as taken:
            errors = {taken.field: str(taken)}
        except ChildrenRemain as remaining:
            errors = {"holds_stock": str(remaining)}
        except RelationRefused as refused:
            errors = {"first_child": str(refused)}
        else:
            done = "changed" if changes else "unchanged"
            return RedirectResponse(f"{found.address}{section.tab}?done={done}", 303)
        db.rollback()
    return _form(request, db, found, section, texts, was, errors, posted, 422)


def _opened(posted: Mapping[str, str]) -> dict[str, Any]:
    """What the section held when the form was opened; what is not said counts as not known."""
    try:
        found = json.loads(posted.get("was", ""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _together(
    institution: Institution, section: Section, mine: dict[str, Any], was: dict[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Both persons' changes, when somebody else saved the record after this form was opened.

    Also rows of label, saved now and this person's, for the fields that both changed: there the
    values are this person's. A field that only one of the two changed is nobody's quarrel.
    """
    theirs = _values(institution, section)
    kept = {
        name: theirs[name]
        if name not in mine or mine[name] == was.get(name, _NOT_KNOWN)
        else mine[name]
        for name in section.fields
    }
    differences = [
        (LABELS[name], shown(name, theirs[name]), shown(name, kept[name]))
        for name in section.fields
        if kept[name] != theirs[name] and was.get(name, _NOT_KNOWN) != theirs[name]
    ]
    return kept, differences


def _conflict(
    request: Request,
    db: Database,
    found: Subject,
    section: Section,
    values: dict[str, Any],
    posted: Mapping[str, str],
    differences: list[tuple[str, str, str]],
) -> Response:
    saved = _values(found.institution, section)
    texts = texts_of(values)
    return _form(
        request, db, found, section, texts, saved, {}, posted, 409, differences=differences
    )


def _form(
    request: Request,
    db: Database,
    found: Subject,
    section: Section,
    texts: dict[str, str],
    was: dict[str, Any],
    errors: dict[str, str],
    posted: Mapping[str, str] | None = None,
    status: int = 200,
    differences: list[tuple[str, str, str]] | None = None,
) -> Response:
    posted = posted or {}
    ordered = {name: errors[name] for name in (*section.fields, "first_child") if name in errors}
    return private(
        render(
            request,
            "institutions/change.html",
            status,
            subject=found,
            institution=found.institution,
            section=section,
            back=f"{found.address}{section.tab}",
            # After a conflict the form stands on what is saved now.
            version=posted.get("version", "") if status == 422 else found.institution.version,
            was=json.dumps(was, separators=(",", ":")),
            differences=differences or [],
            asks_for_child=not found.institution.holds_stock,
            managed_by=posted.get("managed_by", "itself"),
            first_child=posted.get("first_child", ""),
            **form_context(db, texts, ordered),
        )
    )
