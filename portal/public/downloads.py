"""Shown tables as tidy CSV: one observation a row, in the columns of a release's own files."""

import csv
import io
from collections.abc import Iterator

import pandas as pd

from data_access.questions import (
    ANSWERED,
    NOT_ANSWERED,
    RECORDS,
    TOTAL,
    PlaceTable,
    QuestionTable,
    TabulatedQuestion,
)
from data_access.reference.local_authorities import regions, spans
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import period
from data_access.releases.code_lists import MEANINGS, interval
from data_access.releases.tidy import COLUMNS, IDENTIFIERS, LEVELS

CROSS_COLUMNS = (
    "time_period,time_identifier,time_code,time_label,geographic_level,dataset,log_type,"
    "question_code,question,category_code,category,question_2_code,question_2,category_2_code,"
    "category_2,measure,unit,value,marker"
).split(",")


def tidy_csv(table: PlaceTable) -> str:
    """The figures of one place, with a header row and UTF-8 text."""
    place = spans().get(table.area)
    region_code = place.region_code if place else (table.area if table.level == "region" else "")
    kind = LOG_TYPES[table.log_type]
    start = [
        *_time(table.period),
        LEVELS.get(table.level, table.level),
        region_code,
        regions().get(region_code, ""),
        place.code if place else "",
        place.name if place else "",
        kind.slug,
        kind.label,
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.name for column in COLUMNS)
    records = _counted(TOTAL, MEANINGS[TOTAL], table.records)
    writer.writerow([*start, RECORDS, "Records", *records, "unweighted", _written(table.records)])
    for question in table.questions.values():
        asked = [question.question.name, question.question.label]
        for line in _lines(question):
            writer.writerow([*start, *asked, *line, "unweighted", _written(question.answered)])
    return text.getvalue()


def _time(slug: str) -> list[str]:
    found = period(slug)
    return [interval(found), IDENTIFIERS[found.quarter is not None], slug, found.label]


def _counted(code: str, label: str, count: int | None) -> list[str]:
    return [code, label, "count", "records", _written(count), "c" if count is None else ""]


def _written(count: int | None) -> str:
    return "" if count is None else str(count)


def _lines(table: QuestionTable) -> Iterator[list[str]]:
    question = table.question
    for row in table.rows:
        yield _counted(row.code, row.label, row.count)
    if question.kind == "number":
        yield _counted(ANSWERED, MEANINGS[ANSWERED], table.answered)
        # Nobody to take a mean of, or a mean that is withheld.
        marker = "" if table.mean is not None else "z" if table.answered == 0 else "c"
        mean = "" if table.mean is None else str(table.mean)
        yield [ANSWERED, MEANINGS[ANSWERED], "mean", question.unit, mean, marker]
    if not question.rest_label:
        yield _counted(NOT_ANSWERED, MEANINGS[NOT_ANSWERED], table.not_answered)


def cross_csv(
    crossed: pd.DataFrame,
    slug: str,
    log_type: str,
    first: TabulatedQuestion,
    second: TabulatedQuestion,
) -> str:
    """Two questions crossed for England (see Release.cross), a row for each pair of answers."""
    ones, twos = (
        {NOT_ANSWERED: MEANINGS[NOT_ANSWERED], **dict(question.codes_at("england"))}
        for question in (first, second)
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CROSS_COLUMNS)
    kind = LOG_TYPES[log_type]
    start = [*_time(slug), LEVELS["england"], kind.slug, kind.label]
    for one, counts in crossed.iterrows():
        for two, count in counts.items():
            answers = [first.name, first.label, one, ones[str(one)]]
            answers += [second.name, second.label, two, twos[str(two)]]
            figure = ["", "c"] if pd.isna(count) else [count, ""]
            writer.writerow([*start, *answers, "count", "records", *figure])
    return text.getvalue()
