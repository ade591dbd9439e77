"""Shown tables as tidy CSV: one observation a row."""

import csv
import io

import pandas as pd

from data_access.questions import PlaceTable, TabulatedQuestion
from data_access.reference.local_authorities import local_authorities, regions
from data_access.reference.log_types import LOG_TYPES
from portal.public.selection import period_label

COLUMNS = (
    "time_period,time_identifier,geographic_level,region_code,region_name,lad_code,lad_name,"
    "dataset,question,category,category_code,measure,unit,value,marker"
).split(",")

CROSS_COLUMNS = (
    "time_period,time_identifier,geographic_level,dataset,question,category,category_code,"
    "question_2,category_2,category_2_code,measure,unit,value,marker"
).split(",")


def tidy_csv(table: PlaceTable) -> str:
    """The figures of one place, with a header row and UTF-8 text."""
    place = local_authorities().get(table.area)
    region_code = place.region_code if place else (table.area if table.level == "region" else "")
    start = [
        period_label(table.period),
        "Quarter" if "-" in table.period else "Collection year",
        table.level.replace("_", " "),
        region_code,
        regions().get(region_code, ""),
        place.code if place else "",
        place.name if place else "",
        LOG_TYPES[table.log_type].label,
    ]
    rows: list[list[object]] = [
        [*start, "Records", "Total", "total", "count", "records", table.records, ""]
    ]
    for question in table.questions.values():
        label, unit = question.question.label, question.question.unit
        for row in question.rows:
            rows.append([*start, label, row.label, row.code, "count", "records", row.count, ""])
        if question.question.kind == "number":
            answered = question.answered
            rows.append([*start, label, "Answered", "answered", "count", "records", answered, ""])
            if question.mean is not None:
                rows.append(
                    [*start, label, "Answered", "answered", "mean", unit, question.mean, ""]
                )
        missing = question.not_answered
        rows.append(
            [*start, label, "Not answered", "not_answered", "count", "records", missing, ""]
        )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def cross_csv(
    crossed: pd.DataFrame,
    slug: str,
    log_type: str,
    first: TabulatedQuestion,
    second: TabulatedQuestion,
) -> str:
    """Two questions crossed for England, a row for each pair of answers."""
    ones, twos = dict(first.codes), dict(second.codes)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CROSS_COLUMNS)
    start = [
        period_label(slug),
        "Quarter" if "-" in slug else "Collection year",
        "england",
        LOG_TYPES[log_type].label,
    ]
    for one, counts in crossed.iterrows():
        for two, count in counts.items():
            answers = [first.label, ones[str(one)], one, second.label, twos[str(two)], two]
            writer.writerow([*start, *answers, "count", "records", count, ""])
    return text.getvalue()
