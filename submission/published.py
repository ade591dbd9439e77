"""The questions of the collections that figures are made of."""

from collections.abc import Iterable

from data_access.questions import TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from submission.collection import YEARS, Variable, load

_NUMBERS = {"integer", "decimal", "money", "derived"}
_UNITS = {"GBP": "£", "GBP/week": "£ a week", "GBP/month": "£ a month", "GBP/year": "£ a year"}


def tabulated_questions(
    collections: Iterable[str] = ("lettings", "sales"), years: Iterable[int] = YEARS
) -> list[TabulatedQuestion]:
    """Published questions in the order of the collection, with the codes of all these years.

    A question that both collections ask stands once for each, the one of sales with the prefix
    "sale_" where both have the name: their codes differ.
    """
    listed = list(years)
    return [question for name in collections for question in _of_collection(name, listed)]


def name_in_figures(collection: str, variable: str) -> str:
    """The name that a variable of a collection has in figures."""
    return variable if collection == "lettings" else f"sale_{variable}"


def _of_collection(collection: str, years: list[int]) -> list[TabulatedQuestion]:
    sections = {part.slug: part.label for part in load(collection, max(years)).subsections}
    newest: dict[str, Variable] = {}
    codes: dict[str, dict[str, str]] = {}
    for year in sorted(years, reverse=True):
        loaded = load(collection, year)
        for variable in loaded.variables.values():
            if not variable.published:
                continue
            newest.setdefault(variable.id, variable)
            labels = codes.setdefault(variable.id, {})
            for code in loaded.codes(variable.id):
                labels.setdefault(code.code, code.label)
    types = tuple(slug for slug, kind in LOG_TYPES.items() if kind.collection == collection)
    return [
        TabulatedQuestion(
            name=name_in_figures(collection, variable.id),
            label=variable.public_label,
            kind="category" if codes[variable.id] else "number",
            unit=_UNITS.get(variable.unit, variable.unit),
            codes=tuple(codes[variable.id].items()),
            log_types=types,
            sensitive=variable.sensitive,
            headline=variable.headline,
            section=sections.get(variable.subsection.split(";")[0], "Worked out from the answers"),
            variable=variable.id,
        )
        for variable in newest.values()
    ]
