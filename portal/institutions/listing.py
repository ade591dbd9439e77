"""All institutions, for administrators and statisticians."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.agreement_cover import covering
from data_access.clock import today
from data_access.institution_list import (
    PAGE_LENGTH,
    SORTS,
    STATES,
    Wanted,
    count_institutions,
    institutions_page,
)
from data_access.institution_names import apply_due_names
from data_access.institutions import PROVIDER_TYPES
from portal.institutions.frame import private
from portal.institutions.words import state_of
from portal.layout.pages import render
from portal.permissions import may, require, scope
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn

router = APIRouter(prefix="/institutions")
CHOICES = {
    "type": ("Type", PROVIDER_TYPES),
    "state": ("State", {state: state.capitalize() for state in STATES}),
    "stock": ("Holds stock", {"yes": "Yes", "no": "No"}),
    "signed": ("Agreement", {"yes": "Signed", "no": "Not signed", "covered": "Covered by another"}),
}
ORDERS = dict(zip(SORTS, ("Name", "CORE ID", "Most homes first", "Newest first"), strict=True))


@router.get("")
def institutions_list(
    request: Request,
    db: Database,
    person: SignedIn,
    search: str = "",
    type: str = "",
    state: str = "",
    stock: str = "",
    signed: str = "",
    sort: str = "",
    page: int = 1,
) -> Response:
    """The institutions, searched, narrowed and sorted, 50 a page."""
    require(person, "institution.list")
    apply_due_names(db, today(request.app.state.settings))
    chosen = {
        name: value if value in CHOICES[name][1] else ""
        for name, value in (("type", type), ("state", state), ("stock", stock), ("signed", signed))
    }
    wanted = Wanted(
        tidy(search)[:200],
        chosen["type"],
        chosen["state"],
        chosen["stock"],
        chosen["signed"],
        sort if sort in SORTS else SORTS[0],
    )
    reach = scope(person, "institution.view")
    total = count_institutions(db, wanted, reach)
    last = max(1, -(-total // PAGE_LENGTH))
    page = min(max(page, 1), last)
    kept = {
        name: value
        for name, value in {"search": wanted.search, **chosen, "sort": wanted.sort}.items()
        if value and value != SORTS[0]
    }
    return private(
        render(
            request,
            "institutions/list.html",
            rows=[
                (institution, state_of(institution), covering(db, institution))
                for institution in institutions_page(db, wanted, reach, page)
            ],
            total=total,
            page=page,
            last=last,
            wanted=wanted,
            chosen=chosen,
            choices=CHOICES,
            orders=ORDERS,
            types=PROVIDER_TYPES,
            is_narrowed=bool(kept.keys() - {"sort"}),
            address="/institutions?" + (urlencode(kept) + "&" if kept else ""),
            may_export=may(person, "institution.export"),
            may_create=may(person, "institution.create"),
        )
    )
