"""Upload layouts: each field has one meaning, none is left out, and all that is required is fed."""

from collections.abc import Iterable, Iterator, Sequence

from data_access.reference.periods import year_label
from submission.questionnaire import is_confirmation
from submission.soundness.forms import Form, in_years, names_of, whole
from submission.soundness.links import unknown
from submission.tables import Problem, TableRow

# The layout counts the people whom a row describes (submission.uploads.layout).
_COUNTED = frozenset(["hhmemb"])
_FILLING = frozenset(["infer", "derive", "normalise", "lookup"])
_DATE, _POSTCODE = ("day", "month", "year"), ("outcode", "incode")
_PARTS_OF = {"date": _DATE, "postcode": _POSTCODE}


def layout_problems(forms: Sequence[Form]) -> Iterator[Problem]:
    """What is wrong with the upload layout of each collection and year."""
    yield from _not_fed(forms)
    for form in forms:
        rows = form.rows("upload_columns")
        numbered = [(number, row) for row in rows if (number := whole(row, "field")) is not None]
        ordered = sorted(numbered, key=lambda pair: (pair[0], pair[1].number))
        yield from _numbers(form, ordered)
        for row in rows:
            words = unknown(names_of(row["variables"]), form.kept)
            if words:
                yield row.problem("variables", words)
        yield from _parts(form, [row for _, row in ordered])


def _numbers(form: Form, ordered: list[tuple[int, TableRow]]) -> Iterator[Problem]:
    """Fields that are left out. Those described twice are rows that overlap."""
    before = 0
    for number, row in ordered:
        if number > before + 1:
            missing = f"field {before + 1}"
            if number > before + 2:
                missing = f"fields {before + 1} to {number - 1}"
            words = f"{missing} of {year_label(form.year)} is missing before {number}"
            yield row.problem("field", f"{words}; describe it, even if it is not used")
        before = max(before, number)


def _parts(form: Form, rows: list[TableRow]) -> Iterator[Problem]:
    """A date or postcode in several fields has each of its parts once."""
    parts: dict[str, dict[str, TableRow]] = {}
    for row in rows:
        names = names_of(row["variables"])
        if not names:
            continue
        question = form.questions.get(names[0])
        if row["part"] == "whole":
            if question is not None and question["kind"] in _PARTS_OF:
                listed = ", ".join(_PARTS_OF[question["kind"]])
                words = f"{names[0]} comes in parts; say which this is: {listed}"
                yield row.problem("part", words)
            continue
        if question is not None and row["part"] not in _PARTS_OF.get(question["kind"], ()):
            words = f"{names[0]} has no {row['part']}, for it is a {question['kind']}"
            yield row.problem("part", words)
            continue
        there = parts.setdefault(names[0], {})
        first = there.setdefault(row["part"], row)
        if first is not row:
            words = f"the {row['part']} of {names[0]} is read from field {first['field']} already"
            yield row.problem("part", words)
    for name, found in parts.items():
        wanted = _DATE if set(found) <= set(_DATE) else _POSTCODE
        lacking = [part for part in wanted if part not in found]
        if lacking:
            row = next(iter(found.values()))
            words = f"no field of {year_label(form.year)} has the {', '.join(lacking)} of {name}"
            yield row.problem("part", words)


def _not_fed(forms: Iterable[Form]) -> Iterator[Problem]:
    """Questions that a form requires and that a file cannot answer."""
    lacking: dict[int, tuple[TableRow, list[int]]] = {}
    for form in forms:
        rows = form.rows("upload_columns")
        fed = {name for row in rows for name in names_of(row["variables"])}
        filled = {step.variable for step in form.steps if step.kind in _FILLING}
        asked = {row["variable"] for row in form.rows("placements")}
        for name, row in form.questions.items():
            is_typed = name in asked and row["kind"] != "derived" and not is_confirmation(name)
            if not is_typed or row["optional"] == "yes" or row["derived"] == "yes":
                continue
            if name not in fed | filled | _COUNTED:
                lacking.setdefault(row.number, (row, []))[1].append(form.year)
    for row, years in lacking.values():
        words = (
            f"the form of {in_years(years)} requires it and no field of the upload layout feeds "
            "it; name it in upload_columns.csv, or set optional to yes"
        )
        yield row.problem("variable", words)
