"""The record of an institution: its sections, read by everybody concerned."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.agreement_cover import covering
from data_access.clock import now
from data_access.institution_names import Named, names_of
from data_access.institution_relations import Related, children_of, parents_of, time_in_words
from data_access.institutions import PROVIDER_TYPES
from data_access.mistake_reports import reports
from portal.history import in_words as instant
from portal.institutions.changes import changes_of
from portal.institutions.frame import Subject, address_of, record_page, subject, viewable
from portal.institutions.words import areas_by_region, period_names
from portal.permissions import may, may_do, require, scope
from portal.sessions import Database, SignedIn
from submission.windows import day_before, in_words

router = APIRouter()
# For so long the answer to a report stands on the record itself, and then with all reports only.
ANSWER_IS_NEWS = timedelta(days=30)


@router.get("/institution")
def own_institution(person: SignedIn) -> Response:
    """The record of the institution acted for; whoever acts for none finds all of them."""
    if person.institution_id is not None:
        return RedirectResponse(address_of(person.institution_id), 303)
    require(person, "institution.list")
    return RedirectResponse("/institutions", 303)


@router.get("/institutions/{identifier:int}")
def details_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """The details, and the newest answer to a report of this person."""
    found = subject(request, db, person, identifier)
    institution = found.institution
    mine = [
        report
        for report, _, reporter in (
            reports(db, scope(person, "mistake.view"), True, institution.id)
            if may(person, "institution.report_mistake")
            else []
        )
        if reporter.id == person.id
        and report.closed_at is not None
        and report.closed_at > now() - ANSWER_IS_NEWS
    ]
    return record_page(
        request,
        db,
        found,
        "institutions/details.html",
        "",
        done=done,
        provider_type=PROVIDER_TYPES.get(institution.provider_type, ""),
        available_from=in_words(institution.available_from) if institution.available_from else "",
        answered=mine[0] if mine else None,
        may_deactivate=may(person, "institution.deactivate"),
        covered_by=covering(db, institution),
        may_see_agreement=may_do(db, person, "agreement.view", institution),
        links=_links(found),
    )


def _links(found: Subject) -> list[tuple[str, str, str]]:
    """Where its users and schemes are, for its own people and for those who see all."""
    person, number = found.person, found.institution.id
    sees_all = may(person, "institution.list")
    if not (found.is_own or sees_all):
        return []
    pages = (
        ("user.list", "/people", "institution", "People", "users and invitations"),
        (
            "scheme.view",
            "/schemes",
            "owner",
            "Schemes",
            "management groups, schemes and locations",
        ),
    )
    return [
        (f"{address}?{field}={number}" if sees_all else address, label, words)
        for action, address, field, label, words in pages
        if may(person, action)
    ]


@router.get("/institutions/{identifier:int}/areas")
def areas_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """The local authorities covered, by region."""
    found = subject(request, db, person, identifier)
    covered = set(found.institution.local_authorities)
    known = {code for _, _, places in areas_by_region() for code, _ in places}
    groups = [
        (name, [words for code, words in places if code in covered], len(places))
        for _, name, places in areas_by_region()
    ]
    groups.append(("No longer in force", sorted(covered - known), 0))
    return record_page(
        request,
        db,
        found,
        "institutions/areas.html",
        "/areas",
        done=done,
        groups=[group for group in groups if group[1]],
        covered=len(covered),
    )


@router.get("/institutions/{identifier:int}/rent-periods")
def periods_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """The rent periods of the homes that it lets or manages."""
    found = subject(request, db, person, identifier)
    return record_page(
        request,
        db,
        found,
        "institutions/periods.html",
        "/rent-periods",
        done=done,
        periods=period_names(found.institution.rent_periods),
    )


@router.get("/institutions/{identifier:int}/relations")
def relations_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """Who manages its homes, and whose homes it manages; present, to come, and over."""
    found = subject(request, db, person, identifier)
    children = children_of(db, found.institution.id)
    parents = parents_of(db, found.institution.id)
    open_to = viewable(db, person, {one.other.id for one in children + parents})
    return record_page(
        request,
        db,
        found,
        "institutions/relations.html",
        "/relations",
        done=done,
        children=[_shown(one, found, open_to) for one in children],
        parents=[_shown(one, found, open_to) for one in parents],
    )


def _shown(one: Related, found: Subject, open_to: set[int]) -> dict[str, object]:
    link = one.link
    begins = link.starts_on is not None and link.starts_on > found.day
    return {
        "link": link,
        "other": one.other,
        "itself": one.is_with_itself,
        "address": address_of(one.other.id)
        if one.other.id in open_to and not one.is_with_itself
        else "",
        "first": in_words(link.starts_on) if link.starts_on else "No first day",
        "last": in_words(link.ends_on) if link.ends_on else "until further notice",
        "time": time_in_words((link.starts_on, link.ends_on)),
        "state": "over" if one.is_over(found.day) else "to come" if begins else "in force",
    }


@router.get("/institutions/{identifier:int}/names")
def names_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """The present name, former ones, and those that begin later."""
    found = subject(request, db, person, identifier)
    names = names_of(db, found.institution)
    return record_page(
        request,
        db,
        found,
        "institutions/names.html",
        "/names",
        done=done,
        names=[_name(named, found) for named in reversed(names) if _was_ever_in_use(named)],
    )


def _was_ever_in_use(named: Named) -> bool:
    """Of two names from one day the first was in use for no day."""
    return named.first is None or named.first != named.until


def _name(named: Named, found: Subject) -> dict[str, object]:
    begun = named.first is None or named.first <= found.day
    waits = begun and named.row is not None and not named.row.applied
    over = named.until is not None and named.until <= found.day
    return {
        "name": named.name,
        "id": named.row.id if named.row is not None else 0,
        "first": in_words(named.first) if named.first else "No first day",
        "last": in_words(day_before(named.until)) if named.until else "until further notice",
        "state": "waits"
        if waits
        else "scheduled"
        if not begun
        else "former"
        if over
        else "present",
    }


@router.get("/institutions/{identifier:int}/history")
def history_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Every change of the record: who, when, from what to what."""
    found = subject(request, db, person, identifier, "institution.history")
    return record_page(
        request,
        db,
        found,
        "institutions/history.html",
        "/history",
        events=changes_of(db, found.institution),
        created=instant(found.institution.created_at),
    )
