"""Everything that is wrong with a folder of definition tables, at once.

Each module beside this one knows one kind of fault. They run even where others have found
something, so that one round of mending is enough; what a fault would make others say falsely is
left out (see `forms`).
"""

from collections.abc import Iterator
from pathlib import Path

from submission.collection import COLLECTIONS, YEARS, build
from submission.expressions import parse_problem
from submission.soundness.cells import cell_problems
from submission.soundness.circles import circle_problems
from submission.soundness.dates import window_problems
from submission.soundness.figures import figures_problems
from submission.soundness.fitting import Types, misfits
from submission.soundness.forms import Form, forms_of, years_of
from submission.soundness.functions import Functions, functions_of
from submission.soundness.layouts import layout_problems
from submission.soundness.links import link_problems
from submission.soundness.offered import codes_not_offered
from submission.soundness.reached import Reach, never_at_work, never_reached, spots_by_cell
from submission.soundness.spans import span_problems
from submission.soundness.spots import Spot, spots_of, unreadable
from submission.soundness.wording import wording_problems
from submission.soundness.worked import example_problems
from submission.tables import (
    COLUMNS,
    DEFINITIONS,
    DefinitionProblems,
    Problem,
    Tables,
    examine_tables,
)

_FILES = (*(f"{name}.csv" for name in COLUMNS), "windows.csv")


def every_problem(folder: Path = DEFINITIONS) -> list[Problem]:
    """Every problem of a folder's tables, in the order of files and rows; empty when sound."""
    tables, problems = examine_tables(folder, COLLECTIONS, YEARS)
    if any(problem.row <= 1 for problem in problems):
        # Without a table or column the others would be called wrong throughout.
        return _in_order(problems)
    return problems_of(tables, problems)


def problems_of(tables: Tables, found: list[Problem] | None = None) -> list[Problem]:
    """Every problem of tables already read. `found` are those of reading them."""
    functions = functions_of(tables.functions)
    forms = forms_of(tables)
    years = years_of(tables)
    problems = [
        *(found or ()),
        *functions.problems,
        *cell_problems(tables),
        *figures_problems(tables),
        *span_problems(tables, years),
        *link_problems(tables, forms),
        *layout_problems(forms),
        *wording_problems(tables, forms),
        *window_problems(tables, years),
        *example_problems(tables, forms),
        *circle_problems(forms),
        *_of_expressions(tables, forms, functions),
    ]
    if not problems:
        problems += _as_loaded(tables, years)
    return _in_order(problems)


def _of_expressions(tables: Tables, forms: list[Form], functions: Functions) -> Iterator[Problem]:
    readable: list[Spot] = []
    sound: list[Spot] = []
    for spot in spots_of(tables, forms):
        found = unreadable(spot, functions)
        yield from found
        if not any(parse_problem(text) for text in spot.texts.values()):
            readable.append(spot)
            if not found:
                sound.append(spot)
    types = Types(functions)
    # What names something unknown may be anything; its own fault has been told.
    yield from misfits(sound, functions, types)
    yield from codes_not_offered(readable)
    cells = spots_by_cell(sound)
    reach = Reach(functions, types)
    yield from never_reached(forms, cells, reach)
    yield from never_at_work(cells, reach)


def _as_loaded(tables: Tables, years: range) -> Iterator[Problem]:
    """What the portal would refuse, should anything have been overlooked above."""
    for name in COLLECTIONS:
        for year in years:
            try:
                build(tables, name, year)
            except DefinitionProblems as refused:
                yield from refused.problems


def _in_order(problems: list[Problem]) -> list[Problem]:
    def place(problem: Problem) -> tuple[int, str, int, str]:
        known = problem.file in _FILES
        at = _FILES.index(problem.file) if known else len(_FILES)
        return at, problem.file, problem.row, problem.column

    return sorted(dict.fromkeys(problems), key=place)
