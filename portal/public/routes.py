"""Public pages: home, England, and each local authority. Read from the current release alone."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.questions import QuestionTable
from data_access.reference.local_authorities import (
    ENGLAND,
    current_code,
    local_authorities,
    regions,
)
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release
from portal.layout.pages import render
from portal.public.areas import periods_of, table_of
from portal.public.downloads import cross_csv, tidy_csv
from portal.public.reports import report_of
from portal.public.selection import Selection, period_label, read_selection
from portal.public.wording import finding, headlines, mean_of, share_of
from report_templates.render import local_authority_report

router = APIRouter()


def _figures(
    request: Request, level: str, area: str, name: str, chosen: Selection, status: int
) -> Response:
    release: Release = request.app.state.current_release.get()
    table = table_of(release, level, area, chosen.log_type, chosen.period)
    asked = release.questions_for(chosen.log_type, level, chosen.period)
    shown: list[QuestionTable] = []
    if table is not None:
        wanted = [chosen.question] if chosen.question else [q.name for q in asked if q.headline]
        shown = [table.questions[name] for name in wanted if name in table.questions]
    context: dict[str, Any] = {
        "name": name,
        "level": level,
        "area": area,
        "table": table,
        "sections": [(finding(question), question) for question in shown],
        "headlines": headlines(table) if table else [],
        "chosen": chosen,
        "error": chosen.problems[0] if chosen.problems else "",
        "period_label": period_label(chosen.period),
        "periods": [(slug, period_label(slug)) for slug in release.periods],
        "log_types": LOG_TYPES,
        "asked": asked,
        "release": release,
        "mean_of": mean_of,
        "share_of": share_of,
        "query": f"period={chosen.period}&log_type={chosen.log_type}"
        + (f"&question={chosen.question}" if chosen.question else ""),
    }
    if level == "england":
        by_region = release.records_by_area(chosen.log_type, chosen.period, "region")
        context["by_region"] = [(name, by_region.get(code)) for code, name in regions().items()]
    else:
        context["places"] = sorted(
            ((place.code, place.name) for place in local_authorities().values()),
            key=lambda place: place[1],
        )
        context["wider"] = [
            (slug, period_label(slug)) for slug in periods_of(release, area, chosen.log_type)
        ]
    return render(request, "public/figures.html", status, **context)


@router.get("/")
def home(request: Request) -> Response:
    """The service, the latest alerts and the ways in."""
    return render(request, "public/home.html", alerts=request.app.state.latest_alerts())


@router.get("/national")
def national(
    request: Request, period: str = "", log_type: str = "", question: str = ""
) -> Response:
    """Figures for England."""
    release = request.app.state.current_release.get()
    chosen = read_selection(release, "england", period, log_type, question)
    status = 404 if chosen.problems else 200
    return _figures(request, "england", ENGLAND, "England", chosen, status)


@router.get("/local-authorities")
def find_local_authority(request: Request, code: str = "") -> Response:
    """A form and a list by region; with a code, goes to the page of that authority."""
    if code in local_authorities():
        query = request.url.query
        rest = "&".join(part for part in query.split("&") if not part.startswith("code="))
        return RedirectResponse(f"/local-authorities/{code}" + (f"?{rest}" if rest else ""), 303)
    by_region: dict[str, list[tuple[str, str]]] = {}
    for place in sorted(local_authorities().values(), key=lambda place: place.name):
        by_region.setdefault(place.region, []).append((place.code, place.name))
    return render(request, "public/find.html", by_region=dict(sorted(by_region.items())))


@router.get("/local-authorities/{code}")
def local_authority(
    request: Request, code: str, period: str = "", log_type: str = "", question: str = ""
) -> Response:
    """Figures of one authority; an abolished one leads to its successor."""
    place = local_authorities().get(code)
    if place is None:
        return _to_successor(request, code)
    release = request.app.state.current_release.get()
    chosen = read_selection(release, "local_authority", period, log_type, question)
    status = 404 if chosen.problems else 200
    return _figures(request, "local_authority", code, place.name, chosen, status)


def _to_successor(request: Request, code: str) -> Response:
    """The same address of the authority that took an abolished one's place. Raises 404 for none."""
    successor = current_code(code)
    if successor is None:
        raise HTTPException(404, "There is no English local authority with this code.")
    address = request.url.path.replace(code, successor)
    return RedirectResponse(address + (f"?{request.url.query}" if request.url.query else ""), 301)


@router.get("/downloads/national.csv")
def national_csv(
    request: Request, period: str = "", log_type: str = "", question: str = ""
) -> Response:
    """The figures of the page for England."""
    return _download(request, "england", ENGLAND, "england", period, log_type, question)


@router.get("/downloads/crosses.csv")
def crosses_csv(
    request: Request,
    period: str = "",
    log_type: str = "",
    question: str = "",
    question2: str = "",
) -> Response:
    """Two questions crossed, for England."""
    release: Release = request.app.state.current_release.get()
    first = read_selection(release, "england", period, log_type, question)
    second = read_selection(release, "england", period, log_type, question2)
    problems = first.problems or second.problems
    if problems:
        raise HTTPException(404, problems[0])
    kinds = {release.questions[name].kind for name in (question, question2) if name}
    if not question or not question2 or question == question2 or kinds != {"category"}:
        raise HTTPException(404, "Choose two different questions with answers to choose from.")
    crossed = release.cross(first.log_type, first.period, question, question2)
    if crossed is None:
        raise HTTPException(404, "There are no figures for these two questions.")
    names = f"{question}_by_{question2}_{first.log_type}_{first.period}_{release.id}"
    text = cross_csv(
        crossed,
        first.period,
        first.log_type,
        release.questions[question],
        release.questions[question2],
    )
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="england_{names}.csv"'},
    )


@router.get("/downloads/local-authorities/{code}.csv")
def local_authority_csv(
    request: Request, code: str, period: str = "", log_type: str = "", question: str = ""
) -> Response:
    """The figures of an authority's page."""
    if code not in local_authorities():
        return _to_successor(request, code)
    return _download(request, "local_authority", code, code, period, log_type, question)


@router.get("/reports/local-authorities/{code}.pdf")
def local_authority_pdf(
    request: Request, code: str, period: str = "", log_type: str = ""
) -> Response:
    """The report of an authority as tagged PDF."""
    if code not in local_authorities():
        return _to_successor(request, code)
    release: Release = request.app.state.current_release.get()
    chosen = read_selection(release, "local_authority", period, log_type, "")
    if chosen.problems:
        raise HTTPException(404, chosen.problems[0])
    table = table_of(release, "local_authority", code, chosen.log_type, chosen.period)
    if table is None:
        raise HTTPException(404, "There are too few records to show this safely.")
    file = f"core_{code}_{chosen.log_type}_{chosen.period}_{release.id}.pdf"
    return Response(
        local_authority_report(report_of(release, table)),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{file}"'},
    )


def _download(
    request: Request, level: str, area: str, name: str, period: str, log_type: str, question: str
) -> Response:
    release: Release = request.app.state.current_release.get()
    chosen = read_selection(release, level, period, log_type, question)
    if chosen.problems:
        raise HTTPException(404, chosen.problems[0])
    wanted = [chosen.question] if chosen.question else None
    table = table_of(release, level, area, chosen.log_type, chosen.period, wanted)
    if table is None:
        raise HTTPException(404, "There are too few records to show this safely.")
    collection = "sales" if chosen.log_type == "sales" else "lettings"
    file = f"social-housing-{collection}_{name}_{chosen.log_type}_{chosen.period}_{release.id}.csv"
    return Response(
        tidy_csv(table).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )
