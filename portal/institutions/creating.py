"""A new institution, made by an administrator."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.clock import today
from data_access.institution_records import create_institution
from data_access.institution_relations import RelationRefused
from data_access.institutions import AlreadyTaken
from portal.forms import Posted, PostedLists
from portal.institutions.frame import address_of, private
from portal.institutions.reading import FIELDS, read_institution
from portal.institutions.record_form import first_child_in, form_context, typed_texts
from portal.layout.pages import render
from portal.permissions import require
from portal.sessions import Database, SignedIn

router = APIRouter(prefix="/institutions/new")


@router.get("")
def new_page(request: Request, db: Database, person: SignedIn) -> Response:
    """An empty form."""
    require(person, "institution.create")
    return _form(request, db, dict.fromkeys(FIELDS, ""), {}, {})


@router.post("")
def create_page(
    request: Request, db: Database, person: SignedIn, posted: Posted, lists: PostedLists
) -> Response:
    """Makes the institution, or says what is wrong with it."""
    require(person, "institution.create")
    day = today(request.app.state.settings)
    texts = typed_texts(posted, lists)
    values, errors = read_institution(db, texts, day)
    child, wrong = first_child_in(db, posted, values.get("holds_stock"))
    if wrong:
        errors["first_child"] = wrong
    if not errors:
        try:
            institution = create_institution(db, person.id, values, day, child)
            db.commit()
        except AlreadyTaken as taken:
            errors = {taken.field: str(taken)}
        except RelationRefused as refused:
            errors = {"first_child": str(refused)}
        else:
            return RedirectResponse(f"{address_of(institution.id)}?done=created", 303)
        db.rollback()
    return _form(request, db, texts, errors, posted, 422)


def _form(
    request: Request,
    db: Database,
    texts: dict[str, str],
    errors: dict[str, str],
    posted: Mapping[str, str],
    status: int = 200,
) -> Response:
    ordered = {name: errors[name] for name in (*FIELDS, "first_child") if name in errors}
    return private(
        render(
            request,
            "institutions/new.html",
            status,
            **form_context(db, texts, ordered),
            managed_by=posted.get("managed_by", "itself"),
            first_child=posted.get("first_child", ""),
        )
    )
