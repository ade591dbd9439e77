"""Public pages on what is collected: data dictionary, rules, upload specification, templates."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import year_label
from portal.layout.pages import render
from portal.learn.entries import LONGEST_SEARCH, entries_of, found_by, in_groups
from portal.sessions import name_in_frame
from submission.collection import COLLECTIONS, YEARS
from submission.documents.dictionary import CONFIRMATIONS, dictionary
from submission.documents.files import as_csv, as_workbook
from submission.documents.rule_cases import usual_date
from submission.documents.rule_list import rule_list
from submission.documents.sheets import DOCUMENTS, sheets_of
from submission.documents.source import own_source
from submission.uploads.template import blank_template, blank_workbook

router = APIRouter(prefix="/learn", dependencies=[Depends(name_in_frame)])
TITLES = {
    "dictionary": "Data dictionary",
    "rules": "Rules",
    "upload": "Upload specification",
}
NOUNS = {
    "dictionary": ("variable", "variables"),
    "rules": ("rule", "rules"),
    "upload": ("field", "fields"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
_BLANK: dict[str, Callable[[str, int], bytes]] = {"csv": blank_template, "xlsx": blank_workbook}


@router.get("")
def index(request: Request) -> Response:
    """What is collected, and links to what is known of each collection and year."""
    return render(request, "learn/index.html", collections=_collections(), titles=TITLES)


@router.get("/{collection}/{year}")
def year_index(collection: str, year: str) -> Response:
    """Leads to the year's links."""
    _known(collection, year)
    return RedirectResponse(f"/learn#{collection}", 303)


@router.get("/{collection}/{year}/{name}")
def document(request: Request, collection: str, year: str, name: str, q: str = "") -> Response:
    """A document of a collection and year as a page or a file; `q` leaves entries out."""
    number = _known(collection, year)
    if name in TITLES:
        return _page(request, collection, number, name, q.strip()[:LONGEST_SEARCH])
    stem, _, kind = name.rpartition(".")
    if kind not in _KINDS or stem not in (*DOCUMENTS, "template"):
        raise HTTPException(404)
    file = f"{own_source(collection, number).slug}-{stem}.{kind}"
    return Response(
        _file(collection, number, stem, kind),
        media_type=_KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


def _known(collection: str, year: str) -> int:
    if collection not in COLLECTIONS:
        raise HTTPException(404, "There are two collections: lettings and sales.")
    if year not in {str(known) for known in YEARS}:
        raise HTTPException(
            404, f"There is nothing on this year. Choose one from {YEARS[0]} to {YEARS[-1]}."
        )
    return int(year)


def _page(request: Request, collection: str, year: int, name: str, search: str) -> Response:
    every = entries_of(name, collection, year)
    shown = found_by(every, search)
    return render(
        request,
        f"learn/{name}.html",
        collection=collection,
        year=year,
        title=own_source(collection, year).title,
        document=name,
        document_title=TITLES[name],
        titles=TITLES,
        nouns=NOUNS[name],
        collections=COLLECTIONS,
        years=[(number, year_label(number)) for number in reversed(YEARS)],
        search=search,
        longest=LONGEST_SEARCH,
        groups=in_groups(shown),
        found=len(shown),
        total=len(every),
        usual_date=usual_date(year),
    )


@cache
def _file(collection: str, year: int, stem: str, kind: str) -> bytes:
    if stem == "template":
        return _BLANK[kind](collection, year)
    sheets = sheets_of(own_source(collection, year), stem)
    return as_csv(sheets[0].rows) if kind == "csv" else as_workbook(sheets)


@cache
def _collections() -> list[dict[str, Any]]:
    return [_overview(name) for name in COLLECTIONS]


def _overview(name: str) -> dict[str, Any]:
    source = own_source(name, YEARS[-1])
    # A confirmation of a soft check is asked only where the check finds something.
    asked = [
        entry
        for entry in dictionary(source)
        if entry.is_asked and entry.variable.codes != CONFIRMATIONS
    ]
    rules = rule_list(source)
    parts = [
        (part.label, sum(entry.subsection == part.label for entry in asked))
        for part in source.collection.subsections
    ]
    return {
        "name": name,
        "year": year_label(YEARS[-1]),
        "log_types": [kind.label for kind in LOG_TYPES.values() if kind.collection == name],
        "questions": len(asked),
        "hard": sum(rule.severity == "hard" for rule in rules),
        "soft": sum(rule.severity == "soft" for rule in rules),
        "parts": parts,
        "years": [
            (
                year,
                year_label(year),
                len(own_source(name, year).collection.upload_columns),
            )
            for year in reversed(YEARS)
        ],
    }
