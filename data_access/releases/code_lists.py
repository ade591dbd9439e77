"""Code lists of a release: what every code of its files means, as CSV."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, regions, spans
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import Period, period
from data_access.releases.themes import theme_of

CODES = "codes"
COLUMNS = {
    "questions": ("question", "label", "theme", "section", "kind", "unit", "lowest_level"),
    "codes": ("question", "code", "label", "parent"),
    "areas": ("code", "name", "level", "parent", "first_year", "last_year", "successor"),
    "periods": ("code", "label", "parent", "start", "duration"),
    "log_types": ("code", "label", "collection"),
}
# Codes that are not answers of the questionnaire.
MEANINGS = {
    TOTAL: "Total",
    ANSWERED: "Answered",
    NOT_ANSWERED: "Not answered",
}

Row = tuple[str, ...]


def interval(found: Period) -> str:
    """A period in ISO 8601: 2025-04-01/P1Y, or 2025-04-01/P3M for a quarter."""
    return f"{found.start.isoformat()}/{duration(found)}"


def duration(found: Period) -> str:
    """How long a period is, in ISO 8601."""
    return "P1Y" if found.quarter is None else "P3M"


def question_rows(questions: Sequence[TabulatedQuestion]) -> list[Row]:
    """Rows of questions.csv; the number of records stands first."""
    return [
        (RECORDS, "Records", "", "", "category", "records", "local_authority"),
        *((q.name, q.label, theme_of(q), q.section, q.kind, q.unit, q.lowest) for q in questions),
    ]


def code_rows(questions: Sequence[TabulatedQuestion]) -> list[Row]:
    """Rows of codes.csv: answers, their groups at local authority level, and what is no answer."""
    rows: list[Row] = [(RECORDS, TOTAL, MEANINGS[TOTAL], "")]
    for question in questions:
        groups = dict(question.groups)
        rows += [
            (question.name, code, label, groups.get(code, "")) for code, label in question.codes
        ]
        rows += [(question.name, code, label, "") for code, label in question.group_labels]
        answered = (ANSWERED,) if question.kind == "number" else ()
        extra = (*answered, NOT_ANSWERED, TOTAL)
        meanings = {**MEANINGS, **dict(question.codes_at("england"))}
        rows += [(question.name, code, meanings[code], "") for code in extra]
    return rows


def area_rows() -> list[Row]:
    """Rows of areas.csv: England, regions, authorities in force, and those they replaced.

    `first_year` and `last_year` are the collection years in which an authority's code begins and
    ends; empty where it began before the codes of 2021, or is in force.
    """
    return [
        (ENGLAND, "England", "england", "", "", "", ""),
        *((code, name, "region", ENGLAND, "", "", "") for code, name in regions().items()),
        *(
            (
                span.code,
                span.name,
                "local_authority",
                span.region_code,
                "" if span.first_year is None else str(span.first_year),
                "" if span.last_year is None else str(span.last_year),
                span.successor_code or "",
            )
            for span in spans().values()
        ),
    ]


def period_rows(slugs: Iterable[str]) -> list[Row]:
    """Rows of periods.csv: the release's periods, and the years that their quarters are of."""
    years = {slug.split("-")[0] for slug in slugs}
    found = [period(slug) for slug in sorted({*slugs, *years})]
    return [
        (
            one.slug,
            one.label,
            "" if one.quarter is None else str(one.collection_year),
            one.start.isoformat(),
            duration(one),
        )
        for one in found
    ]


def write_code_lists(
    folder: Path, questions: Sequence[TabulatedQuestion], periods: Iterable[str]
) -> None:
    """Writes questions, codes, areas, periods and log_types as CSV into `folder`/codes."""
    lists: dict[str, list[Row]] = {
        "questions": question_rows(questions),
        "codes": code_rows(questions),
        "areas": area_rows(),
        "periods": period_rows(list(periods)),
        "log_types": [(kind.slug, kind.label, kind.collection) for kind in LOG_TYPES.values()],
    }
    (folder / CODES).mkdir()
    for name, rows in lists.items():
        with (folder / CODES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS[name])
            writer.writerows(rows)
