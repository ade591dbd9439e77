"""Ready-made tables by theme, as ODS and, of England and regions, XLSX as a second copy.

One sheet a question. Periods, log types and areas go down the rows and only the answers to the one
question across: a row for each answer too would be three times the cells, and of local authorities
more than a spreadsheet can be worked with. England and regions have every question with shares, and
England its quarters; local authorities have the headline questions. Every question of every
authority is in the tidy CSV of the same theme, which is long.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data_access.questions import ANSWERED, NOT_ANSWERED, TOTAL, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import period
from data_access.releases.books import ONE, TWO, WHOLE, Book, Heading, Sheet, Value
from data_access.releases.names import (
    AREAS,
    LICENCE,
    LICENCE_ADDRESS,
    MEANING_OF_MARKERS,
    ORGANISATION,
    SOURCE,
    WEIGHTING,
    TableFile,
)
from data_access.releases.ods import write_ods
from data_access.releases.themes import THEMES, collections_of, theme_of
from data_access.releases.xlsx import write_xlsx

TABLES = "tables"
_COUNTED = (
    "Figures count valid CORE records of lettings and sales in the collection year, 1 April to 31 "
    "March. A record that does not answer a question counts as not answered."
)
_SHARES = (
    "A share is a per cent of the records that answered. It is given where both the count and the "
    "number answering are shown."
)
_ABSENT = (
    "A local authority that is not available has fewer than 3 records of the log type, none, or is "
    "withheld with others so that its figures cannot be worked out from theirs."
)
_DESIGNATION = "Administrative data published from the CORE portal."


_BOTH = {"ods": write_ods, "xlsx": write_xlsx}


def write_workbooks(
    duck: duckdb.DuckDBPyConnection,
    folder: Path,
    file: TableFile,
    questions: Sequence[TabulatedQuestion],
    manifest: Mapping[str, Any],
) -> dict[str, int]:
    """Writes one theme from `observed` into `folder`/tables; rows of its sheets by file name.

    A theme that has no figures in the year, or no headline question for local authorities, is not
    written.
    """
    make = _of_authorities if file.areas == "local-authorities" else _of_england
    asked = [q for q in questions if theme_of(q) == file.theme]
    asked = [q for q in asked if file.collection in collections_of(q)]
    sheets = list(make(duck, file, asked))
    if not sheets:
        return {}
    (folder / TABLES).mkdir(exist_ok=True)
    book = _book(file, sheets, manifest)
    rows = sum(len(sheet.rows) for sheet in sheets)
    written = {}
    formats = {"ods": write_ods} if file.areas == "local-authorities" else _BOTH
    for ending, write in formats.items():
        path = folder / TABLES / f"{file.stem}.{ending}"
        write(book, path)
        written[f"{TABLES}/{path.name}"] = rows
    return written


def _book(file: TableFile, sheets: list[Sheet], manifest: Mapping[str, Any]) -> Book:
    label = period(file.year).label
    title = file.title(label)
    second = _ABSENT if file.areas == "local-authorities" else _SHARES
    made_up = ["A demonstration: every figure is made up."] if manifest["demonstration"] else []
    note = [f"Note on this version: {manifest['note']}"] if manifest["note"] else []
    return Book(
        title=title,
        summary=[
            *made_up,
            f"{THEMES[file.theme]} of social housing {file.collection} in England in {label}, by "
            f"log type, for {AREAS[file.areas]}.",
        ],
        about=[
            f"Published: {manifest['issued']}",
            f"Version: {manifest['id']}",
            f"Next update: {manifest['next_update']}",
            f"Organisation: {ORGANISATION}",
            "Report and all files of this version: the page of this version in the CORE portal, "
            f"/releases/{manifest['id']}",
            f"Designation: {_DESIGNATION}",
            f"Licence: {LICENCE}, {LICENCE_ADDRESS}",
            WEIGHTING,
            *(f"[{marker}] {words}" for marker, words in MEANING_OF_MARKERS.items()),
            "0 is a true zero.",
            *note,
        ],
        contact=[str(manifest["contact"])],
        keywords=["social housing", file.collection, THEMES[file.theme].lower(), "CORE"],
        issued=date.fromisoformat(manifest["issued"]),
        notes=[_COUNTED, second] if _refers(sheets, 2) else [_COUNTED],
        sheets=sheets,
    )


def _refers(sheets: Sequence[Sheet], note: int) -> bool:
    return any(heading.note == note for sheet in sheets for heading in sheet.headings)


def _sheet(
    number: int,
    question: TabulatedQuestion,
    file: TableFile,
    subtitle: str,
    headings: list[Heading],
    rows: list[list[Value]],
) -> Sheet:
    label = period(file.year).label
    return Sheet(
        name=f"Table_{number}",
        table_name=f"table_{number}_{question.name}",
        title=f"{question.label}, {AREAS[file.areas]}, {label}",
        title_note=1,
        subtitle=subtitle,
        source=SOURCE,
        coverage=f"Social housing {file.collection} in England. Unweighted.",
        headings=headings,
        rows=rows,
    )


Figure = tuple[float | None, str]


def _read(
    duck: duckdb.DuckDBPyConnection, file: TableFile, question: TabulatedQuestion
) -> dict[tuple[str, str, str], dict[tuple[str, str], Figure]]:
    """Value and marker by (code, measure), by (period, log type, area), in the order of sheets."""
    levels = ", ".join(f"'{level}'" for level in file.levels)
    found = duck.execute(
        f"""
        SELECT o.period, o.log_type, o.area, o.code, o.measure, o.value, o.marker
        FROM observed o JOIN log_types t ON t.code = o.log_type
        WHERE o.question = ? AND t.collection = ? AND o.level IN ({levels})
            AND (o.period = ? OR o.level = 'england')
        ORDER BY o.period, t.nth, o.level, o.area, o.nth
        """,
        [question.name, file.collection, file.year],
    ).fetchall()
    places: dict[tuple[str, str, str], dict[tuple[str, str], Figure]] = {}
    for slug, log_type, area, code, measure, value, marker in found:
        places.setdefault((slug, log_type, area), {})[code, measure] = (value, marker)
    return places


def _said(figure: Figure) -> Value:
    value, marker = figure
    if value is None:
        return f"[{marker}]"
    return int(value) if value == int(value) else value


def _mean(figure: Figure) -> Value:
    value, marker = figure
    return f"[{marker}]" if value is None else round(value, 2)


def _share(count: Figure, total: Figure, missing: Figure) -> Value:
    """Per cent of those answering; a marker where it cannot be worked out or has no meaning."""
    figures = (count, total, missing)
    if any(marker == "z" for _, marker in figures):
        return "[z]"
    if count[0] is None or total[0] is None or missing[0] is None:
        return "[c]"
    answered = total[0] - missing[0]
    return round(100 * count[0] / answered, 1) if answered else "[z]"


def _of_england(
    duck: duckdb.DuckDBPyConnection, file: TableFile, questions: Sequence[TabulatedQuestion]
) -> Iterator[Sheet]:
    names = dict(duck.execute("SELECT code, name FROM areas").fetchall())
    number = 0
    for question in questions:
        columns = _columns(question)
        codes = [] if question.kind == "number" else question.codes_at("england")
        shared = [(code, "count") for code, _ in codes]
        rows: list[list[Value]] = []
        for (slug, log_type, area), figures in _read(duck, file, question).items():
            missing = (0, "") if question.rest_label else figures[NOT_ANSWERED, "count"]
            rows.append(
                [
                    period(slug).label,
                    LOG_TYPES[log_type].label,
                    area,
                    names[area],
                    *(_figure(figures, key) for key in columns),
                    *(_share(figures[key], figures[TOTAL, "count"], missing) for key in shared),
                ]
            )
        if not rows:
            continue
        number += 1
        labels = _labels(question, "england")
        headings = [
            Heading("Period"),
            Heading("Log type"),
            Heading("Area code"),
            Heading("Area"),
            *columns.values(),
            *(Heading(f"{labels[code]} (% of those answering)", ONE, 2) for code, _ in shared),
        ]
        yield _sheet(
            number, question, file, "By log type, and for England by quarter", headings, rows
        )


def _figure(figures: dict[tuple[str, str], Figure], key: tuple[str, str]) -> Value:
    return _mean(figures[key]) if key[1] == "mean" else _said(figures[key])


def _of_authorities(
    duck: duckdb.DuckDBPyConnection, file: TableFile, questions: Sequence[TabulatedQuestion]
) -> Iterator[Sheet]:
    year = int(file.year)
    areas = duck.execute(
        """
        SELECT a.code, a.name, r.name FROM areas a JOIN areas r ON r.code = a.parent
        WHERE a.level = 'local_authority' AND coalesce(nullif(a.first_year, '')::INT <= ?, true)
            AND coalesce(nullif(a.last_year, '')::INT >= ?, true)
        ORDER BY a.code
        """,
        [year, year],
    ).fetchall()
    number = 0
    for question in questions:
        if not question.headline or not question.shown_at("local_authority"):
            continue
        places = _read(duck, file, question)
        log_types = list(dict.fromkeys(log_type for _, log_type, _ in places))
        columns = _columns(question, "local_authority", 2)
        rows: list[list[Value]] = []
        for log_type in log_types:
            for code, name, region in areas:
                figures = places.get((file.year, log_type, code))
                row: list[Value] = [LOG_TYPES[log_type].label, region, code, name]
                if figures is None:
                    row += ["[x]"] * len(columns)
                else:
                    row += [_figure(figures, key) for key in columns]
                rows.append(row)
        if not rows:
            continue
        number += 1
        headings = [
            Heading("Log type"),
            Heading("Region"),
            Heading("Area code"),
            Heading("Local authority"),
            *columns.values(),
        ]
        yield _sheet(number, question, file, "By log type and local authority", headings, rows)


def _labels(question: TabulatedQuestion, level: str) -> dict[str, str]:
    """Words of each answer by code, no two alike: where they are, the code stands beside them."""
    labels = dict(question.codes_at(level))
    alike = Counter(label.casefold() for label in (*labels.values(), "Not answered", "Records"))
    return {
        code: f"{label}, code {code}" if alike[label.casefold()] > 1 else label
        for code, label in labels.items()
    }


def _columns(
    question: TabulatedQuestion, level: str = "england", note: int | None = None
) -> dict[tuple[str, str], Heading]:
    """Headings of a place's figures by code and measure; the total, with its note, is last."""
    if question.kind == "number":
        shown = {
            (ANSWERED, "count"): Heading("Answered (number)", WHOLE),
            (ANSWERED, "mean"): Heading(f"Mean ({question.unit})", TWO),
        }
    else:
        shown = {
            (code, "count"): Heading(f"{label} (number)", WHOLE)
            for code, label in _labels(question, level).items()
        }
    if not question.rest_label:
        shown[NOT_ANSWERED, "count"] = Heading("Not answered (number)", WHOLE)
    return {
        **shown,
        (TOTAL, "count"): Heading("Records (number)", WHOLE, note),
    }
