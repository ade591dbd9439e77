"""Questions that no route reaches, and rules and derivations that never come to bear."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from submission.expressions import references_in, tree
from submission.questionnaire import is_confirmation
from submission.soundness.domains import NO_ANSWER, Domain
from submission.soundness.fitting import NUMBER, Types, family
from submission.soundness.forms import YEAR_NAMES, Form, in_years
from submission.soundness.functions import Functions
from submission.soundness.possible import Conditions
from submission.soundness.spots import Spot, Use
from submission.tables import Problem, TableRow

Cells = Mapping[tuple[str, int, str], Spot]


class Reach:
    """Says of conditions whether they can hold in a form."""

    def __init__(self, functions: Functions, types: Types) -> None:
        self._functions = functions
        self._types = types
        self._given: dict[tuple[str, int, bool], dict[str, Domain]] = {}

    def can_hold(
        self, form: Form, *conditions: str, worked: bool, open_to: frozenset[str] = frozenset()
    ) -> bool:
        """Whether all these can hold together.

        `worked`: they are a rule's or a derivation's, where the collection year is that of a date
        which may be lacking. `open_to`: names of which nothing is taken to be known.
        """
        key = (form.collection, form.year, worked)
        if key not in self._given:
            self._given[key] = dict(self._known(form, worked))
        given = self._given[key]
        names = frozenset(name for sql in conditions for name in references_in(sql))
        mine = {name: given[name] for name in sorted((names & set(given)) - open_to)}
        asked = (conditions, tuple(mine.items()))
        known = self._functions.possible
        if asked not in known:
            found = Conditions(mine, self._functions.value)
            known[asked] = found.can_hold(*(tree(sql) for sql in conditions))
        return known[asked]

    def _known(self, form: Form, worked: bool) -> Iterator[tuple[str, Domain]]:
        for name, kind in self._types.of(form).items():
            if family(kind) == NUMBER and not kind.startswith(("DECIMAL", "DOUBLE")):
                yield name, Domain(whole=True)
        year = frozenset([Decimal(form.year)])
        for name in YEAR_NAMES:
            may_lack = worked and name == "collection_year"
            yield name, Domain(empty=may_lack, only=year, whole=True)
        for name in form.lacking:
            yield name, NO_ANSWER


def spots_by_cell(spots: Iterable[Spot]) -> Cells:
    """Expressions by file, row and column."""
    return {(spot.row.file, spot.row.number, spot.column): spot for spot in spots}


def never_reached(forms: Iterable[Form], cells: Cells, reach: Reach) -> Iterator[Problem]:
    """Conditions of pages, questions and sections that can never hold, and what hangs on them.

    What is asked must be asked in each year of its row; an answer that is offered, or a question
    that need not be answered, in one of them.
    """
    filled_in: set[tuple[str | None, str | None]] = {
        (form.collection, name)
        for form in forms
        for name, row in form.questions.items()
        if row["derived"] == "yes"
    }
    for spot in cells.values():
        if spot.use is Use.WORKED:
            continue
        row = spot.row
        says_never = row[spot.column].strip().upper() == "FALSE"
        if says_never and spot.column == "offered_if":
            continue
        if says_never and (row.values.get("collection"), row.values.get("variable")) in filled_in:
            continue
        never = [form for form in spot.forms if not _holds((spot,), form, reach)]
        if never and (len(never) == len(spot.forms) or spot.column == "asked_if"):
            words = f"can never be true in {in_years(form.year for form in never)}"
            yield row.problem(spot.column, f"{words}; {_why((spot,), never[0], reach)}")
    yield from _unreached(forms, cells, reach)


def _unreached(forms: Iterable[Form], cells: Cells, reach: Reach) -> Iterator[Problem]:
    """Questions that somebody is to answer and that no page asks, or none that is ever reached."""
    rows: dict[int, TableRow] = {}
    without_page: dict[int, list[int]] = {}
    without_route: dict[int, dict[int, list[int]]] = {}
    for form in forms:
        places: dict[str, list[TableRow]] = {}
        for row in form.rows("placements"):
            places.setdefault(row["variable"], []).append(row)
        for name, row in form.questions.items():
            if row["kind"] == "derived" or row["derived"] == "yes":
                continue
            rows[row.number] = row
            if name not in places:
                without_page.setdefault(row.number, []).append(form.year)
            elif not is_confirmation(name):
                found = [cells.get((p.file, p.number, "asked_if")) for p in places[name]]
                if not any(spot is None or _holds((spot,), form, reach) for spot in found):
                    numbers = [place.number for place in places[name]]
                    without_route.setdefault(row.number, {})[form.year] = numbers
    for number, years in without_page.items():
        words = f"no page asks it in {in_years(years)}"
        yield rows[number].problem("variable", f"{words}; give it one in placements.csv, or end it")
    for number, by_year in without_route.items():
        where = ", ".join(map(str, sorted({n for listed in by_year.values() for n in listed})))
        words = f"no route reaches it in {in_years(by_year)}"
        yield rows[number].problem("variable", f"{words}: see placements.csv, row {where}")


def never_at_work(cells: Cells, reach: Reach) -> Iterator[Problem]:
    """Rules that can never be broken, and derivations that can never apply, in a year of theirs."""
    for (file, number, column), applies in cells.items():
        if column != "applies_if":
            continue
        if file != "rules.csv":
            yield from _never((applies,), "the derivation can never apply", reach)
            continue
        before = list(_never((applies,), "the rule can never fire", reach))
        yield from before
        fails = cells.get((file, number, "fails_if"))
        if fails is not None and not before:
            yield from _never((applies, fails), "the rule can never fire", reach)


def _never(spots: tuple[Spot, ...], words: str, reach: Reach) -> Iterator[Problem]:
    never = [form for form in spots[0].forms if not _holds(spots, form, reach)]
    if never:
        last = spots[-1]
        years = f"{words} in {in_years(form.year for form in never)}"
        yield last.row.problem(last.column, f"{years}; {_why(spots, never[0], reach)}")


def _holds(
    spots: tuple[Spot, ...], form: Form, reach: Reach, open_to: frozenset[str] = frozenset()
) -> bool:
    """Whether the expressions of a row can hold together, for one of its people at least."""
    worked = spots[0].use is Use.WORKED
    return any(
        reach.can_hold(form, *(s.sql(form, p) for s in spots), worked=worked, open_to=open_to)
        for p in spots[0].people
    )


def _why(spots: tuple[Spot, ...], form: Form, reach: Reach) -> str:
    """What is in the way: an answer that is not there, the year, or the parts themselves."""
    named = {
        name
        for spot in spots
        for person in spot.people
        for name in references_in(spot.sql(form, person))
    }
    lacking = frozenset(named & form.lacking)
    if lacking and _holds(spots, form, reach, lacking):
        listed = ", ".join(sorted(lacking))
        have = "has" if len(lacking) == 1 else "have"
        return f"{listed} {have} no answer then. Let the row hold in other years, or mend it"
    if _holds(spots, form, reach, YEAR_NAMES):
        return "it holds in other years alone. Mend the year that it names"
    if len(spots) > 1:
        return "look for limits in applies_if and fails_if that contradict each other"
    return "look for parts that contradict each other"
