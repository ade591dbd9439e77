"""A scheme: made, looked at with what is left to do, changed, sent for approval."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Account, Person
from data_access.scheme_changes import (
    Incomplete,
    Lacking,
    NameTaken,
    NotInThisState,
    change_scheme,
    create_scheme,
    submit_scheme,
)
from data_access.scheme_codes import SCHEME_CODES, YES_OR_NO
from data_access.scheme_states import SchemeRecord
from data_access.schemes import (
    APPROVED,
    DRAFT,
    REFUSED,
    SUBMITTED,
    Location,
    ManagementGroup,
    Scheme,
)
from data_access.versions import ChangedMeanwhile
from portal.forms import Posted
from portal.history import history_of, in_words
from portal.permissions import find, may, may_do, require
from portal.schemes.answering import (
    day_of,
    find_record,
    group_of,
    number_of,
    private_page,
    sees_postcodes,
)
from portal.schemes.reading import read_scheme
from portal.schemes.tabs import tabs_of
from portal.schemes.words import (
    LOCATION_LABELS,
    SCHEME_LABELS,
    details,
    history_labels,
    location_name,
    location_tag,
    scheme_details,
    scheme_tag,
    show_values,
    value_in_words,
    what_lacks,
)
from portal.sessions import Database, SignedIn

router = APIRouter()
FIELDS = ("name", "confidential", *SCHEME_CODES)
TAKEN = "The group has a scheme of this name already. Choose another name"
_DONE = {
    "made": "The scheme is made. Add what is missing, then send it for approval.",
    "saved": "Saved. The changes apply from now on.",
    "sent": "The scheme is sent for approval. You will get an e-mail when it is decided.",
    "location": "The location is saved.",
    "removed": "The location is removed.",
}
_ONLY_ONCE = "This scheme has been sent for approval already, or is approved."
_HISTORY = {
    "scheme_made": "Made the scheme",
    "scheme_changed": "Changed the scheme",
    "scheme_submitted": "Sent the scheme for approval",
    "scheme_approved": "Approved the scheme",
    "scheme_refused": "Refused the scheme",
    "location_added": "Added a location",
    "location_changed": "Changed a location",
    "location_removed": "Removed a location",
    "scheme_deactivated": "Deactivated the scheme",
    "scheme_reactivated": "Reactivated the scheme",
    "deactivation_cancelled": "Cancelled a deactivation of the scheme",
    "location_deactivated": "Deactivated a location",
    "location_reactivated": "Reactivated a location",
    "location_deactivation_cancelled": "Cancelled a deactivation of a location",
    "scheme_continued": "Made the scheme in a merger of institutions",
    "scheme_ended_by_merger": "Ended the scheme in a merger of institutions",
    "scheme_moved_by_merger": "Moved the scheme in a merger of institutions",
}


@router.get("/schemes/groups/{group_id}/schemes/new")
def new_scheme_page(
    request: Request, db: Database, person: SignedIn, group_id: int, copy: str = ""
) -> Response:
    """The form for a new scheme in a group; with `copy`, filled in like another scheme of it."""
    require(person, "group.create")
    group: ManagementGroup = find(db, person, "group.change", group_id)
    typed = dict.fromkeys(FIELDS, "")
    if copy:
        like: Scheme = find(db, person, "scheme.change", number_of(copy))
        typed = _texts(like) | {"name": ""}
    return _form(request, group, None, typed, is_copy=bool(copy))


@router.post("/schemes/groups/{group_id}/schemes/new")
def create_scheme_page(
    request: Request, db: Database, person: SignedIn, group_id: int, posted: Posted
) -> Response:
    """Makes a draft, or says what is wrong. What is left open can be filled in later."""
    require(person, "group.create")
    group: ManagementGroup = find(db, person, "group.change", group_id)
    typed = {name: posted.get(name, "") for name in FIELDS}
    values, errors = read_scheme(typed, complete=False)
    if errors:
        return _form(request, group, None, typed, 422, errors=errors)
    try:
        scheme = create_scheme(db, person.id, group, values)
    except NameTaken:
        db.rollback()
        return _form(request, group, None, typed, 422, errors={"name": TAKEN})
    db.commit()
    return RedirectResponse(f"/schemes/{scheme.id}?done=made", 303)


@router.get("/schemes/{scheme_id}")
def scheme_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, done: str = ""
) -> Response:
    """A scheme with its locations and what is left to do."""
    found = find_record(db, person, "scheme.view", scheme_id)
    return _page(request, db, person, found, done=_DONE.get(done, ""))


@router.post("/schemes/{scheme_id}/submit")
def submit_scheme_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int
) -> Response:
    """Sends a scheme for approval, or says what is missing."""
    scheme: Scheme = find(db, person, "scheme.submit", scheme_id)
    try:
        submit_scheme(db, person.id, scheme)
    except Incomplete as incomplete:
        db.rollback()
        found = find_record(db, person, "scheme.view", scheme_id)
        errors = what_lacks(incomplete.lacking)
        return _page(request, db, person, found, 422, errors=errors)
    except NotInThisState:
        db.rollback()
        found = find_record(db, person, "scheme.view", scheme_id)
        return _page(request, db, person, found, 409, errors={"status": _ONLY_ONCE})
    db.commit()
    return RedirectResponse(f"/schemes/{scheme_id}?done=sent", 303)


@router.get("/schemes/{scheme_id}/edit")
def edit_scheme_page(request: Request, db: Database, person: SignedIn, scheme_id: int) -> Response:
    """The form with the scheme as it is."""
    scheme: Scheme = find(db, person, "scheme.change", scheme_id)
    return _form(request, group_of(db, scheme), scheme, _texts(scheme))


@router.post("/schemes/{scheme_id}/edit")
def change_scheme_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, posted: Posted
) -> Response:
    """Saves a scheme, or says what is wrong with it or who changed it meanwhile."""
    scheme: Scheme = find(db, person, "scheme.change", scheme_id)
    group = group_of(db, scheme)
    typed = {name: posted.get(name, "") for name in FIELDS}
    version = number_of(posted.get("version", ""))
    values, errors = read_scheme(typed, complete=scheme.status in (SUBMITTED, APPROVED))
    if errors:
        return _form(request, group, scheme, typed, 422, version=version, errors=errors)
    try:
        change_scheme(db, person.id, scheme, version, values)
    except NameTaken:
        db.rollback()
        wrong = {"name": TAKEN}
        return _form(request, group, scheme, typed, 422, version=version, errors=wrong)
    except ChangedMeanwhile:
        differences = [
            (
                SCHEME_LABELS[name],
                value_in_words(name, getattr(scheme, name)),
                value_in_words(name, value),
            )
            for name, value in values.items()
            if getattr(scheme, name) != value
        ]
        return _form(request, group, scheme, typed, 409, differences=differences)
    db.commit()
    return RedirectResponse(f"/schemes/{scheme.id}?done=saved", 303)


@router.get("/schemes/{scheme_id}/history")
def scheme_history_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int
) -> Response:
    """What was changed in a scheme and its locations, newest first."""
    scheme: Scheme = find(db, person, "scheme.history", scheme_id)
    subject = ("scheme", scheme.id)
    return private_page(
        request,
        "history.html",
        title=scheme.name,
        code=scheme.code,
        tabs=tabs_of(db, person, scheme),
        back=(f"/schemes/{scheme.id}", "Scheme"),
        events=history_of(db, subject, _HISTORY, history_labels(db, scheme), show_values(db)),
    )


def _page(
    request: Request,
    db: Database,
    person: Person,
    found: SchemeRecord,
    status: int = 200,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    scheme, day = found.scheme, day_of(request)
    shows = sees_postcodes(db, person, scheme)
    lacking = Lacking(found)
    is_open = scheme.status in (DRAFT, REFUSED)
    may_change = may_do(db, person, "scheme.change", scheme)
    group = group_of(db, scheme)
    return private_page(
        request,
        "scheme.html",
        status,
        scheme=scheme,
        group=group,
        sees_group=may_do(db, person, "group.view", group),
        owner=found.owner,
        tag=scheme_tag(found, day),
        tabs=tabs_of(db, person, scheme),
        rows=scheme_details(scheme),
        locations=[_location_row(found, place, shows, day) for place in found.locations],
        shows_postcodes=shows,
        tasks=_tasks(found, lacking) if is_open and may_change else [],
        lacking=lacking,
        may_change=may_change,
        may_submit=is_open and may(person, "scheme.submit") and may_change,
        may_copy=may_change and may(person, "group.create"),
        may_decide=scheme.status == SUBMITTED and may_do(db, person, "scheme.decide", scheme),
        sent=_sent(db, scheme) if scheme.status == SUBMITTED else "",
        continues=_continues(db, person, scheme),
        errors=errors or {},
        error=bool(errors),
        **context,
    )


def _location_row(found: SchemeRecord, place: Location, shows: bool, day: Any) -> dict[str, Any]:
    return {
        "place": place,
        "name": location_name(place, shows),
        "authority": value_in_words("local_authority", place.local_authority) if shows else "",
        "rows": details(
            place,
            {
                name: label
                for name, label in LOCATION_LABELS.items()
                if name not in ("name", "postcode", "local_authority")
            },
        ),
        "tag": location_tag(found, place, day),
    }


def _tasks(found: SchemeRecord, lacking: Lacking) -> list[tuple[str, str, str, bool]]:
    """Words, address, what is left to do, and whether it is done, of each step."""
    here = f"/schemes/{found.scheme.id}"
    missing = len(lacking.details)
    return [
        (
            "Describe the scheme",
            f"{here}/edit",
            f"{missing} {'detail is' if missing == 1 else 'details are'} missing",
            not missing,
        ),
        (
            "Add its locations",
            f"{here}/locations/new" if not lacking.has_location else "#locations",
            "At least one is needed" if not lacking.has_location else "Details are missing",
            lacking.has_location and not lacking.locations,
        ),
    ]


def _sent(db: Database, scheme: Scheme) -> str:
    sender = db.get(Account, scheme.submitted_by_id) if scheme.submitted_by_id else None
    at = in_words(scheme.submitted_at) if scheme.submitted_at else ""
    return f"{at} by {sender.name}" if sender else at


def _continues(db: Database, person: Person, scheme: Scheme) -> tuple[str, str] | None:
    """The scheme that this one continues after a merger: its words, and its page if it is seen."""
    before = db.get(Scheme, scheme.continues_id) if scheme.continues_id else None
    if before is None:
        return None
    address = f"/schemes/{before.id}" if may_do(db, person, "scheme.view", before) else ""
    return f"{before.code}: {before.name}", address


def _texts(scheme: Scheme) -> dict[str, str]:
    coded = {name: getattr(scheme, name) or "" for name in SCHEME_CODES}
    return {"name": scheme.name, "confidential": "yes" if scheme.confidential else "no", **coded}


def _form(
    request: Request,
    group: ManagementGroup,
    scheme: Scheme | None,
    typed: dict[str, str],
    status: int = 200,
    version: int | None = None,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    return private_page(
        request,
        "scheme_form.html",
        status,
        group=group,
        scheme=scheme,
        typed=typed,
        version=version if version is not None else scheme.version if scheme else 0,
        codes={name: list(codes.items()) for name, codes in SCHEME_CODES.items()},
        labels=SCHEME_LABELS,
        yes_or_no=list(YES_OR_NO.items()),
        is_draft=scheme is None or scheme.status in (DRAFT, REFUSED),
        errors=errors or {},
        error=bool(errors),
        **context,
    )
