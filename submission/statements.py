"""The checker's SQL for one collection and year, made once from the definition tables.

A frame goes through three kinds of table. `given` holds it as text; `state` and `next` as typed
answers, derived; `checked` also holds what the rules look up and the helpers they use. Before it is
`checked` answers are emptied and derived again, from `state` to `next` and back, until nothing
changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property

from submission.answer_types import (
    IDENTIFIERS,
    codes_of,
    is_amount,
    known_variable,
    working_type,
)
from submission.collection import Collection, Variable, load
from submission.expressions import references_in, rewrite
from submission.facts import FACTS, REFERENCES
from submission.program import Program, quoted
from submission.questionnaire import (
    NEVER_CLEARED,
    asked_if,
    is_confirmation,
    placements,
    required,
    set_up_complete,
    set_up_variables,
    spelt_out,
    tick_groups,
)
from submission.rules import Derivation, Rule, derivations, rules

# Steps up to here happen once; those after it again and again until nothing changes; from the
# third on the address is looked up, once more.
FIRST_REPEATED = 31
FIRST_LOOKED_UP = {"lettings": 500, "sales": 120}
# Orders of emptying in general for sales: tick boxes, coded answers, the rest.
_BOXES, _CODES, _REST = 30, 31, 32


class Mode(Enum):
    """How a log is checked."""

    # As when a log is saved: cleaned, emptied of what is not asked, derived, routed, judged.
    SAVE = "save"
    # The same, but what follows an unfinished set-up is not emptied: nothing given is lost.
    SUBMIT = "submit"
    # The answers as they stand: derived and judged, nothing emptied, no question required.
    AS_GIVEN = "as_given"

    @property
    def clears(self) -> bool:
        """Whether answers to questions that are not asked are emptied."""
        return self is not Mode.AS_GIVEN


@dataclass
class Statements:
    """Queries by purpose for a collection and year.

    `only` and `rule_ids` narrow them to some variables, which must include all that these are
    derived from (see `closure`), and to some rules; `questions` to those of which it is said that
    an answer is missing or unreadable. None is all.
    """

    collection: Collection
    only: frozenset[str] | None = None
    rule_ids: frozenset[str] | None = None
    questions: frozenset[str] | None = None

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """The questions and derived variables of the year that are looked at."""
        found = self.collection.variables
        if self.only is None:
            return found
        return {name: variable for name, variable in found.items() if name in self.only}

    @cached_property
    def steps(self) -> tuple[Derivation, ...]:
        """Derivations that the checker runs: not those of data handed on."""
        found = derivations(self.collection.name, self.collection.year)
        return tuple(
            step
            for step in found
            if step.kind != "output" and (self.only is None or step.variable in self.only)
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Rules in force that name a question of the year."""
        found = rules(self.collection.name, self.collection.year)
        if self.rule_ids is None:
            return found
        return tuple(rule for rule in found if rule.id in self.rule_ids)

    @cached_property
    def helpers(self) -> dict[str, list[Derivation]]:
        """Values worked out whenever they are read, by name; later rows come first."""
        found: dict[str, list[Derivation]] = {}
        for step in self.steps:
            if step.kind == "helper":
                found.setdefault(step.variable, []).append(step)
        year = str(self.collection.year)
        found["form_year"] = [Derivation("form_year", 0, "helper", "TRUE", year)]
        if self.collection.name == "sales":
            gate = set_up_complete(self.collection)
            found["setup_complete"] = [Derivation("setup_complete", 0, "helper", "TRUE", gate)]
        return found

    @cached_property
    def types(self) -> dict[str, str]:
        """Working types of all variables that a log of this year can hold."""
        names = list(self.variables)
        for step in self.steps:
            if step.kind != "helper" and step.variable not in names:
                names.append(step.variable)
        return {name: working_type(self.collection, name) for name in names}

    @cached_property
    def _texts(self) -> list[str]:
        steps = [text for step in self.steps for text in (step.applies_if, step.expression)]
        tests = [text for rule in self.rules for text in (rule.applies_if, rule.fails_if)]
        return steps + tests

    @cached_property
    def named(self) -> frozenset[str]:
        """Every name that a derivation, rule or condition uses, with its dots."""
        conditions = [asked_if(self.collection, name) for name in self.variables]
        texts = [*self._texts, *conditions, *(test for _, test in self._required())]
        spelt = [spelt_out(text) for text in texts if text]
        return frozenset(name for text in spelt for name in references_in(text))

    @cached_property
    def saved(self) -> tuple[str, ...]:
        """Variables whose stored value is looked at. `id` says that there is a stored log."""
        found = {name.removeprefix("saved.") for name in self.named if name.startswith("saved.")}
        return tuple(sorted((found & set(self.types)) | {"id"}))

    @cached_property
    def entered(self) -> tuple[str, ...]:
        """Variables whose text as entered has rules of its own."""
        found = {n.removeprefix("entered.") for n in self.named if n.startswith("entered.")}
        return tuple(sorted(found & set(self.types)))

    @cached_property
    def facts(self) -> dict[str, str]:
        """Facts that are looked at, with their types."""
        used = self.named | {"today"}
        return {name: kind for name, kind in FACTS.items() if name in used}

    # Reading

    def _read(self, name: str, raw: str) -> str:
        kind = self.types.get(name, "VARCHAR")
        if kind == "BOOLEAN":
            return f"TRY_CAST({raw} AS BOOLEAN)"
        if kind == "DATE":
            return f"read_date({raw})"
        if kind.startswith("DECIMAL"):
            # DuckDB would also take 1e3 for a number, and round what has more decimals.
            plain = self._plain(name, raw)
            return f"CASE WHEN fits({plain}) THEN TRY_CAST({plain} AS {kind}) END"
        if kind == "INTEGER":
            return f"read_code({raw})"
        variable = known_variable(self.collection, name)
        if variable is not None and variable.codes:
            return f"upper({raw})"
        return raw

    def _plain(self, name: str, raw: str) -> str:
        """A number's text without what amounts of money may have beside their digits."""
        return f"plain_number({raw})" if is_amount(self.collection, name) else raw

    @cached_property
    def given_columns(self) -> dict[str, str]:
        """Columns of the table `given` after `row`, with types."""
        columns = dict.fromkeys(self.types, "VARCHAR")
        columns |= {f"saved.{name}": "VARCHAR" for name in self.saved}
        columns |= self.facts
        columns["ranges"] = "INTEGER"
        return columns

    @cached_property
    def state_columns(self) -> dict[str, str]:
        """Columns of the table `state` after `row`, with types."""
        columns = dict(self.types)
        columns |= {f"entered.{name}": "VARCHAR" for name in self.entered}
        columns |= {f"saved.{n}": self.types.get(n, "VARCHAR") for n in self.saved}
        columns |= self.facts
        columns["ranges"] = "INTEGER"
        columns["changed"] = "BOOLEAN"
        return columns

    def _program(self, base: Iterable[str]) -> Program:
        return Program(base, self.types, self.helpers, spelt_out)

    def _outputs(self, program: Program, before: Mapping[str, str] | None) -> dict[str, str]:
        outputs = {"row": "row"}
        for name in self.state_columns:
            if name == "changed":
                continue
            outputs[name] = program.value(name) if name in self.types else name
        if before is None:
            outputs["changed"] = program.column("TRUE", ())
        else:
            pairs = [
                (column, outputs[name])
                for name, column in before.items()
                if outputs[name] != column
            ]
            tests = [f"{quoted(old)} IS DISTINCT FROM {quoted(new)}" for old, new in pairs]
            needs = {name for pair in pairs for name in pair}
            outputs["changed"] = program.column(" OR ".join(tests) or "FALSE", needs)
        return outputs

    def reading(self, mode: Mode) -> str:
        """From `given` to `state`: typed, tidied and, but for emptying, derived once."""
        program = self._program(["row", *self.given_columns])
        for name in self.types:
            program.set(name, self._read(name, quoted(name)), [name])
        typed_saved = {
            f"saved.{name}": self._read(name, quoted(f"saved.{name}")) for name in self.saved
        }
        for name, sql in typed_saved.items():
            program.set(name, sql, [name])
        for name in self.entered:
            is_number = self.types[name].startswith("DECIMAL")
            sql = self._plain(name, quoted(name)) if is_number else quoted(name)
            program.set(f"entered.{name}", sql, [name])
        steps = [step for step in self._run_steps(mode) if step.order < FIRST_REPEATED]
        if not mode.clears:
            steps = list(self._run_steps(mode))
        program.run(steps)
        outputs = self._outputs(program, None)
        for name in [*typed_saved, *(f"entered.{name}" for name in self.entered)]:
            outputs[name] = program.value(name)
        if not mode.clears:
            outputs["changed"] = program.column("FALSE", ())
        return program.query("given", outputs)

    def repeating(self, mode: Mode, source: str) -> str:
        """From a state to a state: emptied and derived; `changed` says whether anything did."""
        program = self._program(["row", *self.state_columns])
        before = {name: name for name in self.types}
        self._clear(program, mode)
        last = FIRST_LOOKED_UP[self.collection.name]
        program.run(step for step in self._run_steps(mode) if FIRST_REPEATED <= step.order < last)
        return program.query(source, self._outputs(program, before))

    def looking_up(self, mode: Mode, source: str) -> str:
        """From a state to a state: what an address service found, and what follows from it."""
        program = self._program(["row", *self.state_columns])
        before = {name: name for name in self.types}
        first = FIRST_LOOKED_UP[self.collection.name]
        program.run(step for step in self._run_steps(mode) if step.order >= first)
        return program.query(source, self._outputs(program, before))

    def dropping(self, mode: Mode, source: str) -> str:
        """From a state to a state: what a log that waits for review loses for its usual range."""
        program = self._program(["row", *self.state_columns, *self.references])
        before = {name: name for name in self.types}
        program.run(step for step in self.steps if _needs_range(step))
        return program.query(f"({self._joined(source)})", self._outputs(program, before))

    def _run_steps(self, mode: Mode) -> list[Derivation]:
        return [
            step
            for step in self.steps
            if step.kind != "helper"
            and (mode.clears or step.kind != "clear")
            and not _needs_range(step)
        ]

    def _clear(self, program: Program, mode: Mode) -> None:
        if mode is Mode.SAVE:
            gate, needs = program.expression("setup_complete")
            inside = set_up_variables(self.collection) | NEVER_CLEARED
            for name, variable in self.variables.items():
                if name in inside or variable.kind == "derived" or is_confirmation(name):
                    continue
                before = program.value(name)
                sql = f"CASE WHEN {gate} THEN {quoted(before)} END"
                program.set(name, sql, {before, *needs})
        if self.collection.name == "sales":
            program.run(self._sales_clearing())

    def _sales_clearing(self) -> list[Derivation]:
        """Emptying in general: tick boxes, then coded answers, then the rest.

        Source: steps 30 to 33 of the collection's table of derived values for sales.
        """
        kept = NEVER_CLEARED | IDENTIFIERS
        unless = {
            "deposit": "NOT COALESCE(ownershipsch = 3 AND mortgageused IS DISTINCT FROM 1, FALSE)",
            "mortgage": "mortgageused IS DISTINCT FROM 2",
            "beds": "proptype IS DISTINCT FROM 2",
        }
        found: list[Derivation] = []
        for name, variable in self.variables.items():
            if name in kept or variable.kind == "derived" or is_confirmation(name):
                continue
            if name == "soctenant" and self.collection.year >= 2024:
                continue
            not_asked = f"({asked_if(self.collection, name)}) IS DISTINCT FROM TRUE"
            order = _REST
            if variable.kind == "checkbox":
                order = _BOXES
            elif variable.codes and variable.kind == "choice":
                order = _CODES
                not_asked = f"({self.offered_if(name)}) IS DISTINCT FROM TRUE"
            if name in unless:
                not_asked = f"({unless[name]}) AND {not_asked}"
            found.append(Derivation(name, order, "clear", not_asked, "NULL"))
        return sorted(found, key=lambda step: step.order)

    def offered_if(self, name: str) -> str:
        """When the answer that a coded variable has is one of those a page asks for."""
        places = []
        for _, place in placements(self.collection):
            if place.variable != name:
                continue
            listed = place.options or tuple(
                codes_of(self.collection, self.collection.variables[name])
            )
            is_whole = self.types[name] == "INTEGER"
            codes = ", ".join(code if is_whole else f"'{code}'" for code in listed)
            places.append(f'(({place.asked_if or "TRUE"}) AND "{name}" IN ({codes}))')
        joined = " OR ".join(dict.fromkeys(places)) or "FALSE"
        return joined.replace("collection_year", str(self.collection.year))

    # Judging

    @cached_property
    def checked_helpers(self) -> tuple[str, ...]:
        """Helpers that rules and conditions use."""
        texts = [text for rule in self.rules for text in (rule.applies_if, rule.fails_if)]
        used = {name for text in texts for name in references_in(spelt_out(text))}
        wanted = (used | {"collection_year"}) & set(self.helpers)
        return tuple(sorted(wanted | {"setup_complete"}))

    @cached_property
    def references(self) -> tuple[str, ...]:
        """What rules and derivations read of the authority and the usual range, when they do."""
        return tuple(name for name in REFERENCES if name in self.named)

    def _joined(self, source: str) -> str:
        """A state with the authority and the usual range that each log's own answers lead to."""
        if not self.references:
            return f"SELECT * FROM {source}"
        first = self._program(["row", *self.state_columns])
        keys = {"row": "row", **{name: name for name in self.state_columns}}
        is_lettings = self.collection.name == "lettings"
        keys["key.la"] = first.value("la_in_use" if is_lettings else "la")
        keys["key.year"] = first.value("collection_year")
        if is_lettings:
            keys["key.beds"] = first.value("beds_band")
        else:
            capped, needs = first.expression("CASE WHEN beds > 4 THEN 4 ELSE beds END")
            keys["key.beds"] = first.column(capped, needs)
        ranges = "rent_range" if is_lettings else "sale_range"
        tables = {"local_authority": "a", ranges: "r"}
        shown = []
        for name in self.references:
            table, _, part = name.partition(".")
            found = f"{tables[table]}.{part}" if table in tables else f"NULL::{REFERENCES[name]}"
            shown.append(f"{found} AS {quoted(name)}")
        join = (
            f"SELECT s.*, {', '.join(shown)} FROM ({first.query(source, keys)}) s "
            'LEFT JOIN local_authorities a ON a.code = s."key.la" '
            f'LEFT JOIN {ranges}s r ON r.list = s.ranges AND r.year = s."key.year" '
            'AND r.la = s."key.la" AND r.beds = s."key.beds"'
        )
        if is_lettings:
            join += " AND r.lettype = s.lettype"
        return join

    def judging(self, source: str) -> str:
        """From a state to `checked`: with the look-ups and helpers that rules read."""
        second = self._program(["row", *self.state_columns, *self.references])
        outputs = {"row": "row", **{name: name for name in self.state_columns}}
        outputs |= {name: name for name in self.references}
        outputs |= {name: second.value(name) for name in self.checked_helpers}
        return second.query(f"({self._joined(source)})", outputs)

    @cached_property
    def checked_names(self) -> frozenset[str]:
        """Columns of `checked`."""
        return frozenset(["row", *self.state_columns, *self.references, *self.checked_helpers])

    def over_checked(self, text: str) -> str:
        """An expression of the tables as SQL over `checked`."""

        def named(name: str) -> str:
            return quoted(name) if name in self.checked_names else "NULL"

        return rewrite(spelt_out(text), named)

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """For each rule the condition under which it is broken."""
        return tuple(
            f"({self.over_checked(rule.applies_if)}) AND ({self.over_checked(rule.fails_if)})"
            for rule in self.rules
        )

    @cached_property
    def confirmations(self) -> dict[str, frozenset[int]]:
        """Numbers of the soft rules that share a confirmation, by its variable."""
        found: dict[str, set[int]] = {}
        for number, rule in enumerate(self.rules):
            if rule.confirm_field:
                found.setdefault(rule.confirm_field, set()).add(number)
        return {name: frozenset(numbers) for name, numbers in found.items()}

    def asked(self, gated: bool) -> dict[str, str]:
        """For each variable whether it is asked; `gated`: not beyond an unfinished set-up."""
        inside = set_up_variables(self.collection)
        found = {}
        for name in self.variables:
            if is_confirmation(name):
                continue
            test = f"COALESCE({self.over_checked(asked_if(self.collection, name))}, FALSE)"
            if gated and name not in inside:
                test += " AND COALESCE(setup_complete, FALSE)"
            found[name] = test
        return found

    def asked_by_set_up(self) -> dict[str, str]:
        """For each question of sales that the set-up alone decides on whether it is asked.

        Source: the notes on sales; a code outside its list is an error when the question applies.
        Other conditions hang on answers that may themselves be what is wrong.
        """
        if self.collection.name != "sales":
            return {}
        deciding = set_up_variables(self.collection) | {"collection_year", "form_year"}
        asked = self.asked(False)
        return {
            name: test
            for name, test in asked.items()
            if name != "privacynotice" and variables_in(asked_if(self.collection, name)) <= deciding
        }

    def _is_told(self, name: str) -> bool:
        return self.questions is None or name in self.questions

    def _required(self) -> list[tuple[str, str]]:
        return [(name, test) for name, test in required(self.collection) if name in self.types]

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """These variables, and all variables and helpers that they come from or are emptied by."""
        found: set[str] = set()
        todo = set(names)
        while todo:
            name = todo.pop()
            found.add(name)
            todo |= self._depends_on.get(name, frozenset()) - found
        return frozenset(found & (set(self.types) | set(self.helpers)))

    @cached_property
    def _depends_on(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        every = [*self.steps, *(row for rows in self.helpers.values() for row in rows)]
        if self.collection.name == "sales":
            every += self._sales_clearing()
        for step in every:
            mine = found.setdefault(step.variable, set())
            mine |= variables_in(step.applies_if) | variables_in(step.expression)
        return found

    def missing(self, gated: bool) -> list[tuple[str, str]]:
        """Variables that must be answered with the condition under which an answer lacks."""
        inside = set_up_variables(self.collection)
        found = []
        for name, test in self._required():
            if not self._is_told(name):
                continue
            sql = self.over_checked(test)
            if gated and name not in inside:
                sql += " AND COALESCE(setup_complete, FALSE)"
            found.append((name, sql))
        return found

    def placed(self) -> list[tuple[str, str]]:
        """For each place of a question, by the page's slug, whether it is asked there."""
        year = str(self.collection.year)
        return [
            (
                slug,
                "COALESCE("
                + self.over_checked((p.asked_if or "TRUE").replace("collection_year", year))
                + ", FALSE)",
            )
            for slug, p in placements(self.collection)
        ]

    def unreadable(self) -> list[tuple[str, str, str]]:
        """Variable, kind of problem and condition over `given`: text that is no answer."""
        found = []
        for name, variable in self.variables.items():
            raw, kind = quoted(name), self.types[name]
            is_coded = bool(variable.codes) and variable.kind != "text"
            if is_confirmation(name) or not self._is_told(name):
                continue
            if kind.startswith("DECIMAL"):
                plain = self._plain(name, raw)
                found.append((name, "too_long", f"is_number({plain}) AND NOT fits({plain})"))
            if name in self.entered and not is_coded:
                continue
            if is_coded:
                listed = codes_of(self.collection, variable)
                if not listed:
                    continue
                codes = ", ".join(f"'{code}'" for code in listed)
                read = self._read(name, raw)
                test = f"CAST({read} AS VARCHAR) NOT IN ({codes}) OR ({read}) IS NULL"
                found.append((name, "not_offered", f"{raw} IS NOT NULL AND ({test})"))
            elif kind == "DATE":
                test = f"{raw} IS NOT NULL AND read_date({raw}) IS NULL"
                found.append((name, "not_a_date", test))
            elif variable.kind == "checkbox":
                test = f"{raw} IS NOT NULL AND COALESCE(read_code({raw}) NOT IN (0, 1), TRUE)"
                found.append((name, "not_a_tick", test))
            elif kind.startswith("DECIMAL"):
                test = f"{raw} IS NOT NULL AND NOT is_number({self._plain(name, raw)})"
                found.append((name, "not_a_number", test))
        return found

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Tick boxes of one question by the first of them."""
        return {names[0]: names for names in tick_groups(self.collection).values()}


def _needs_range(step: Derivation) -> bool:
    return "rent_range." in step.applies_if


def variables_in(text: str) -> set[str]:
    """Names that an expression of the tables reads, whether as now, as stored or as entered."""
    names = references_in(spelt_out(text)) if text else set()
    return {name.removeprefix("saved.").removeprefix("entered.") for name in names}


@cache
def statements(collection: str, year: int) -> Statements:
    """The statements of a collection and year."""
    return Statements(load(collection, year))
