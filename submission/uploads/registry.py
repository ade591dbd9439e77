"""Whom a file's rows name: institutions, people, schemes and locations by their codes.

A registry is what is known, from storage or from another program; what is not in it at all is
unknown, and then nothing is said against a code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from submission.relations import Period, not_on_this_day
from submission.uploads.layout import PARTIES, Layout


@dataclass(frozen=True)
class Known:
    """An institution, person, scheme or location: its identifier and facts by name.

    `of`: codes of the institutions it belongs to. `more`: facts that depend on the row, by its
    date and the identifiers of its parties. `cannot_own`: why an institution cannot be an owner.
    """

    id: Any
    facts: Mapping[str, Any] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    more: Callable[[date | None, Mapping[str, Any]], Mapping[str, Any]] | None = None
    cannot_own: str = ""

    def facts_for(self, day: date | None, ids: Mapping[str, Any]) -> dict[str, Any]:
        """Its facts for a row of this date with these parties."""
        return {**self.facts, **(self.more(day, ids) if self.more is not None else {})}


@dataclass
class Registry:
    """What codes mean. None for a part means that nothing is known of it.

    `institutions` by code; `people` by e-mail, with `of` the codes of their institutions, and of
    those that these absorbed; `schemes` by code, with `of` the code of their owner; `locations` by
    scheme code and location code. `managers`: by owner code and manager code of each relation, for
    how long. `default_person` is the uploader.
    """

    institutions: dict[str, Known] | None = None
    people: dict[str, Known] | None = None
    schemes: dict[str, Known] | None = None
    locations: dict[tuple[str, str], Known] = field(default_factory=dict)
    managers: dict[tuple[str, str], list[Period]] | None = None
    # Whether any owner may report itself, without a relation that says so.
    owners_report_themselves: bool = True
    # Whether a scheme must be the owner's; else it may be the manager's too.
    owners_schemes_only: bool = False
    default_person: Known | None = None
    # Words for a person whose reach is limited; a program that brings its registry has no limit.
    owner_unknown: str = "No institution has this code. Check the code of the owner."

    @cached_property
    def locations_by_scheme(self) -> Mapping[str, Mapping[str, Known]]:
        """The locations by code of each scheme, once the registry is complete."""
        found: dict[str, dict[str, Known]] = {}
        for (scheme, code), place in self.locations.items():
            found.setdefault(scheme, {})[code] = place
        return found


@dataclass(frozen=True)
class PartyProblem:
    """Something wrong with whom a row names. `stops`: the row cannot become a log."""

    variable: str
    message: str
    stops: bool = True
    missing: bool = False


@dataclass(frozen=True)
class Parties:
    """Whom one row names: identifiers by variable, facts, and what is wrong."""

    ids: Mapping[str, Any]
    facts: Mapping[str, Any]
    problems: tuple[PartyProblem, ...]
    location: Known | None = None


def plain_code(text: Any) -> str:
    """A code as it is compared: capitals, no spaces, no ORG before a number, no leading zeros."""
    plain = "".join(str(text).upper().split())
    if plain.startswith("ORG") and plain[3:].isdecimal():
        plain = plain[3:]
    whole, point, rest = plain.partition(".")
    if point and whole.isdecimal() and not rest.strip("0"):
        plain = whole
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :].lstrip("0")
    return f"{letters}{digits}" or "0"


def party_texts(layout: Layout) -> dict[str, list[int]]:
    """The fields in which each party is named."""
    return {
        name: [column.field for column in layout.columns[name]]
        for name in PARTIES
        if name in layout.columns
    }


def resolve(
    registry: Registry,
    layout: Layout,
    table: pa.Table,
    days: Sequence[date | None] | None = None,
) -> list[Parties]:
    """Whom each row names. `table` has the fields f1, f2, ... as text, NULL when empty.

    `days`: the date of each row's letting or sale, as far as it can be read.
    """
    fields = party_texts(layout)
    needs = f"f{layout.number('needstype')}" if layout.is_lettings else ""
    names = [f"f{number}" for numbers in fields.values() for number in numbers]
    columns = [table[name].to_pylist() for name in [*names, *([needs] if needs else [])]]
    # Rows that name the same parties on the same day are worked out once.
    known: dict[tuple[Any, ...], Parties] = {}
    found = []
    for day, *texts in zip(days or [None] * table.num_rows, *columns, strict=True):
        key = (day, *texts)
        if key not in known:
            by_name: dict[str, list[Any]] = {}
            at = 0
            for name, numbers in fields.items():
                by_name[name] = list(texts[at : at + len(numbers)])
                at += len(numbers)
            supported = bool(needs) and plain_code(texts[-1] or "") == "2"
            known[key] = _one(registry, layout, by_name, supported, day)
        found.append(known[key])
    return found


def _one(
    registry: Registry,
    layout: Layout,
    texts: Mapping[str, Sequence[Any]],
    supported: bool,
    day: date | None,
) -> Parties:
    problems: list[PartyProblem] = []
    ids: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    owner_text = texts["owning_organisation_id"][0]
    owner = _institution(registry, owner_text)
    if owner_text is None:
        problems.append(
            PartyProblem("owning_organisation_id", "Enter the owner's code.", missing=True)
        )
    elif owner is None:
        problems.append(PartyProblem("owning_organisation_id", registry.owner_unknown))
    elif owner.cannot_own:
        problems.append(PartyProblem("owning_organisation_id", owner.cannot_own))
    elif owner.facts.get("holds_own_stock") is False:
        problems.append(
            PartyProblem(
                "owning_organisation_id",
                "This institution owns no homes, so it cannot be the owner. Enter the code of the "
                "institution whose home it is.",
            )
        )
    if owner is not None:
        ids["owning_organisation_id"] = owner.id
        facts |= {f"owning_organisation.{name}": value for name, value in owner.facts.items()}
    # What belongs together is judged only when both are right: the other has its finding already.
    known = {plain_code(owner_text)} if owner is not None and not problems else set()
    manager: Known | None = None
    if "managing_organisation_id" in texts:
        text = texts["managing_organisation_id"][0]
        manager = _manager(registry, owner_text if known else None, text, day, problems)
        known = {*known, plain_code(text)} if known and manager is not None else set()
    elif known:
        # Sales of 2023 name no manager: it is the institution of the person responsible.
        known |= {
            agent
            for (owned, agent), periods in (registry.managers or {}).items()
            if owned in known and any(period.holds(day) for period in periods)
        }
    person = _person(registry, layout, texts, known, problems)
    if "managing_organisation_id" not in texts:
        employer = _employer(person, known)
        manager = _institution(registry, employer) if employer is not None else owner
    if manager is not None:
        ids["managing_organisation_id"] = manager.id
        facts |= {f"managing_organisation.{name}": value for name, value in manager.facts.items()}
    if person is not None:
        ids["assigned_to_id"] = person.id
        facts |= {
            f"assigned_to.{name}": value for name, value in person.facts_for(day, ids).items()
        }
    location = None
    if supported and "scheme_id" in texts:
        within = known & {plain_code(owner_text)} if registry.owners_schemes_only else known
        location = _scheme(registry, layout, texts, within, ids, facts, problems, day)
    return Parties(ids, facts, tuple(problems), location)


def _employer(person: Known | None, within: set[str]) -> str | None:
    """The code of the institution that a person reports for: of several, one the row concerns."""
    if person is None or not person.of:
        return None
    return next((code for code in person.of if plain_code(code) in within), person.of[0])


def _first(texts: Mapping[str, Sequence[Any]], name: str) -> Any:
    return texts[name][0] if name in texts else None


def _institution(registry: Registry, text: Any) -> Known | None:
    if text is None:
        return None
    if registry.institutions is None:
        return Known(str(text).strip())
    return registry.institutions.get(plain_code(text))


def _manager(
    registry: Registry,
    owner_text: Any,
    text: Any,
    day: date | None,
    problems: list[PartyProblem],
) -> Known | None:
    if text is None:
        problems.append(
            PartyProblem("managing_organisation_id", "Enter the manager's code.", missing=True)
        )
        return None
    manager = _institution(registry, text)
    if manager is None:
        problems.append(
            PartyProblem(
                "managing_organisation_id",
                "No institution has this code. Check the code of the manager.",
            )
        )
        return None
    pair = (plain_code(owner_text or ""), plain_code(text))
    is_itself = pair[0] == pair[1] and registry.owners_report_themselves
    if owner_text is None or registry.managers is None or is_itself:
        return manager
    periods = registry.managers.get(pair, [])
    if not any(period.holds(day) for period in periods):
        problems.append(PartyProblem("managing_organisation_id", _not_related(periods, day)))
    return manager


def _not_related(periods: Sequence[Period], day: date | None) -> str:
    if not periods:
        return (
            "This institution does not manage homes of this owner. Check both codes, or ask an "
            "administrator to link the two."
        )
    return not_on_this_day("this owner", "This institution", periods, day)


def _person(
    registry: Registry,
    layout: Layout,
    texts: Mapping[str, Sequence[Any]],
    within: set[str],
    problems: list[PartyProblem],
) -> Known | None:
    text = _first(texts, "assigned_to_id")
    if text is None:
        if registry.default_person is not None:
            return registry.default_person
        if registry.people is not None:
            problems.append(
                PartyProblem(
                    "assigned_to_id",
                    "Enter the e-mail address of the person responsible for this log.",
                    missing=True,
                )
            )
        return None
    if registry.people is None:
        return Known(str(text).strip().lower())
    person = registry.people.get(str(text).strip().lower())
    if person is None:
        problems.append(
            PartyProblem(
                "assigned_to_id",
                "Nobody has an account with this e-mail address. Check it, or leave it empty to "
                "take the log on yourself.",
            )
        )
        return None
    if person.of and within and not set(map(plain_code, person.of)) & within:
        problems.append(
            PartyProblem(
                "assigned_to_id",
                "This person works for neither the owner nor the manager. Name somebody of one of "
                "them.",
            )
        )
    return person


def _scheme(
    registry: Registry,
    layout: Layout,
    texts: Mapping[str, Sequence[Any]],
    within: set[str],
    ids: dict[str, Any],
    facts: dict[str, Any],
    problems: list[PartyProblem],
    day: date | None,
) -> Known | None:
    scheme_text, location_text = _scheme_texts(layout, texts)
    if scheme_text is None:
        words = "Enter the scheme's code, such as S12: supported housing is let in a scheme."
        problems.append(PartyProblem("scheme_id", words, False, True))
        return None
    if registry.schemes is None:
        ids["scheme_id"] = str(scheme_text).strip()
        if location_text is not None:
            ids["location_id"] = str(location_text).strip()
        return None
    code = scheme_code(scheme_text)
    scheme = registry.schemes.get(code)
    if scheme is None or (scheme.of and within and not set(map(plain_code, scheme.of)) & within):
        whose = "this owner" if registry.owners_schemes_only else "this owner or manager"
        words = f"No scheme of {whose} has this code. Check the list of schemes."
        problems.append(PartyProblem("scheme_id", words, False))
        return None
    ids["scheme_id"] = scheme.id
    facts |= {f"scheme.{name}": value for name, value in scheme.facts_for(day, ids).items()}
    mine = registry.locations_by_scheme.get(code, {})
    if location_text is None and len(mine) == 1:
        location: Known | None = next(iter(mine.values()))
    else:
        location = mine.get(plain_code(location_text)) if location_text is not None else None
    if location is None:
        words = "Enter the code of a location of this scheme."
        problems.append(PartyProblem("location_id", words, False, location_text is None))
        return None
    ids["location_id"] = location.id
    facts |= {f"location.{name}": value for name, value in location.facts_for(day, ids).items()}
    return location


def scheme_code(text: Any) -> str:
    """The code of a scheme as it is compared: S12 and 12 are one."""
    plain = plain_code(text)
    return plain.removeprefix("S") if plain.startswith("S") and plain[1:].isdecimal() else plain


def _scheme_texts(layout: Layout, texts: Mapping[str, Sequence[Any]]) -> tuple[Any, Any]:
    """The scheme and location as a row gives them.

    In 2023 three fields shared this: an S code of a scheme with its location beside it, or an older
    group code with the older scheme code as the location.
    """
    schemes, locations = texts["scheme_id"], texts.get("location_id", [None])
    if layout.year > 2023:
        return schemes[0], locations[0]
    group, scheme = schemes[0], schemes[1] if len(schemes) > 1 else None
    if scheme is not None and str(scheme).strip().upper().startswith("S"):
        return scheme, locations[0]
    return group, scheme
