"""Agreements for administrators: who has not signed, reminders, and new versions."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.agreement_standing import (
    PAGE_LENGTH,
    Standing,
    Wanted,
    count_standing,
    standings,
)
from data_access.agreements import (
    NewerVersion,
    VersionTaken,
    publish_text,
    published_texts,
    text_in_force,
)
from data_access.clock import LONDON
from data_access.institutions import PROVIDER_TYPES, Institution
from portal.agreements.reminding import remind, remind_all
from portal.agreements.wording import LONGEST_TEXT, LONGEST_VERSION, parts_of, read_wording
from portal.forms import posted_up_to
from portal.history import in_words
from portal.layout.pages import render
from portal.permissions import require
from portal.plain_text import read_text, tidy
from portal.sessions import Database, SignedIn
from portal.tables.writing import CSV, write_csv

HERE = "/administration/agreements"
router = APIRouter(prefix=HERE)
PRIVATE = {"Cache-Control": "private, no-store"}
# Room for the line ends that browsers send as two characters.
LongPosted = Annotated[dict[str, str], Depends(posted_up_to(2 * LONGEST_TEXT))]
TAKEN = "There is a version of this name already. Choose another name"


@router.get("")
def agreements_page(
    request: Request,
    db: Database,
    person: SignedIn,
    show: str = "",
    search: str = "",
    officer: str = "",
    type: str = "",
    page: int = 1,
    written: int = -1,
    lately: int = 0,
    nobody: int = 0,
    published: int = -1,
) -> Response:
    """Institutions that have not signed the version in force, or those that have."""
    require(person, "agreement.remind")
    wanted = _wanted(show, search, officer, type)
    total = count_standing(db, wanted)
    last = max(1, -(-total // PAGE_LENGTH))
    page = min(max(page, 1), last)
    kept = _kept(wanted)
    return _private(
        render(
            request,
            "agreements/administration.html",
            wanted=wanted,
            types=PROVIDER_TYPES,
            rows=[_row(found) for found in standings(db, wanted, page)],
            total=total,
            unsigned=count_standing(db, Wanted()),
            signed=count_standing(db, Wanted(signed=True)),
            is_narrowed=wanted != Wanted(signed=wanted.signed),
            page=page,
            last=last,
            query=f"{HERE}?{kept}&" if kept else f"{HERE}?",
            csv=f"{HERE}.csv?{kept}" if kept else f"{HERE}.csv",
            texts=[(text, in_words(text.published_at)) for text in published_texts(db)],  # type: ignore[arg-type]
            done=_done(written, lately, nobody, published),
        )
    )


def _wanted(show: str, search: str, officer: str, provider_type: str) -> Wanted:
    signed = show == "signed"
    return Wanted(
        signed=signed,
        search=tidy(search)[:200],
        officer=officer if officer in ("yes", "no") and not signed else "",
        provider_type=provider_type if provider_type in PROVIDER_TYPES else "",
    )


def _kept(wanted: Wanted) -> str:
    fields = {
        "show": "signed" if wanted.signed else "",
        "search": wanted.search,
        "officer": wanted.officer,
        "type": wanted.provider_type,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def _row(found: Standing) -> dict[str, Any]:
    return {
        "institution": found.institution,
        "officers": found.officers,
        "since": _day(found.since),
        "reminded": in_words(found.reminded_at) if found.reminded_at else "",
        "signed": in_words(found.signed_at) if found.signed_at else "",
        "signer": found.signer,
    }


def _day(at: Any) -> str:
    return in_words(at).partition(",")[0]


def _count(number: int, one: str, several: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {several}"


def _done(written: int, lately: int, nobody: int, published: int) -> tuple[str, str]:
    """What was just done, as a sentence and its details."""
    if published >= 0:
        again = _count(published, "institution must sign again", "institutions must sign again")
        return "The new version is in force.", f"{again}. You can remind them here."
    if written < 0:
        return "", ""
    details = []
    if lately:
        details.append(
            _count(lately, "institution was", "institutions were")
            + " reminded within the last day and not again."
        )
    if nobody:
        details.append(
            _count(nobody, "institution has", "institutions have")
            + " neither a Data Protection Officer nor a co-ordinator: invite one under People."
        )
    words = _count(written, "institution was reminded", "institutions were reminded")
    return f"{words} by e-mail." if written else "Nobody was reminded.", " ".join(details)


@router.post("/remind")
def remind_page(request: Request, db: Database, person: SignedIn, posted: LongPosted) -> Response:
    """Reminds one institution, or all that have not signed."""
    require(person, "agreement.remind")
    settings = request.app.state.settings
    if posted.get("all") == "yes":
        counts = remind_all(db, settings, person)
    else:
        given = posted.get("institution", "")
        number = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
        institution = db.get(Institution, number)
        if institution is None or not institution.active or institution.data_sharing_signed:
            raise HTTPException(409, "This institution has signed meanwhile, or is not active.")
        counts = remind(db, settings, person, institution)
    request.app.state.postman.ring()
    query = urlencode({"written": counts.written, "lately": counts.lately, "nobody": counts.nobody})
    return RedirectResponse(f"{HERE}?{query}", 303)


@router.get(".csv")
def agreements_csv(
    db: Database,
    person: SignedIn,
    show: str = "",
    search: str = "",
    officer: str = "",
    type: str = "",
) -> Response:
    """The listed institutions as CSV."""
    require(person, "agreement.remind")
    text = text_in_force(db)
    rows = [
        (
            found.institution.code,
            found.institution.name,
            PROVIDER_TYPES.get(found.institution.provider_type, ""),
            text.version if text else "",
            found.institution.data_sharing_signed,
            found.signed_at,
            found.signer,
            found.officers,
            found.since.astimezone(LONDON).date(),
            found.reminded_at,
        )
        for found in standings(db, _wanted(show, search, officer, type))
    ]
    headers = (
        "Code",
        "Institution",
        "Type",
        "Version in force",
        "Signed",
        "Signed at",
        "Signed by",
        "Data Protection Officers",
        "To be signed since",
        "Last reminded",
    )
    return Response(
        write_csv(headers, rows),
        media_type=CSV,
        headers={**PRIVATE, "Content-Disposition": 'attachment; filename="agreements.csv"'},
    )


@router.get("/new")
def new_version_page(request: Request, db: Database, person: SignedIn) -> Response:
    """The form for a new version, which begins with the text in force."""
    require(person, "agreement.publish")
    text = text_in_force(db)
    return _form(request, db, {"version": "", "text": text.text if text else ""})


@router.post("/new")
def publish_page(request: Request, db: Database, person: SignedIn, posted: LongPosted) -> Response:
    """Shows the new version and what it means, then puts it in force."""
    require(person, "agreement.publish")
    typed = {name: posted.get(name, "") for name in ("version", "text")}
    if posted.get("go") == "edit":
        return _form(request, db, typed)
    errors = {}
    version, wrong = read_text(
        typed["version"], "a name for the version, such as 2", LONGEST_VERSION
    )
    if wrong:
        errors["version"] = wrong
    elif any(found.version.lower() == version.lower() for found in published_texts(db)):
        errors["version"] = TAKEN
    text, wrong = read_wording(typed["text"])
    if wrong:
        errors["text"] = wrong
    in_force = text_in_force(db)
    if not errors and in_force is not None and text == in_force.text:
        errors["text"] = "This is the text that is in force already. Change it first"
    if errors:
        return _form(request, db, typed, 422, errors=errors)
    seen = posted.get("replaces", "")
    replaces = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
    if in_force is not None and replaces != in_force.id:
        return _form(request, db, typed, 409, newer=in_force)
    if posted.get("go") != "publish":
        return _private(
            render(
                request,
                "agreements/preview.html",
                version=version,
                text=text,
                parts=parts_of(text),
                replaces=replaces,
                in_force=in_force,
                to_sign_again=count_standing(db, Wanted(signed=True)),
                unsigned=count_standing(db, Wanted()),
            )
        )
    try:
        again = publish_text(db, person, version, text, replaces)
    except VersionTaken:
        return _form(request, db, typed, 422, errors={"version": TAKEN})
    except NewerVersion:
        return _form(request, db, typed, 409, newer=text_in_force(db))
    return RedirectResponse(f"{HERE}?published={again}", 303)


def _form(
    request: Request, db: Database, typed: dict[str, str], status: int = 200, **context: Any
) -> Response:
    errors = context.pop("errors", {})
    in_force = text_in_force(db)
    return _private(
        render(
            request,
            "agreements/new.html",
            status,
            typed=typed,
            errors=errors,
            error=bool(errors),
            in_force=in_force,
            longest=LONGEST_VERSION,
            **context,
        )
    )


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer
