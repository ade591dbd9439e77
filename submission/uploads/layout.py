"""From numbered fields to answers: the official lettings layout, field by field.

What a value becomes is told in the column "normalisation" of the table upload_columns; this module
does what it says. Text that cannot be read is kept as it was typed, and named in a problem.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_access.reference.local_authorities import current_code
from data_access.reference.postcodes import default_store
from submission.answers import Answer, Unreadable, postcode, read_answer, real_date, whole_number
from submission.collection import Collection, UploadColumn, load
from submission.uploads.reading import UploadTable

Values = np.ndarray[Any, np.dtype[np.object_]]
# What stands in an array where there is no answer; typed loosely because NumPy's types refuse None.
NOTHING: Any = None
CHARGES = ("brent", "scharge", "pscharge", "supcharg")
PARTIES = (
    "owning_organisation_id",
    "managing_organisation_id",
    "assigned_to_id",
    "scheme_id",
    "location_id",
)
_ETHNIC_GROUPS = {
    **dict.fromkeys((1, 2, 3, 18, 20), 0),
    **dict.fromkeys((4, 5, 6, 7), 1),
    **dict.fromkeys((8, 9, 10, 11, 15), 2),
    **dict.fromkeys((12, 13, 14), 3),
    **dict.fromkeys((16, 19), 4),
    17: 17,
}
# Country codes are text, as they stand in their list.
_NATIONALITY_GROUPS: dict[Answer, Answer] = {"0": 0, 0: 0, "826": 826, 826: 826}
_FIRST_LETS = (15, 16, 17)
# Upload codes that differ from the stored ones.
CODES: dict[str, dict[int, Answer]] = {
    "renewal": {1: 1, 2: 0},
    "rent_type": {code: code - 1 for code in range(1, 8)},
    "declaration": {1: 1},
    "ppcodenk": {1: 0, 2: 1},
    "net_income_known": {1: 0, 2: 1, 3: 2},
    **{f"relat{person}": {1: "P", 2: "X", 3: "R"} for person in range(2, 9)},
    **{name: {1: 1, 2: 0} for name in ("cbl", "cap", "chr", "accessible_register")},
}
ALLOCATION = ("cbl", "cap", "chr", "accessible_register")
PREFERENCES = ("rp_homeless", "rp_insan_unsat", "rp_medwel", "rp_hardship", "rp_dontknow")


@dataclass(frozen=True)
class Problem:
    """Something in a row that cannot be taken as it stands.

    `stops` means that the row cannot become a log at all. A problem that does not stop counts only
    when one of its `variables` is asked in that row.
    """

    row: int
    fields: tuple[int, ...]
    variables: tuple[str, ...]
    message: str
    given: str = ""
    stops: bool = False


@dataclass(frozen=True)
class LaidOut:
    """Answers by row and variable (None where there is none), and what could not be read."""

    answers: pd.DataFrame
    entered: dict[int, dict[str, str]]
    problems: list[Problem]


def lay_out(table: UploadTable, owner_types: Mapping[int, str]) -> LaidOut:
    """The answers in a table. `owner_types` has the owner's provider type (LA, PRP) by row."""
    return _Lettings(table, owner_types).made()


@dataclass
class _Lettings:
    table: UploadTable
    owner_types: Mapping[int, str]
    values: dict[str, Values] = field(default_factory=dict)
    entered: dict[int, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.raw = self.table.rows
        self.rows = [int(row) for row in self.raw.index]
        self.collection: Collection = load(self.table.collection, self.table.year)
        self.columns: tuple[UploadColumn, ...] = self.collection.upload_columns
        self.fields = fields_of(self.collection)

    def made(self) -> LaidOut:
        for column in self.columns:
            if not column.variables or column.variables[0] in PARTIES or column.part != "whole":
                continue
            name = column.variables[0]
            if name in ("housingneeds", "housingneeds_type", "referral_register"):
                continue
            if name.startswith("age"):
                self._age(column)
            else:
                self.values[name] = self._read(column.field, name)
        self._dates()
        self._setup()
        self._property()
        self._household()
        self._housing_needs()
        self._allocation()
        self._referral()
        self._money()
        answers = pd.DataFrame(self.values, index=self.raw.index, dtype=object)
        return LaidOut(answers, self.entered, self.problems)

    # Building blocks

    def _read(self, number: int, name: str) -> Values:
        variable = self.collection.variables[name]
        codes = CODES.get(name)

        def one(text: str) -> Answer | Unreadable:
            if codes is None:
                answer = read_answer(self.collection, variable, text)
                if isinstance(answer, Unreadable) and name == "nationality_all":
                    return Unreadable(
                        "Enter the country's 3-digit ISO number, such as 826 for the United Kingdom"
                    )
                return answer
            found = whole_number(text)
            if found not in codes:
                return Unreadable(f"Enter one of its codes: {', '.join(map(str, codes))}")
            return codes[found]

        return self._each(number, name, one)

    def _each(self, number: int, name: str, read: Callable[[str], Any]) -> Values:
        """Reads every different text of a field once; notes the rows of those not readable."""
        places, texts = pd.factorize(self.raw[number])
        found: Values = np.empty(len(texts), dtype=object)
        for at, text in enumerate(texts):
            answer = read(text) if text else None
            if isinstance(answer, Unreadable):
                for place in np.flatnonzero(places == at):
                    self._problem(int(place), (number,), (name,), answer.message, text)
                answer = None
            found[at] = answer
        return found[places]

    def _problem(
        self, place: int, fields: tuple[int, ...], names: tuple[str, ...], message: str, given: str
    ) -> None:
        row = self.rows[place]
        self.problems.append(Problem(row, fields, names, f"{message}.", given))
        if given:
            self.entered.setdefault(row, {})[names[0]] = given

    def _text(self, number: int) -> list[str]:
        return [str(text) for text in self.raw[number]]

    def _given(self, number: int) -> NDArray[np.bool_]:
        return (self.raw[number] != "").to_numpy(dtype=bool)

    def _is(self, number: int, code: int) -> Values:
        return np.array([whole_number(text) == code for text in self.raw[number]], dtype=bool)

    def _map(self, name: str, codes: Mapping[Any, Any], otherwise: Any = None) -> Values:
        """Values that follow from an answer; None where there is no answer."""
        return _objects(
            None if value is None else codes.get(value, otherwise) for value in self.values[name]
        )

    def _keep_when(self, name: str, holds: Values) -> None:
        self.values[name] = np.where(holds, self.values[name], NOTHING)

    # Fields that need more than one look

    def _dates(self) -> None:
        parts: dict[str, dict[str, int]] = {}
        for column in self.columns:
            if column.part in ("day", "month", "year"):
                parts.setdefault(column.variables[0], {})[column.part] = column.field
        for name, at in parts.items():
            fields = (at["day"], at["month"], at["year"])
            found: list[str | None] = []
            for place, texts in enumerate(
                zip(*(self._text(number) for number in fields), strict=True)
            ):
                day = real_date(*texts)
                found.append(day.isoformat() if day else None)
                if day is None and any(texts):
                    given = "/".join(texts)
                    words = (
                        "There is no such date. Enter the day, month and year of a real date"
                        if all(texts)
                        else "Enter all three parts of the date: day, month and year"
                    )
                    self._problem(place, fields, (name,), words, given)
            self.values[name] = _objects(found)

    def _setup(self) -> None:
        self._keep_when("irproduct_other", self.values["rent_type"] == 5)
        self.values["first_time_property_let_as_social_housing"] = self._map(
            "rsnvac", dict.fromkeys(_FIRST_LETS, 1), 0
        )
        repairs = self.fields["mrcdate"]
        given = np.logical_or.reduce([self._given(number) for number in repairs])
        self.values["majorrepairs"] = np.where(given, 1, 0).astype(object)

    def _property(self) -> None:
        for name in ("postcode_full", "ppostcode_full"):
            first, second = self.fields[name]
            found: list[str | None] = []
            for place, (out, inward) in enumerate(
                zip(self._text(first), self._text(second), strict=True)
            ):
                whole = postcode(out + inward)
                found.append(whole)
                if whole is None and (out or inward):
                    words = "Enter both halves of a UK postcode, such as SW1A in the first and 2AA"
                    given = f"{out} {inward}".strip()
                    self._problem(place, (first, second), (name,), f"{words} in the second", given)
            self.values[name] = _objects(found)
        first, second = self.fields["postcode_full"]
        halves = self._given(first) | self._given(second)
        area = np.array([value is not None for value in self.values["la"]])
        self.values["postcode_known"] = np.where(halves, 1, np.where(area, 0, NOTHING))
        number = self.fields["uprn"][0]
        self.values["uprn"] = self._each(number, "uprn", _property_number)
        # There is no national address list to look the number up in: a typed address counts.
        typed = self._given(self.fields["address_line1"][0]) | halves
        self.values["manual_address_entry_selected"] = _objects(
            (typed | ~self._given(number)).tolist()
        )
        self._areas("postcode_full", "la", "is_la_inferred")
        self._areas("ppostcode_full", "prevloc", "is_previous_la_inferred")
        self.values["previous_la_known"] = _objects(
            0 if value is None else 1 for value in self.values["prevloc"]
        )
        self._keep_bedsits()
        self.values["ethnic_group"] = self._map("ethnic", _ETHNIC_GROUPS)
        self.values["nationality_all_group"] = self._map("nationality_all", _NATIONALITY_GROUPS, 12)
        known = self.values["nationality_all_group"] == 12
        self._keep_when("nationality_all", known)

    def _areas(self, postcodes: str, area: str, inferred: str) -> None:
        """The local authority of a postcode that the directory has, before one that is typed."""
        given = pd.Series(self.values[postcodes], dtype=object)
        found = default_store().look_up_many(given)["local_authority"]
        known = found.notna().to_numpy()
        in_force = _objects(current_code(str(code)) if code else None for code in found)
        self.values[area] = np.where(known, in_force, self.values[area])
        self.values[inferred] = _objects(known.tolist())

    def _keep_bedsits(self) -> None:
        self.values["beds"] = np.where(self.values["unittype_gn"] == 2, 1, self.values["beds"])

    def _age(self, column: UploadColumn) -> None:
        name = column.variables[0]

        def one(text: str) -> Answer | Unreadable:
            number = whole_number(text)
            if text.upper() == "R":
                return "R"
            if number is None or not 0 <= number <= 999:
                return Unreadable("Enter an age in whole years, or R if the person would not say")
            return number

        read = self._each(column.field, name, one)
        refused = read == "R"
        self.values[f"{name}_known"] = _objects(
            None if value is None else int(value == "R") for value in read
        )
        self.values[name] = np.where(refused, NOTHING, read)

    def _household(self) -> None:
        members = np.ones(len(self.rows), dtype=int)
        before = np.ones(len(self.rows), dtype=bool)
        for person in range(2, 9):
            described = [
                column.field
                for column in self.columns
                if f"details_known_{person}" in column.variables
            ]
            present = np.logical_or.reduce([self._given(number) for number in described])
            self.values[f"details_known_{person}"] = np.where(present, 0, NOTHING)
            for place in np.flatnonzero(present & ~before):
                self._problem(
                    int(place),
                    tuple(described[:1]),
                    ("hhmemb",),
                    f"Person {person} is filled in but person {person - 1} is not. Move people up "
                    "so that none is left out between them",
                    "",
                )
            members += present
            before = present
        self.values["hhmemb"] = members.astype(object)
        for person in range(1, 9):
            kept = self.values[f"gender_same_as_sex{person}"] == 2
            self._keep_when(f"gender_description{person}", kept)
        self._keep_when("reasonother", self.values["reason"] == 20)

    def _housing_needs(self) -> None:
        by_type = self.fields["housingneeds_type"]
        none, unknown = self.fields["housingneeds"]
        other = self.fields["housingneeds_other"][0]
        ticks = [self._is(number, 1) for number in by_type]
        is_none, is_unknown, is_other = (self._is(n, 1) for n in (none, unknown, other))
        everything = (*by_type, other, none, unknown)
        given = np.logical_or.reduce([self._given(number) for number in everything])
        kinds: list[int | None] = []
        needs: list[int | None] = []
        others: list[int | None] = []
        for place in range(len(self.rows)):
            ticked = [kind for kind, tick in enumerate(ticks) if tick[place]]
            has_needs = bool(ticked) or bool(is_other[place])
            need = 2 if is_none[place] else 3 if is_unknown[place] else 1
            if not given[place]:
                needs.append(None)
                kinds.append(None)
                others.append(None)
                continue
            if len(ticked) > 1:
                numbers = tuple(by_type[kind] for kind in ticked)
                words = "Enter 1 in only one of these fields"
                self._problem(place, numbers, ("housingneeds_type",), words, "1")
            if has_needs and need != 1:
                words = "The household cannot have access needs and also none, or needs not known"
                number = none if need == 2 else unknown
                self._problem(place, (number,), ("housingneeds",), words, "1")
                need = 1
            needs.append(need)
            kinds.append(None if need != 1 or len(ticked) > 1 else ticked[0] if ticked else 3)
            others.append(1 if is_other[place] else 0 if ticked else None)
        self.values["housingneeds"] = _objects(needs)
        self.values["housingneeds_type"] = _objects(kinds)
        self.values["housingneeds_other"] = _objects(others)

    def _allocation(self) -> None:
        answers = [self.values[name] for name in ALLOCATION]
        for name in ALLOCATION:
            number = self.fields[name][0]
            for place in np.flatnonzero(~self._given(number)):
                words = "Say whether this allocation system was used: enter 1 for yes or 2 for no"
                self._problem(int(place), (number,), (name,), words, "")
        no = np.logical_and.reduce([values == 0 for values in answers])
        complete = np.logical_and.reduce([values != None for values in answers])  # noqa: E711
        self.values["letting_allocation_unknown"] = np.where(no, 1, np.where(complete, 0, NOTHING))
        numbers = [self.fields[name][0] for name in PREFERENCES]
        ticked = [self._is(number, 1) for number in numbers]
        both = np.logical_or.reduce(ticked[:-1]) & ticked[-1]
        for place in np.flatnonzero(both & (self.values["reasonpref"] == 1)):
            words = "Reasons are given and also that they are not known. Keep one or the other"
            self._problem(int(place), tuple(numbers), PREFERENCES, words, "1")

    def _referral(self) -> None:
        council, landlord = self.fields["referral_register"]
        kinds = [self.owner_types.get(row, "") for row in self.rows]
        is_council = np.array([kind == "LA" for kind in kinds])
        is_landlord = np.array([kind == "PRP" for kind in kinds])
        by_council = self._coded(council, "referral_register", range(1, 5), is_council)
        by_landlord = self._coded(landlord, "referral_register", range(5, 10), is_landlord)
        register = np.where(is_council, by_council, by_landlord)
        self.values["referral_register"] = register
        for number, other, applies, owner in (
            (council, landlord, is_landlord, "a private registered provider"),
            (landlord, council, is_council, "a council"),
        ):
            for place in np.flatnonzero(self._given(number) & applies):
                words = (
                    f"The owner is {owner}, so give the referral in field {other} and leave field "
                    f"{number} empty"
                )
                self._problem(int(place), (number,), ("referral_register",), words, "1")
        number = self.fields["referral_noms"][0]
        nominated = self._coded(number, "referral_noms", range(1, 5), register == 6)
        otherwise = self._coded(number, "referral_noms", range(5, 9), register == 7)
        noms = np.where(register == 6, nominated, otherwise)
        self.values["referral_noms"] = noms
        number = self.fields["referral_org"][0]
        first = self._coded(number, "referral_org", range(1, 11), noms == 1)
        second = self._coded(number, "referral_org", range(11, 21), noms == 7)
        self.values["referral_org"] = np.where(noms == 1, first, second)

    def _coded(self, number: int, name: str, codes: range, applies: Values) -> Values:
        """Codes of a field in the rows where it applies; elsewhere it is not looked at."""
        found: list[int | None] = []
        for place, text in enumerate(self._text(number)):
            code = whole_number(text) if text and applies[place] else None
            if text and applies[place] and code not in codes:
                listed = f"{codes[0]} to {codes[-1]}"
                words = f"Enter a code from {listed}, which belong to the answers before it"
                self._problem(place, (number,), (name,), words, text)
                code = None
            found.append(code)
        return _objects(found)

    def _money(self) -> None:
        self.values["earnings"] = _objects(
            None
            if value is None
            else f"{Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP)}.00"
            for value in self.values["earnings"]
        )
        self._keep_when("household_charge", self.values["needstype"] == 2)
        self.values["tshortfall_known"] = self._map("hbrentshortfall", {1: 0}, 1)
        numbers = [self.fields[name][0] for name in CHARGES]
        given = [self._given(number) for number in numbers]
        some = np.logical_or.reduce(given)
        for name, number, filled in zip(CHARGES, numbers, given, strict=True):
            for place in np.flatnonzero(some & ~filled):
                words = "Enter 0 if there is none: the rent and the three charges go together"
                self._problem(int(place), (number,), (name, "tcharge"), words, "")
        totals: list[str | None] = []
        for amounts in zip(*(self.values[name] for name in CHARGES), strict=True):
            whole = None not in amounts
            totals.append(f"{sum(Decimal(amount) for amount in amounts):.2f}" if whole else None)
        self.values["tcharge"] = _objects(totals)


def _property_number(text: str) -> str | Unreadable:
    """A unique property reference number: up to 12 digits, leading zeros dropped."""
    number = whole_number(text)
    if number is None or not 0 < number < 10**12:
        return Unreadable("Enter the number of the property (UPRN), up to 12 digits")
    return str(number)


def fields_of(collection: Collection) -> dict[str, tuple[int, ...]]:
    """The fields of the layout that a variable is read from, in order; its own before shared."""
    own: dict[str, list[int]] = {}
    shared: dict[str, list[int]] = {}
    for column in collection.upload_columns:
        for at, name in enumerate(column.variables):
            (shared if at else own).setdefault(name, []).append(column.field)
    found = {name: tuple(numbers) for name, numbers in shared.items()}
    found.update({name: tuple(numbers) for name, numbers in own.items()})
    if collection.name == "lettings":
        found["tcharge"] = tuple(number for name in CHARGES for number in found[name])
        found["hhmemb"] = tuple(found[f"age{person}"][0] for person in range(2, 9))
    return found


def _objects(values: Any) -> Values:
    listed = list(values)
    made: Values = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made
