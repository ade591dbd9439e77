"""The questions of the collections that figures are made of."""

from collections.abc import Iterable
from typing import cast

from data_access.questions import Level, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from submission.collection import YEARS, Code, Variable, load

_UNITS = {"GBP": "£", "GBP/week": "£ a week", "GBP/month": "£ a month", "GBP/year": "£ a year"}


def tabulated_questions(
    collections: Iterable[str] = ("lettings", "sales"), years: Iterable[int] = YEARS
) -> list[TabulatedQuestion]:
    """Published questions in the order of the collection, with the codes of all these years.

    "Don't know" and "prefers not to say" are no codes: who says so is counted with those who did
    not answer, so that nobody learns how many were not asked.
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
    codes: dict[str, dict[str, Code]] = {}
    asked: dict[str, list[int]] = {}
    for year in sorted(years, reverse=True):
        loaded = load(collection, year)
        for variable in loaded.variables.values():
            if not variable.figures.published:
                continue
            newest.setdefault(variable.id, variable)
            asked.setdefault(variable.id, []).insert(0, year)
            found = codes.setdefault(variable.id, {})
            for code in loaded.codes(variable.id):
                found.setdefault(code.code, code)
    return [
        _question(
            collection,
            variable,
            list(codes[variable.id].values()),
            () if asked[variable.id] == sorted(years) else tuple(asked[variable.id]),
            sections.get(variable.subsection.split(";")[0], "Worked out from the answers"),
        )
        for variable in newest.values()
    ]


def _question(
    collection: str, variable: Variable, codes: list[Code], years: tuple[int, ...], section: str
) -> TabulatedQuestion:
    figures = variable.figures
    counted = [
        code
        for code in codes
        if code.is_answer and (not figures.codes or code.code in figures.codes)
    ]
    grouped = [code for code in counted if code.authority_group]
    types = tuple(slug for slug, kind in LOG_TYPES.items() if kind.collection == collection)
    return TabulatedQuestion(
        name=name_in_figures(collection, variable.id),
        label=figures.label,
        kind="category" if codes else "number",
        unit=_UNITS.get(variable.unit, variable.unit),
        codes=tuple((code.code, code.label) for code in counted),
        log_types=figures.log_types or types,
        sensitive=figures.sensitive,
        headline=figures.headline,
        section=section,
        variable=variable.id,
        personal=figures.personal,
        commercial=figures.commercial,
        lowest_level=cast(Level, figures.lowest_level),
        groups=tuple((code.code, code.authority_group) for code in grouped),
        group_labels=tuple(
            {code.authority_group: code.authority_group_label for code in grouped}.items()
        ),
        crossable=figures.crossable,
        rest_label=figures.rest,
        answered_with=name_in_figures(collection, figures.answered_with)
        if figures.answered_with
        else "",
        answered_codes=figures.answered_codes,
        years=years,
    )
