"""Requests of other programs that give the numbered fields of a row instead of answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from submission.checker import Wanted
from submission.collection import load
from submission.requests import UNSAID, Request, as_results, directory_facts, facts_of
from submission.statements import Mode
from submission.uploads.given_registry import registry_of_context
from submission.uploads.laying_out import event_days, table_of_rows
from submission.uploads.layout import Layout, filled_in, layout
from submission.uploads.registry import Parties, Registry, resolve
from submission.uploads.repeats import stored_of_context, tell_stored
from submission.uploads.rows import check_rows


def check_columns(
    collection: str, year: int, mode: Mode, part: list[Request]
) -> list[dict[str, Any]]:
    """Results of requests that give upload columns, in their order."""
    definition = load(collection, year)
    made = layout(collection, year)
    count = len(definition.upload_columns)
    numbers = list(range(1, count + 1))
    rows = [[(request.columns or {}).get(n, "") for n in numbers] for request in part]
    table = table_of_rows(pd.DataFrame(rows, columns=pd.Index(numbers), dtype=object), count)
    registries: dict[str, Registry] = {}
    parties = []
    days = event_days(made, table)
    for at, request in enumerate(part):
        key = json.dumps(request.context.get("registry"), sort_keys=True, default=str)
        if key not in registries:
            registries[key] = registry_of_context(request.context)
        [found] = resolve(registries[key], made, table.slice(at, 1), [days[at]])
        parties.append(_with_unsaid(found))
    facts, ranges = facts_of(part, year)

    def directory(
        postcodes: pd.DataFrame, known: Mapping[str, Sequence[Any]], year: int
    ) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        places = known.get("location.postcode") or [None] * len(part)
        for at, request in enumerate(part):
            wanted = [*postcodes.iloc[at].tolist(), places[at]]
            of_row = directory_facts(request.context.get("postcodes") or {}, wanted, year)
            for name, value in of_row.items():
                found.setdefault(name, [None] * len(part))[at] = value
        return found

    inner = Mode.SUBMIT if mode is Mode.SAVE else mode
    checked = check_rows(
        collection, year, table, parties, facts, inner, ranges, Wanted(asked=True), directory
    )
    for at, request in enumerate(part):
        stored = stored_of_context(collection, year, request.context)
        if stored:
            one = [checked.findings[at]]
            tell_stored(made, one, checked.result.only(at), stored)
    names = [request.id for request in part]
    results = as_results(definition, names, checked.result, checked.findings, made.fields)
    for request, result in zip(part, results, strict=True):
        for finding in result["findings"]:
            finding["columns"] = columns_in_row(made, finding["fields"], request.columns or {})
    return results


def columns_in_row(made: Layout, names: Iterable[str], given: Mapping[int, str]) -> list[int]:
    """The upload columns that variables have in a row, in order."""
    places = (filled_in(made, name, given) for name in names)
    return sorted({number for numbers in places for number in numbers})


def _with_unsaid(found: Parties) -> Parties:
    """Whoever is named but not known counts as given: what is wrong has been said already."""
    ids = dict(found.ids)
    for name in ("owning_organisation_id", "managing_organisation_id", "assigned_to_id"):
        ids.setdefault(name, UNSAID)
    return replace(found, ids=ids)
