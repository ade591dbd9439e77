"""Checking from outside: requests of other programs, thousands together, as frames.

The form of a request and of a result is a contract: docs/checking-from-outside.md describes it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from data_access.reference.periods import collection_year_of
from submission.answer_types import IDENTIFIERS, as_json
from submission.authorities import code_in_year
from submission.checker import CheckResult, Ranges, Wanted, checker
from submission.collection import COLLECTIONS, YEARS, Collection, load
from submission.facts import FACTS
from submission.findings import Finding
from submission.statements import Mode, statements

# What stands for an owner, manager or assignee that the request says nothing of: unknown, which
# is not the same as unanswered.
UNSAID = "\x00unsaid"
_PARTIES = ("owning_organisation_id", "managing_organisation_id", "assigned_to_id")
_SAME_FACTS = {"data_sharing_agreement_signed": "data_protection_confirmed"}
_GROUPS = ("owning_organisation", "managing_organisation", "assigned_to", "acting_user")


class BadRequest(Exception):
    """The request cannot be understood. The message says what is wrong with it."""


@dataclass
class Request:
    """One log to check, as a program sent it."""

    id: Any
    mode: Mode
    collection: str
    year: int
    today: date
    answers: dict[str, Any]
    saved: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    columns: dict[int, str] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Request":
        """The request in a document. Raises BadRequest."""
        collection = document.get("collection")
        if collection not in COLLECTIONS:
            raise BadRequest("collection must be 'lettings' or 'sales'")
        mode = document.get("mode") or "save"
        if mode not in ("save", "as_given"):
            raise BadRequest("mode must be 'save' or 'as_given'")
        if ("answers" in document) == ("columns" in document):
            raise BadRequest("give either answers or columns")
        today = _day(document.get("today"), "today") or date.today()  # noqa: DTZ011
        answers = _mapping(document, "answers")
        year = document.get("year")
        if year is None:
            event = answers.get("startdate" if collection == "lettings" else "saledate")
            day = _day(event, "") if isinstance(event, str) and len(event) == 10 else None
            year = collection_year_of(day or today)
        if not isinstance(year, int) or year not in YEARS:
            listed = ", ".join(map(str, YEARS))
            raise BadRequest(f"year must be one of {listed}: the year in which April falls")
        columns = None
        if "columns" in document:
            given = _mapping(document, "columns")
            try:
                columns = {int(number): _text(text) for number, text in given.items()}
            except ValueError as wrong:
                raise BadRequest("columns must be numbered") from wrong
        made = cls(
            document.get("id"),
            Mode(mode),
            collection,
            year,
            today,
            answers,
            _mapping(document, "saved"),
            _mapping(document, "context"),
            columns,
        )
        try:
            made.facts = _facts_of_one(made, year)
        except (AttributeError, InvalidOperation, TypeError, ValueError) as wrong:
            raise BadRequest(f"the context cannot be read: {wrong}") from wrong
        return made


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _mapping(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadRequest(f"{name} must be an object")
    return dict(found)


def _day(value: Any, name: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as wrong:
        if not name:
            return None
        raise BadRequest(f"{name} must be a date such as 2026-09-01") from wrong


def check_lines(lines: Iterable[str]) -> Iterator[str]:
    """A result, as a line of JSON, for each line with a request, in their order.

    A request that cannot be understood has the result {"id", "error"}.
    """
    requests: list[Request | None] = []
    results: list[dict[str, Any] | None] = []
    for line in lines:
        if not line.strip():
            continue
        name = None
        try:
            document = json.loads(line)
            if not isinstance(document, dict):
                raise BadRequest("a request is an object")
            name = document.get("id")
            requests.append(Request.read(document))
            results.append(None)
        except (BadRequest, json.JSONDecodeError) as wrong:
            requests.append(None)
            results.append({"id": name, "error": str(wrong)})
    understood = [request for request in requests if request is not None]
    checked = iter(check_requests(understood))
    for request, result in zip(requests, results, strict=True):
        yield json.dumps(next(checked) if request is not None else result, ensure_ascii=False)


def check_requests(requests: list[Request]) -> list[dict[str, Any]]:
    """Results of requests, in their order; those of one collection, year and mode as one frame."""
    from submission.uploads.column_requests import check_columns

    together: dict[tuple[str, int, Mode, bool], list[int]] = {}
    for at, request in enumerate(requests):
        key = (request.collection, request.year, request.mode, request.columns is not None)
        together.setdefault(key, []).append(at)
    results: list[dict[str, Any]] = [{} for _ in requests]
    for (collection, year, mode, is_columns), places in together.items():
        part = [requests[at] for at in places]
        if is_columns:
            found = check_columns(collection, year, mode, part)
        else:
            found = _check(collection, year, mode, part)
        for at, result in zip(places, found, strict=True):
            results[at] = result
    return results


def _check(collection: str, year: int, mode: Mode, part: list[Request]) -> list[dict[str, Any]]:
    definition = load(collection, year)
    frame = answers_frame(part, mode)
    facts, ranges = facts_of(part, year)
    saved = {
        name: [request.saved.get(name) for request in part]
        for name in {name for request in part for name in request.saved}
    }
    saved["id"] = [1 if request.saved else None for request in part]
    result = checker(collection, year).check(
        frame, facts, mode, ranges, Wanted(asked=True), saved=saved
    )
    numbers = fields_by_variable(definition)
    names = [request.id for request in part]
    return as_results(definition, names, result, result.findings, numbers)


def answers_frame(part: list[Request], mode: Mode) -> pd.DataFrame:
    """Answers by variable: when a log is saved, those given over those stored before."""
    rows = []
    for request in part:
        row = dict(request.answers)
        if mode is Mode.SAVE:
            row = {**request.saved, **row}
        for name in _PARTIES:
            if name not in row:
                row[name] = UNSAID
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame({name: [row.get(name) for row in rows] for name in names}, dtype=object)


def facts_of(part: list[Request], year: int) -> tuple[dict[str, list[Any]], Ranges]:
    """Facts by name, a value a request; and the usual rents and prices that requests name."""
    facts: dict[str, list[Any]] = {"today": [request.today for request in part]}
    rows = [request.facts for request in part]
    for name in {name for row in rows for name in row}:
        facts[name] = [row.get(name) for row in rows]
    lists: dict[str, int] = {}
    frames: list[pd.DataFrame] = []
    numbers: list[int | None] = []
    for request in part:
        name = "rent_ranges" if request.collection == "lettings" else "sale_ranges"
        given = request.context.get(name)
        if not given:
            numbers.append(None)
            continue
        key = json.dumps(given, sort_keys=True)
        if key not in lists:
            lists[key] = len(lists)
            frames.append(_ranges_frame(given, lists[key], request))
        numbers.append(lists[key])
    facts["ranges"] = numbers
    if not frames:
        return facts, Ranges()
    return facts, Ranges(f"given {hash(tuple(lists))}", pd.concat(frames, ignore_index=True))


def _ranges_frame(given: list[dict[str, Any]], number: int, request: Request) -> pd.DataFrame:
    is_rent = request.collection == "lettings"
    limits = ["soft_min", "soft_max", *(["hard_min", "hard_max"] if is_rent else [])]
    keys = ["year", *(["lettype"] if is_rent else []), "la", "beds"]
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in given:
        beds = row.get("beds", row.get("bedrooms"))
        plain = {"year": request.year, **row, "beds": beds}
        # The later of two rows for one key counts, as in the collection's own files.
        rows[tuple(str(plain.get(key)) for key in keys)] = plain
    columns = ["list", *keys, *limits]
    return pd.DataFrame(
        [{"list": number, **{n: row.get(n) for n in columns[1:]}} for row in rows.values()],
        columns=pd.Index(columns),
        dtype=object,
    ).map(lambda value: None if value is None or value == "" else str(value))


def _facts_of_one(request: Request, year: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    context = request.context
    for group in (*_GROUPS, "scheme", "location"):
        for name, value in (context.get(group) or {}).items():
            fact = f"{group}.{_SAME_FACTS.get(name, name)}"
            if fact in FACTS:
                found[fact] = fact_value(FACTS[fact], value)
    for name, fact in (
        ("address_of_uprn", "address_of_uprn"),
        ("best_address_match", "best_address_match"),
        ("saved_owning_organisation", "saved_owning_organisation"),
    ):
        for part, value in (context.get(name) or {}).items():
            if f"{fact}.{part}" in FACTS:
                found[f"{fact}.{part}"] = fact_value(FACTS[f"{fact}.{part}"], value)
    if "address_of_uprn" in context:
        found["address_service"] = True
    for name, kind in FACTS.items():
        if "." not in name and name != "today" and context.get(name) is not None:
            found[name] = fact_value(kind, context[name])
    if "scheme" in context and "scheme.selectable_location_count" not in found:
        count = found.get("scheme.location_count")
        if count is not None:
            found["scheme.selectable_location_count"] = count
    state = {**request.saved, **request.answers}
    found |= directory_facts(
        (context.get("postcodes") or {}),
        [
            state.get("postcode_full"),
            state.get("ppostcode_full"),
            found.get("location.postcode"),
            found.get("address_of_uprn.postcode"),
        ],
        year,
    )
    return found


def directory_facts(
    postcodes: Mapping[str, str], wanted: Iterable[Any], year: int
) -> dict[str, Any]:
    """What a directory of postcodes says of the postcodes of a log."""
    plain = {key_of(postcode): code for postcode, code in postcodes.items()}
    found: dict[str, Any] = {}
    for number, text in enumerate(wanted, start=1):
        code = plain.get(key_of(text)) if text else None
        if code:
            key = key_of(text)
            found[f"directory.postcode{number}"] = f"{key[:-3]} {key[-3:]}"
            found[f"directory.la{number}"] = code_in_year(code, year)
    return found


def key_of(postcode: Any) -> str:
    """A postcode as it is compared: capitals without spaces."""
    return "".join(str(postcode).upper().split())


def fact_value(kind: str, value: Any) -> Any:
    """A fact from JSON as the checker takes it."""
    if value is None:
        return None
    if kind == "DATE":
        return _day(value, "a date in the context")
    if kind == "BOOLEAN":
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "yes")
    if kind == "INTEGER":
        return int(value)
    if kind.startswith("DECIMAL"):
        return Decimal(str(value))
    if kind == "INTEGER[]":
        return [int(part) for part in value]
    return value


def fields_by_variable(definition: Collection) -> dict[str, tuple[int, ...]]:
    """Numbers of the upload columns that each variable is read from."""
    found: dict[str, list[int]] = {}
    for column in definition.upload_columns:
        for name in column.variables:
            found.setdefault(name, []).append(column.field)
    return {name: tuple(numbers) for name, numbers in found.items()}


def as_results(
    definition: Collection,
    names: Sequence[Any],
    result: CheckResult,
    findings: Sequence[Sequence[Finding]],
    numbers: Mapping[str, tuple[int, ...]],
) -> list[dict[str, Any]]:
    """The results of requests, ready for JSON."""
    sql = statements(definition.name, definition.year)
    worked_out = {step.variable for step in sql.steps if step.kind not in ("clear", "normalise")}
    worked_out |= {n for n, v in definition.variables.items() if v.kind == "derived"}
    worked_out |= set(sql.checked_helpers)
    rows = shown_rows(definition, result)
    return [
        {
            "id": name,
            "findings": [finding_as_json(f, numbers) for f in findings[at] if not f.confirmed],
            "derived": {n: value for n, value in rows[at].items() if n in worked_out},
            "asked": sorted(result.asked[at]) if result.asked else [],
            "log": {n: value for n, value in rows[at].items() if n in sql.types},
        }
        for at, name in enumerate(names)
    ]


def shown_rows(definition: Collection, result: CheckResult) -> list[dict[str, Any]]:
    """Every value of each row, ready for JSON: those that a log keeps, and the rules' helpers."""
    sql = statements(definition.name, definition.year)
    columns = []
    for name, values in result.answers.items():
        if name in IDENTIFIERS:
            columns.append([_identifier(value) for value in values])
        elif name not in sql.types or sql.types[name].startswith("DECIMAL"):
            columns.append([value if value is None else as_json(value) for value in values])
        else:
            columns.append(values)
    names = list(result.answers)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def finding_as_json(finding: Finding, numbers: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """A finding, ready for JSON; `numbers` has the upload columns of each variable."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "fields": list(finding.fields),
        "columns": numbered(finding, numbers),
        "message": finding.message,
    }


def numbered(finding: Finding, numbers: Mapping[str, tuple[int, ...]]) -> list[int]:
    """The upload columns that a finding concerns, in order."""
    return sorted({number for name in finding.fields for number in numbers.get(name, ())})


def _identifier(value: Any) -> Any:
    if value is None or value == UNSAID:
        return None
    return int(value) if str(value).isdecimal() else value
