"""functions.sql: whether each function is sound, and DuckDB with all of them to hold SQL against.

DuckDB's binder says of an expression over typed columns which type it has, or why it has none.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import duckdb

from submission.documents.names import PREDICATES
from submission.expressions import functions_in, parse_problem, references_in
from submission.tables import FUNCTIONS, Problem

# Functions that the checker's own SQL uses, whatever the tables name.
NEEDED = frozenset(
    ["read_date", "read_code", "plain_number", "is_number", "fits", "canonical_postcode"]
)
# The documentation's predicates have no arguments, but for this one.
_OF_A_CODE = "manager_uses_rent_period"
_BEGINS = re.compile(r"^CREATE\b", re.MULTILINE | re.IGNORECASE)
_MACRO = re.compile(r"CREATE\s+MACRO\s+(\w+)\s*\(([^)]*)\)\s+AS\s+(.*);\s*", re.DOTALL | re.I)
_REMARK = re.compile(r"^\s*--.*$", re.MULTILINE)
# The checker brings this one with the authorities in force; here only its types matter.
_IN_FORCE = (
    "CREATE MACRO authority_in_force(code, d) AS "
    "CASE code WHEN 'E06000001' THEN d >= DATE '2023-04-01' ELSE code IN ('') END"
)
AT_ONCE = 60


@dataclass(frozen=True)
class Bound:
    """What DuckDB says of an expression: its type, or else what is wrong with it."""

    kind: str
    wrong: str = ""


@dataclass(frozen=True)
class Question:
    """An expression to bind: SQL over columns with these types."""

    sql: str
    columns: tuple[tuple[str, str], ...]


@dataclass
class Functions:
    """The functions of a functions.sql, and DuckDB with them."""

    text: str
    problems: list[Problem] = field(default_factory=list)
    # The names of the arguments of each function in the file.
    arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _bound: dict[Question, Bound] = field(default_factory=dict)
    _values: dict[str, object] = field(default_factory=dict)
    # What was found not to fit in expressions, kept with what they were bound to.
    misfits: dict[Question, list[str]] = field(default_factory=dict)
    # Whether conditions can hold together, by their SQL and what is known of what they name.
    possible: dict[tuple[object, ...], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._duck = duckdb.connect(config={"threads": 1})
        builtin = self._duck.execute(
            "SELECT function_name, bool_or(function_type IN ('scalar', 'macro')), "
            "bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT') "
            "FROM duckdb_functions() GROUP BY function_name"
        ).fetchall()
        # Functions of one row, and those of them whose value depends on nothing but it.
        self._of_one_row = frozenset(name for name, one_row, _ in builtin if one_row)
        self._steady = frozenset(name for name, _, steady in builtin if steady)
        self._duck.execute(_IN_FORCE)
        self.arguments["authority_in_force"] = ("code", "d")
        for told in self._told():
            self._make(*told)
        for name in PREDICATES:
            arguments = "code" if name == _OF_A_CODE else ""
            self._duck.execute(f"CREATE OR REPLACE MACRO {name}({arguments}) AS NULL::BOOLEAN")
            self.arguments[name] = ("code",) if arguments else ()
        for name in sorted(NEEDED - set(self.arguments)):
            words = f"there is no function {name}, with which the checker reads answers; put it in"
            self.problems.append(Problem(FUNCTIONS, 1, "", words))

    def _told(self) -> list[tuple[int, str, tuple[str, ...], str]]:
        """Of each function the line it begins in, its name, its arguments and its expression."""
        found: list[tuple[int, str, tuple[str, ...], str]] = []
        starts = [begins.start() for begins in _BEGINS.finditer(self.text)]
        for start, end in zip([0, *starts], [*starts, len(self.text)], strict=True):
            line = self.text.count("\n", 0, start) + 1
            text = _REMARK.sub("", self.text[start:end]).strip()
            macro = _MACRO.fullmatch(text)
            if macro and macro[1] in self.arguments:
                words = f"the function {macro[1]} is there already; take one of the two away"
                self.problems.append(Problem(FUNCTIONS, line, "", words))
            elif macro:
                names = (name.strip() for name in macro[2].split(","))
                self.arguments[macro[1]] = tuple(name for name in names if name)
                found.append((line, macro[1], self.arguments[macro[1]], macro[3]))
            elif text:
                words = "this is no CREATE MACRO name(arguments) AS expression; with a semicolon"
                self.problems.append(Problem(FUNCTIONS, line, "", words))
        return found

    def _make(self, line: int, name: str, arguments: tuple[str, ...], body: str) -> None:
        """Makes a function, or one that gives NULL in its place: it is callable, whatever it is."""
        wrong = [parse_problem(body)] if parse_problem(body) else self._wrong(body, arguments)
        listed = ", ".join(arguments)
        if not wrong:
            try:
                self._duck.execute(f"CREATE MACRO {name}({listed}) AS {body}")
            except duckdb.Error as refused:
                wrong = [str(refused).split("\n", maxsplit=1)[0]]
        for words in wrong:
            self.problems.append(Problem(FUNCTIONS, line, "", f"{name}: {words}"))
        if wrong:
            self._duck.execute(f"CREATE MACRO {name}({listed}) AS NULL")

    def _wrong(self, body: str, arguments: tuple[str, ...]) -> list[str]:
        strange = sorted(references_in(body) - set(arguments))
        wrong = self.unknown(functions_in(body))
        if strange:
            wrong.append(f"it uses {', '.join(strange)}, which is none of its arguments")
        return wrong

    @cached_property
    def _may_call(self) -> frozenset[str]:
        return (self._of_one_row & self._steady) | (set(self.arguments) - set(PREDICATES))

    def unknown(self, called: Iterable[str], told: bool = False) -> list[str]:
        """What is wrong with calling these functions, in words.

        `told`: the expression is told in words and never run, so predicates may stand in it.
        """
        found = []
        for name in sorted(called):
            if name.lower() in self._may_call or (told and name in PREDICATES):
                continue
            if name in PREDICATES:
                words = f"{name} stands for words of the documentation and cannot be run"
                found.append(f"{words}; write the condition itself")
                continue
            if name.lower() in self._of_one_row:
                words = f"{name} gives another value each time; use today() and answers alone"
            elif name.lower() in self._steady:
                plain = name.removesuffix("_star")
                words = f"{plain} looks at many logs; an expression sees one"
            else:
                close = difflib.get_close_matches(name, sorted(self._may_call), 1, 0.75)
                meant = f"; did you mean {close[0]}?" if close else ""
                words = f"there is no function {name}{meant}"
            found.append(words)
        return found

    def bind(self, questions: Iterable[Question]) -> None:
        """Binds many expressions together, which is far quicker than one by one."""
        waiting = [each for each in dict.fromkeys(questions) if each not in self._bound]
        group: list[Question] = []
        types: dict[str, str] = {}
        for question in waiting:
            agrees = all(types.get(name, kind) == kind for name, kind in question.columns)
            if len(group) == AT_ONCE or not agrees:
                self._bind(group)
                group, types = [], {}
            group.append(question)
            types |= dict(question.columns)
        self._bind(group)

    def bound(self, question: Question) -> Bound:
        """What DuckDB says of an expression."""
        if question not in self._bound:
            self._bind([question])
        return self._bound[question]

    def _bind(self, group: Sequence[Question]) -> None:
        if not group:
            return
        types = dict(pair for question in group for pair in question.columns)
        columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())
        shown = ", ".join(f"({question.sql}) AS e{at}" for at, question in enumerate(group))
        query = f"DESCRIBE SELECT {shown} FROM (SELECT {columns or '1'})"
        try:
            found = self._duck.execute(query).fetchall()
        except duckdb.Error as refused:
            if len(group) == 1:
                self._bound[group[0]] = Bound("", str(refused))
                return
            middle = len(group) // 2
            self._bind(group[:middle])
            self._bind(group[middle:])
            return
        for question, described in zip(group, found, strict=True):
            self._bound[question] = Bound(str(described[1]).strip('"'))

    def value(self, sql: str) -> object:
        """The value of an expression without names. Raises duckdb.Error."""
        if sql not in self._values:
            found = self._duck.execute(f"SELECT {sql}").fetchone()
            self._values[sql] = found[0] if found else None
        return self._values[sql]


@lru_cache(maxsize=8)
def functions_of(text: str) -> Functions:
    """The functions of a functions.sql; kept, because what was bound once need not be again."""
    return Functions(text)
