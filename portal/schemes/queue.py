"""Administrators decide on schemes that were sent for approval."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Account
from data_access.clock import now
from data_access.scheme_changes import Incomplete, Lacking, NotInThisState, seen
from data_access.scheme_decisions import (
    PAGE_LENGTH,
    Waiting,
    approve,
    recently_decided,
    refuse,
    waiting_schemes,
)
from data_access.scheme_states import SchemeRecord
from data_access.schemes import APPROVED, SUBMITTED, Scheme
from data_access.versions import ChangedMeanwhile
from portal.forms import Posted
from portal.history import in_words
from portal.permissions import require
from portal.plain_text import tidy_lines
from portal.schemes.answering import find_record, group_of, number_of, private_page
from portal.schemes.telling import tell_of_decision
from portal.schemes.words import (
    LOCATION_LABELS,
    STATUS_TAGS,
    details,
    location_name,
    scheme_details,
    value_in_words,
    what_lacks,
)
from portal.sessions import Database, SignedIn

HERE = "/administration/schemes"
LONGEST_REASON = 1_000
router = APIRouter()


@router.get(HERE)
def queue_page(
    request: Request, db: Database, person: SignedIn, page: str = "1", decided: str = ""
) -> Response:
    """Submitted schemes, oldest first, with their age and what they lack; then those decided."""
    require(person, "scheme.decide")
    number = max(number_of(page), 1)
    waiting, total = waiting_schemes(db, number)
    scheme = db.get(Scheme, number_of(decided)) if decided else None
    return private_page(
        request,
        "queue.html",
        waiting=[_row(one) for one in waiting],
        total=total,
        page=number,
        pages=max(1, -(-total // PAGE_LENGTH)),
        recent=[
            (scheme, owner, STATUS_TAGS[scheme.status], _decision(db, scheme))
            for scheme, owner in recently_decided(db)
        ],
        done=_done(scheme) if scheme else "",
    )


@router.get(f"{HERE}/{{scheme_id}}")
def review_page(request: Request, db: Database, person: SignedIn, scheme_id: int) -> Response:
    """All there is to know of a scheme before it is decided on."""
    require(person, "scheme.decide")
    found = find_record(db, person, "scheme.decide", scheme_id)
    if found.scheme.status != SUBMITTED:
        return RedirectResponse(f"/schemes/{scheme_id}", 303)
    return _review(request, db, found)


@router.post(f"{HERE}/{{scheme_id}}")
def decide_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, posted: Posted
) -> Response:
    """Approves or refuses, or says why not: incomplete, no reason, changed or decided meanwhile."""
    require(person, "scheme.decide")
    found = find_record(db, person, "scheme.decide", scheme_id)
    scheme, looked_at = found.scheme, posted.get("seen", "")
    reason, errors = tidy_lines(posted.get("reason", "")), {}
    verdict = posted.get("verdict", "")
    if verdict not in ("approve", "refuse"):
        errors["verdict"] = "Choose whether to approve or refuse the scheme"
    elif verdict == "refuse" and not reason:
        errors["reason"] = "Enter the reason: it is sent to the owner, who can then mend it"
    elif len(reason) > LONGEST_REASON:
        errors["reason"] = (
            f"The reason must be {LONGEST_REASON:,} characters or fewer; it has {len(reason):,}"
        )
    if errors:
        return _review(request, db, found, 422, posted, errors)
    try:
        if verdict == "approve":
            approve(db, person.id, scheme, looked_at)
        else:
            refuse(db, person.id, scheme, looked_at, reason)
    except Incomplete as incomplete:
        db.rollback()
        again = find_record(db, person, "scheme.decide", scheme_id)
        wrong = "The scheme cannot be approved: " + "; ".join(
            what_lacks(incomplete.lacking).values()
        )
        return _review(request, db, again, 422, posted, {"verdict": wrong})
    except NotInThisState:
        db.rollback()
        db.refresh(scheme)
        return private_page(
            request,
            "decided.html",
            409,
            scheme=scheme,
            tag=STATUS_TAGS[scheme.status],
            decision=_decision(db, scheme),
        )
    except ChangedMeanwhile:
        db.rollback()
        again = find_record(db, person, "scheme.decide", scheme_id)
        return _review(request, db, again, 409, posted, changed=True)
    tell_of_decision(db, request.app.state.settings, scheme, group_of(db, scheme).code or "")
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"{HERE}?decided={scheme_id}", 303)


def _row(waiting: Waiting) -> dict[str, Any]:
    scheme = waiting.scheme
    return {
        "scheme": scheme,
        "group": waiting.group,
        "owner": waiting.owner,
        "age": _age(scheme.submitted_at),
        "lacking": list(what_lacks(waiting.lacking).values()),
    }


def _age(since: datetime | None) -> str:
    days = (now() - since).days if since else 0
    return "today" if days <= 0 else f"{days:,} {'day' if days == 1 else 'days'}"


def _decision(db: Database, scheme: Scheme) -> str:
    """Who decided when, in words."""
    by = db.get(Account, scheme.decided_by_id) if scheme.decided_by_id else None
    at = in_words(scheme.decided_at) if scheme.decided_at else ""
    return f"{at} by {by.name}" if by else at


def _done(scheme: Scheme) -> str:
    if scheme.status == APPROVED:
        return f"{scheme.name} is approved. Its code is {scheme.code}."
    return f"{scheme.name} is refused. The owner is told why."


def _review(
    request: Request,
    db: Database,
    found: SchemeRecord,
    status: int = 200,
    posted: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    changed: bool = False,
) -> Response:
    scheme, typed = found.scheme, posted or {}
    if scheme.status != SUBMITTED:
        return RedirectResponse(f"/schemes/{scheme.id}", 303)
    sender = db.get(Account, scheme.submitted_by_id) if scheme.submitted_by_id else None
    group = group_of(db, scheme)
    return private_page(
        request,
        "review.html",
        status,
        scheme=scheme,
        group=group,
        arrangement=value_in_words("arrangement_type", group.arrangement_type),
        owner=found.owner,
        sender=sender.name if sender else "",
        sent=in_words(scheme.submitted_at) if scheme.submitted_at else "",
        age=_age(scheme.submitted_at),
        rows=scheme_details(scheme),
        locations=[
            (location_name(place), details(place, LOCATION_LABELS)) for place in found.locations
        ],
        lacking=list(what_lacks(Lacking(found)).values()),
        before=scheme.refusal_reason,
        seen=seen(scheme, found.locations),
        verdict=typed.get("verdict", ""),
        reason=typed.get("reason", ""),
        longest=LONGEST_REASON,
        changed=changed,
        errors=errors or {},
        error=bool(errors),
    )
