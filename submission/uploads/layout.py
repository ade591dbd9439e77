"""From numbered fields to answers: each year's official layout as one query over the file's text.

What a value becomes is told in words in the column "normalisation" of the table upload_columns;
this module says the same in SQL. Text that is no answer of its field is handed on marked, so that
the checker names it with what was given; `UNREADABLE` is the mark.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from submission.collection import Collection, UploadColumn, load
from submission.duplicates import told_apart_by
from submission.program import quoted
from submission.questionnaire import tick_groups

UNREADABLE = "\x01"
PARTIES = (
    "owning_organisation_id",
    "managing_organisation_id",
    "assigned_to_id",
    "scheme_id",
    "location_id",
)
CHARGES = ("brent", "scharge", "pscharge", "supcharg")
ALLOCATION = ("cbl", "cap", "chr", "accessible_register")
ACCESS_NEEDS = ("housingneeds_type", "housingneeds_other", "housingneeds")
PREFERENCES = ("rp_homeless", "rp_insan_unsat", "rp_medwel", "rp_hardship", "rp_dontknow")
HEALTH_EFFECTS = tuple(f"illness_type_{number}" for number in range(1, 11))
ETHNIC_GROUPS = {
    **dict.fromkeys((1, 2, 3, 18, 20), 0),
    **dict.fromkeys((4, 5, 6, 7), 1),
    **dict.fromkeys((8, 9, 10, 11, 15), 2),
    **dict.fromkeys((12, 13, 14), 3),
    **dict.fromkeys((16, 19), 4),
    17: 17,
}
REFERRAL_TYPES = {
    **dict.fromkeys((20, 2, 8), 1),
    **dict.fromkeys((21, 3, 4, 22), 2),
    **dict.fromkeys((1, 10, 23), 3),
    **dict.fromkeys((15, 9, 14, 24, 17), 4),
    **dict.fromkeys((18, 19), 5),
    7: 6,
    16: 7,
}
_WHEN = re.compile(r"^read when (ownershipsch = \d(?: and staircase (?:= 1|is not 1))?)")


@dataclass(frozen=True)
class FileCheck:
    """A check made on files only. `fails_if` is SQL over a file's fields and what they become."""

    id: str
    fields: tuple[int, ...]
    variables: tuple[str, ...]
    fails_if: str
    message: str
    severity: str = "hard"


@dataclass
class Layout:
    """The layout of a collection and year: SQL for each variable, and the checks of files."""

    collection: Collection
    answers: dict[str, str] = field(default_factory=dict)
    checks: list[FileCheck] = field(default_factory=list)
    # What to enter, in words, where a file's codes are not those that a log keeps.
    wanted: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_lettings = self.collection.name == "lettings"
        self.year = self.collection.year
        self._direct()
        self._dates()
        self._address()
        self._people()
        self._previous_home()
        if self.is_lettings:
            self._letting()
            self._housing_needs()
            self._allocation()
            self._referral()
            self._charges()
            self._letting_checks()
        else:
            self._sale()

    # What stands where

    @cached_property
    def columns(self) -> dict[str, list[UploadColumn]]:
        """The columns whose first variable is this one, in order."""
        found: dict[str, list[UploadColumn]] = {}
        for column in self.collection.upload_columns:
            if column.variables:
                found.setdefault(column.variables[0], []).append(column)
        return found

    def number(self, name: str, at: int = 0) -> int:
        """The number of the (first) field of a variable."""
        return self.columns[name][at].field

    def has(self, name: str) -> bool:
        """Whether the variable has a field of its own in this year."""
        return name in self.columns

    def text(self, name: str, at: int = 0) -> str:
        """The text of a field, NULL when empty, as SQL."""
        return f"f{self.number(name, at)}"

    def code(self, name: str, at: int = 0) -> str:
        """The whole number in a field as SQL."""
        return f"read_code({self.text(name, at)})"

    def _set(self, name: str, sql: str) -> None:
        self.answers[name] = sql

    def _set_mapped(self, name: str, codes: Mapping[int, object]) -> None:
        self._set(name, self._mapped(self.text(name), codes))
        self.wanted[name] = f"Enter one of: {', '.join(map(str, codes))}."

    def _check(
        self, name: str, fields: list[int], variables: list[str], sql: str, words: str
    ) -> None:
        self.checks.append(FileCheck(name, tuple(fields), tuple(variables), sql, words))

    # Fields that are what they say

    def _direct(self) -> None:
        for name, columns in self.columns.items():
            if name in PARTIES or columns[0].part != "whole":
                continue
            texts = [self._read(name, column) for column in columns]
            if len(columns) == 1 and not _WHEN.match(columns[0].normalisation):
                self._set(name, texts[0])
                continue
            cases = " ".join(
                f"WHEN {self._when(column)} THEN {text}"
                for column, text in zip(columns, texts, strict=True)
            )
            self._set(name, f"CASE {cases} END")

    def _read(self, name: str, column: UploadColumn) -> str:
        text = f"f{column.field}"
        variable = self.collection.variables.get(name)
        if variable is not None and variable.codes and variable.kind in ("choice", "lookup"):
            return f"upper({text})"
        if variable is not None and variable.kind == "checkbox":
            # A number that is no tick is not kept as one.
            wrong = f"{text} IS NOT NULL AND COALESCE(read_code({text}) NOT IN (0, 1), TRUE)"
            return f"CASE WHEN {wrong} THEN chr(1) || {text} ELSE {text} END"
        return text

    def _when(self, column: UploadColumn) -> str:
        found = _WHEN.match(column.normalisation)
        if not found:
            return "TRUE"
        return (
            found[1]
            .replace("ownershipsch", "key_ownershipsch")
            .replace("staircase is not 1", "key_staircase IS DISTINCT FROM 1")
            .replace("staircase =", "key_staircase =")
        )

    def _mapped(self, text: str, codes: Mapping[int, object]) -> str:
        cases = " ".join(f"WHEN {code} THEN '{meant}'" for code, meant in codes.items())
        return (
            f"CASE WHEN {text} IS NOT NULL THEN CASE read_code({text}) {cases} "
            f"ELSE chr(1) || {text} END END"
        )

    def _grouped(self, text: str, codes: Mapping[int, int]) -> str:
        cases = " ".join(f"WHEN {code} THEN '{meant}'" for code, meant in codes.items())
        return f"CASE read_code({text}) {cases} END"

    def _dates(self) -> None:
        for name, columns in self.columns.items():
            parts = {column.part: f"f{column.field}" for column in columns}
            if "day" not in parts:
                continue
            day, month, year = parts["day"], parts["month"], parts["year"]
            whole = (
                f"read_code({day}) || '/' || read_code({month}) || '/' || "
                f"CASE WHEN read_code({year}) BETWEEN 0 AND 99 THEN 2000 + read_code({year}) "
                f"ELSE read_code({year}) END"
            )
            shown = ", ".join(f"COALESCE({text}, '?')" for text in (day, month, year))
            given = f"concat_ws('/', {shown})"
            some = f"{day} IS NOT NULL OR {month} IS NOT NULL OR {year} IS NOT NULL"
            iso = f"CASE WHEN {month} IS NULL AND {year} IS NULL THEN read_date({day}) END"
            self._set(
                name,
                f"CASE WHEN {some} THEN COALESCE(CAST(read_date({whole}) AS VARCHAR), "
                f"CAST({iso} AS VARCHAR), chr(1) || {given}) END",
            )

    # Address

    def _address(self) -> None:
        for name in ("postcode_full", "ppostcode_full"):
            halves = [f"f{column.field}" for column in self.columns[name]]
            self._set(name, f"upper(NULLIF(concat_ws(' ', {', '.join(halves)}), ''))")
        only = ""
        if self.is_lettings and self.year in (2024, 2025):
            # A row that does not say its needs type is not told that it has no address either.
            only = "key_needstype IS DISTINCT FROM 2"
        names = ("uprn", "address_line1", "address_line2", "town_or_city", "county")
        for name in (*names, "postcode_full", "la"):
            sql = self.answers[name]
            if name == "uprn":
                sql = f"regexp_replace({sql}, '[.]0+$', '')"
            if name == "la":
                sql = f"upper({sql})"
            self._set(name, f"CASE WHEN {only} THEN {sql} END" if only else sql)
        uprn, postcode = self.answers["uprn"], self.answers["postcode_full"]
        self._set("uprn_known", f"CASE WHEN {uprn} IS NOT NULL THEN '1' ELSE '0' END")
        self._set("uprn_confirmed", f"CASE WHEN {uprn} IS NOT NULL THEN '1' END")
        if self.year >= 2024:
            # There is no national address list to find the number in: a typed address counts too.
            self._set("manual_address_entry_selected", f"CAST({uprn} IS NULL AS VARCHAR)")
            self._set("address_line1_input", self.answers["address_line1"])
            self._set("postcode_full_input", f"canonical_postcode({postcode})")
        if self.is_lettings:
            self._set(
                "postcode_known",
                f"CASE WHEN {postcode} IS NOT NULL THEN '1' WHEN {self.answers['la']} IS NOT NULL "
                "THEN '0' END",
            )
        else:
            self._set("pcodenk", f"CASE WHEN {postcode} IS NOT NULL THEN '0' END")
            self._set(
                "la_known", f"CASE WHEN {self.answers['la']} IS NOT NULL THEN '1' ELSE '0' END"
            )

    def _previous_home(self) -> None:
        self._set_mapped("ppcodenk", {1: 0, 2: 1})
        area = self.text("prevloc")
        self._set("prevloc", f"upper({area})")
        self._set("previous_la_known", f"CASE WHEN {area} IS NOT NULL THEN '1' ELSE '0' END")

    # People

    @property
    def most_people(self) -> int:
        """How many people a row describes."""
        return 8 if self.is_lettings else 6

    def described(self, person: int) -> list[int]:
        """The fields any of which makes a person present."""
        return [
            column.field
            for column in self.collection.upload_columns
            if f"details_known_{person}" in column.variables
        ]

    def _present(self, person: int) -> str:
        return f"key_present{person}"

    def _people(self) -> None:
        for person in range(1, self.most_people + 1):
            name = f"age{person}"
            text = self.text(name)
            refused = f"upper({text}) = 'R'"
            is_age = f"regexp_full_match({text}, '[0-9]{{1,3}}([.]0+)?')"
            self._set(
                f"{name}_known",
                f"CASE WHEN {refused} THEN '1' WHEN {text} IS NOT NULL THEN '0' END",
            )
            self._set(
                name,
                f"CASE WHEN {refused} THEN NULL WHEN {is_age} THEN {text} "
                f"ELSE chr(1) || {text} END",
            )
            for stem in ("sex", "sexrab"):
                if self.has(f"{stem}{person}"):
                    self._set(f"{stem}{person}", f"upper({self.text(f'{stem}{person}')})")
            same, words = f"gender_same_as_sex{person}", f"gender_description{person}"
            if self.has(same):
                self._set(
                    words,
                    f"CASE WHEN {self.code(same)} IN (1, 3) THEN NULL ELSE {self.text(words)} END",
                )
            if person > 1:
                known, unknown = ("0", "1") if self.is_lettings else ("1", "2")
                self._set(
                    f"details_known_{person}",
                    f"CASE WHEN {self._present(person)} THEN '{known}' ELSE '{unknown}' END",
                )
                relation = f"relat{person}"
                if self.year >= 2025:
                    self._set_mapped(relation, {1: "P", 2: "X", 3: "R"})
                else:
                    self._set(relation, f"upper({self.text(relation)})")
        for name, group in (("ethnic", "ethnic_group"), ("ethnicbuy2", "ethnic_group2")):
            if self.has(name):
                self._set(group, self._grouped(self.text(name), ETHNIC_GROUPS))
        for name in ("nationality_all", "nationality_all_buyer2"):
            if self.has(name):
                code = self.code(name)
                self._set(
                    f"{name}_group",
                    f"CASE WHEN {code} IN (0, 826) THEN CAST({code} AS VARCHAR) "
                    f"WHEN {self.text(name)} IS NOT NULL THEN '12' END",
                )
        if self.is_lettings:
            present = " + ".join(
                f"CAST({self._present(person)} AS INTEGER)" for person in range(2, 9)
            )
            self._set("hhmemb", f"CAST(1 + {present} AS VARCHAR)")
            for person in range(3, 9):
                self._check(
                    "person_left_out",
                    self.described(person)[:1],
                    [f"details_known_{person}"],
                    f"{self._present(person)} AND NOT {self._present(person - 1)}",
                    f"Person {person} is filled in but person {person - 1} is not. Move people up "
                    "so that none is left out between them.",
                )

    # Lettings

    def _letting(self) -> None:
        if self.year == 2023:
            kind, affordable, other = 5, 10, 11
            self._set(
                "rent_type",
                f"CASE WHEN read_code(f{kind}) BETWEEN 1 AND 4 THEN '0' "
                f"WHEN read_code(f{kind}) BETWEEN 5 AND 8 THEN "
                f"CASE read_code(f{affordable}) WHEN 1 THEN '2' WHEN 2 THEN '1' "
                f"WHEN 3 THEN '1' ELSE chr(1) || f{affordable} END "
                f"WHEN read_code(f{kind}) BETWEEN 9 AND 12 THEN "
                f"CASE read_code(f{other}) WHEN 1 THEN '3' WHEN 2 THEN '4' WHEN 3 THEN '5' "
                f"ELSE chr(1) || f{other} END "
                f"ELSE chr(1) || f{kind} END",
            )
            self.wanted["rent_type"] = (
                f"Enter 1 to 12 in field {kind}; with 5 to 8 there also 1 to 3 in field "
                f"{affordable}, with 9 to 12 also 1 to 3 in field {other}."
            )
            self.answers.pop("lettype", None)
            self._check(
                "letting_type_disagrees_with_needs_type",
                [4, 5],
                ["needstype", "lettype"],
                "key_needstype IN (1, 2) AND read_code(f5) BETWEEN 1 AND 12 "
                "AND (read_code(f5) % 2 = 1) <> (key_needstype = 1)",
                "The letting type and the needs type do not go together: odd letting types are "
                "general needs, even ones supported housing.",
            )
        else:
            highest = 6 if self.year == 2024 else 7
            self._set_mapped("rent_type", {code: code - 1 for code in range(1, highest + 1)})
            self._set(
                "irproduct_other",
                f"CASE WHEN {self.code('rent_type')} = 6 THEN {self.text('irproduct_other')} END",
            )
        self._set_mapped("renewal", {1: 1, 2: 0})
        self._set_mapped("declaration", {1: 1})
        reason = self.code("rsnvac")
        self._set(
            "first_time_property_let_as_social_housing",
            f"CASE WHEN {reason} IN (15, 16, 17) THEN '1' ELSE '0' END",
        )
        repairs = [f"f{column.field}" for column in self.columns["mrcdate"]]
        some = " OR ".join(f"{text} IS NOT NULL" for text in repairs)
        self._set("majorrepairs", f"CASE WHEN {some} THEN '1' ELSE '0' END")
        if self.year >= 2024:
            self._set(
                "beds",
                f"CASE WHEN {self.code('unittype_gn')} = 2 THEN '1' ELSE {self.text('beds')} END",
            )
            self._set(
                "reasonother",
                f"CASE WHEN {self.code('reason')} = 20 THEN {self.text('reasonother')} END",
            )
        self._set_mapped("net_income_known", {1: 0, 2: 1, 3: 2})
        plain = f"plain_number({self.text('earnings')})"
        self._set(
            "earnings",
            f"CASE WHEN is_number({plain}) THEN CAST(round(TRY_CAST({plain} AS DECIMAL(14, 4))) "
            f"AS VARCHAR) ELSE {self.text('earnings')} END",
        )
        self._set(
            "household_charge",
            # A code that is none reads as blank, or it would empty what depends on it.
            f"CASE WHEN key_needstype = 2 THEN "
            f"{self._mapped(self.text('household_charge'), {0: 0, 1: 1})} END",
        )
        short = self.code("hbrentshortfall")
        self._set("tshortfall_known", f"CASE WHEN {short} = 1 THEN '0' ELSE '1' END")
        if self.has("chcharge"):
            given = self.text("chcharge")
            self._set("is_carehome", f"CASE WHEN {given} IS NOT NULL THEN '1' ELSE '0' END")

    def _housing_needs(self) -> None:
        ticks = [f"COALESCE({self.code('housingneeds_type', at)} = 1, FALSE)" for at in range(3)]
        other = f"COALESCE({self.code('housingneeds_other')} = 1, FALSE)"
        none = f"COALESCE({self.code('housingneeds')} = 1, FALSE)"
        unknown = f"COALESCE({self.code('housingneeds', 1)} = 1, FALSE)"
        numbers = [column.field for column in self.columns["housingneeds_type"]]
        at_none, at_unknown = self.number("housingneeds"), self.number("housingneeds", 1)
        any_type = f"({' OR '.join(ticks)})"
        some = f"{any_type} OR {other} OR {none} OR {unknown}"
        for name in ACCESS_NEEDS:
            for column in self.columns[name]:
                text = f"f{column.field}"
                self._check(
                    "access_need_not_a_tick",
                    [column.field],
                    [name],
                    f"{text} IS NOT NULL AND COALESCE(read_code({text}) NOT IN (0, 1), TRUE)",
                    f"Enter 1 in field {column.field} when it applies, else leave it empty.",
                )
        self._set(
            "housingneeds_type",
            f"CASE WHEN NOT ({some}) THEN NULL WHEN {ticks[0]} THEN '0' WHEN {ticks[1]} THEN '1' "
            f"WHEN {ticks[2]} THEN '2' ELSE '3' END",
        )
        self._set("housingneeds_other", f"CASE WHEN {other} THEN '1' WHEN {any_type} THEN '0' END")
        self._set(
            "housingneeds",
            f"CASE WHEN NOT ({some}) THEN NULL WHEN {none} THEN '2' WHEN {unknown} THEN '3' "
            "ELSE '1' END",
        )
        count = " + ".join(f"CAST({tick} AS INTEGER)" for tick in ticks)
        self._check(
            "several_access_needs",
            numbers,
            ["housingneeds_type"],
            f"{count} > 1",
            "Only one of these access needs can be given: enter 1 in one field and leave the "
            "others empty.",
        )
        self._check(
            "access_needs_contradict",
            [at_none, at_unknown],
            ["housingneeds"],
            f"CAST({any_type} OR {other} AS INTEGER) + CAST({none} AS INTEGER) + "
            f"CAST({unknown} AS INTEGER) > 1",
            "Access needs, no access needs and needs not known exclude one another: enter 1 in "
            "one of them only.",
        )

    def _allocation(self) -> None:
        asked = [name for name in ALLOCATION if self.has(name)]
        for name in asked:
            self._set_mapped(name, {1: 1, 2: 0})
            self._check(
                "allocation_left_empty",
                [self.number(name)],
                [name],
                f"{self.text(name)} IS NULL",
                "Say whether the home was let under this system: enter 1 for yes or 2 for no.",
            )
        every = " AND ".join(f"{self.code(name)} = 2" for name in asked)
        self._set("letting_allocation_unknown", f"CASE WHEN {every} THEN '1' ELSE '0' END")
        reasons = " OR ".join(f"{self.code(name)} = 1" for name in PREFERENCES[:-1])
        alone = f"COALESCE(({reasons}) AND {self.code(PREFERENCES[-1])} = 1, FALSE)"
        numbers = [self.number(name) for name in PREFERENCES]
        if self.year >= 2024:
            self._check(
                "preference_reason_and_not_known",
                numbers,
                list(PREFERENCES),
                f"{self.code('reasonpref')} = 1 AND {alone}",
                "A reason for preference was given and also 'don't know': keep one or the other.",
            )

    def _referral(self) -> None:
        if self.year <= 2024:
            return
        if self.year == 2025:
            text = self.text("referral")
            self._set("referral_type", self._grouped(text, REFERRAL_TYPES))
            return
        council, landlord = (column.field for column in self.columns["referral_register"])
        noms, org = self.number("referral_noms"), self.number("referral_org")
        is_council, is_landlord = "key_owner_type = 'LA'", "key_owner_type = 'PRP'"
        self._set(
            "referral_register",
            f"CASE WHEN {is_council} THEN CASE WHEN read_code(f{council}) BETWEEN 1 AND 4 "
            f"THEN f{council} ELSE chr(1) || f{council} END "
            f"WHEN {is_landlord} THEN CASE WHEN read_code(f{landlord}) BETWEEN 5 AND 9 "
            f"THEN f{landlord} ELSE chr(1) || f{landlord} END "
            f"ELSE COALESCE(f{council}, f{landlord}) END",
        )
        self.wanted["referral_register"] = (
            f"Enter 1 to 4 in field {council} when a local authority owns the home, 5 to 9 in "
            f"field {landlord} when a private registered provider does."
        )
        register = f"CASE WHEN {is_council} THEN NULL ELSE read_code(f{landlord}) END"
        for mine, theirs, owner in (
            (landlord, council, "a local authority"),
            (council, landlord, "a private registered provider"),
        ):
            test = is_council if mine == landlord else is_landlord
            self._check(
                "referral_in_the_other_owners_field",
                [mine],
                ["referral_register"],
                f"{test} AND f{mine} IS NOT NULL AND key_renewal IS DISTINCT FROM 1",
                f"The owner is {owner}, so give the referral in field {theirs} and leave field "
                f"{mine} empty.",
            )
        # A step is judged by the one before it only when that one is right.
        is_register = f"COALESCE(read_code(f{landlord}) BETWEEN 5 AND 9, f{landlord} IS NULL)"
        wrong_noms = (
            f"(f{noms} IS NOT NULL AND COALESCE(NOT "
            f"CASE ({register}) WHEN 6 THEN read_code(f{noms}) BETWEEN 1 AND 4 "
            f"WHEN 7 THEN read_code(f{noms}) BETWEEN 5 AND 8 ELSE FALSE END, TRUE))"
        )
        self._check(
            "referral_nomination_does_not_follow",
            [noms],
            ["referral_noms"],
            f"{wrong_noms} AND {is_register} AND key_renewal IS DISTINCT FROM 1",
            "This nomination does not follow from the register: enter 1 to 4 when field "
            f"{landlord} is 6, 5 to 8 when it is 7, and leave it empty otherwise.",
        )
        self._check(
            "referral_organisation_does_not_follow",
            [org],
            ["referral_org"],
            f"f{org} IS NOT NULL AND key_renewal IS DISTINCT FROM 1 AND {is_register} "
            f"AND NOT {wrong_noms} AND COALESCE(NOT "
            f"CASE read_code(f{noms}) WHEN 1 THEN read_code(f{org}) BETWEEN 1 AND 10 "
            f"WHEN 7 THEN read_code(f{org}) BETWEEN 11 AND 20 ELSE FALSE END, TRUE)",
            "This organisation does not follow from the nomination: enter 1 to 10 when field "
            f"{noms} is 1, 11 to 20 when it is 7, and leave it empty otherwise.",
        )

    def _charges(self) -> None:
        numbers = {name: self.number(name) for name in CHARGES}
        every = " AND ".join(f"f{number} IS NOT NULL" for number in numbers.values())
        some = " OR ".join(f"f{number} IS NOT NULL" for number in numbers.values())
        unless = f" AND {self.text('chcharge')} IS NULL" if self.has("chcharge") else ""
        # One that cannot be read is blank, and the others without it are no total: only what was
        # written there goes on, to be named.
        readable = [
            f"(f{number} IS NULL OR is_number(plain_number(f{number})))"
            for number in numbers.values()
        ]
        all_readable = " AND ".join(readable)
        complete = all_readable if self.year == 2023 else f"{every} AND {all_readable}"
        for (name, number), is_readable in zip(numbers.items(), readable, strict=True):
            self._set(name, f"CASE WHEN {complete} OR NOT {is_readable} THEN f{number} END")
            if self.year == 2023:
                continue
            self._check(
                "charges_incomplete",
                [number],
                [name],
                f"({some}) AND NOT ({every}){unless}",
                "Give the rent and all three charges, with 0 for one that is not paid, or none of "
                "them.",
            )

    def _letting_checks(self) -> None:
        self._half_postcodes()
        renewal = "key_renewal = 1"
        reason, before = self.number("reason"), self.number("prevten")
        if self.year >= 2024:
            self._check(
                "renewal_reason_for_leaving",
                [reason],
                ["reason"],
                f"{renewal} AND read_code(f{reason}) NOT IN (50, 51, 52, 53)",
                "For a renewal the reason for leaving the last home must be 50, 51, 52 or 53.",
            )
        self._check(
            "renewal_previous_home",
            [before],
            ["prevten"],
            f"{renewal} AND read_code(f{before}) NOT IN (6, 30, 31, 32, 33, 34, 35, 38)",
            "For a renewal the previous home must be a social tenancy: 6, 30 to 35 or 38.",
        )
        effects = [name for name in HEALTH_EFFECTS if self.has(name)]
        for name in effects:
            self._check(
                "health_effect_without_condition",
                [self.number(name)],
                [name],
                f"{self.code(name)} = 1 AND {self.code('illness')} IS DISTINCT FROM 1",
                "An effect of a health condition was given although nobody is said to have one: "
                f"enter 1 in field {self.number('illness')}, or leave this field empty.",
            )
        if self.year <= 2025:
            referral = self.number("referral")
            self._check(
                "referral_of_a_local_authority_owner",
                [referral],
                ["referral"],
                f"key_owner_type = 'LA' AND key_renewal IS DISTINCT FROM 1 AND "
                f"(read_code(f{referral}) = 3 OR (read_code(f{referral}) = 4 "
                "AND key_needstype = 1))",
                "A local authority does not nominate to itself: this source of referral is not "
                "possible when a local authority owns the home.",
            )

    def _half_postcodes(self) -> None:
        # A half such as YO11 has the shape of an overseas postcode; others break a rule anyway.
        for name in ("postcode_full", "ppostcode_full"):
            first, second = (column.field for column in self.columns[name])
            text = f"replace(upper(COALESCE(f{first}, f{second})), ' ', '')"
            self._check(
                "postcode_incomplete",
                [first, second],
                [name],
                f"(f{first} IS NULL) <> (f{second} IS NULL) AND is_uk_postcode({text}) "
                f"AND regexp_full_match({text}, '[A-Z]{{1,2}}[0-9][A-Z0-9]?')",
                f"This is half a postcode. Enter the first half in field {first} and the second "
                f"in field {second}.",
            )

    # Sales

    def _sale(self) -> None:
        self._set_mapped("privacynotice", {1: 1})
        self._routes()
        self._half_postcodes()
        self._handover()
        if self.year <= 2024:
            self._organisations()
            other = self.number("othtype")
            self._check(
                "other_sale_not_described",
                [other],
                ["othtype"],
                f"key_ownershipsch = 3 AND {self.code('type', 2)} = 12 AND f{other} IS NULL",
                "Say what kind of sale this is, as it is neither shared, discounted nor outright.",
            )
        refused = []
        if self.year >= 2025:
            refused.append("prevten")
        for name in [*refused, "prevtenbuy2"]:
            text = self.text(name)
            self._set(name, f"CASE WHEN upper({text}) = 'R' THEN '0' ELSE {text} END")
        if self.year >= 2024:
            first, second = self.answers["prevten"], self.answers["prevtenbuy2"]
            tenant = " OR ".join(
                f"COALESCE(read_code({before}) IN (1, 2), FALSE)" for before in (first, second)
            )
            self._set(
                "soctenant",
                f"CASE WHEN key_ownershipsch = 1 THEN CASE WHEN {tenant} THEN '1' ELSE '2' END END",
            )
        for name in ("income1", "income2", "savings"):
            text = self.text(name)
            self._set(f"{name}nk", f"CASE WHEN upper({text}) = 'R' THEN '1' ELSE '0' END")
            self._set(name, f"CASE WHEN upper({text}) = 'R' THEN NULL ELSE {text} END")
        self._years_lived()
        self._monthly_charges()
        if self.year >= 2025:
            text = self.text("management_fee")
            above = f"COALESCE(TRY_CAST(plain_number({text}) AS DECIMAL(14, 4)) > 0, FALSE)"
            self._set("has_management_fee", f"CASE WHEN {above} THEN '1' ELSE '0' END")
            self._set("management_fee", f"CASE WHEN {self._not_nothing(text)} THEN {text} END")
        if self.year >= 2026:
            self._mortgage_length()
        for name in ("ecstat1", "ecstat2"):
            joint = " AND key_jointpur = 1" if name == "ecstat2" else ""
            self._check(
                "buyer_is_a_child",
                [self.number(name)],
                [name],
                f"{self.code(name)} = 9{joint}",
                "A buyer cannot be a child under 16: enter another working situation.",
            )

    def _routes(self) -> None:
        """The answers that say which questions follow, as far as they are asked themselves.

        A code that is none, and one in a field that does not count, would empty right answers.
        """
        for name in ("ownershipsch", "staircase", "jointpur"):
            listed = self.collection.code_lists[self.collection.variables[name].codes]
            self._set_mapped(name, {int(code.code): code.code for code in listed})
        of_others = {"staircase": "2, 3", "companybuy": "1, 2", "buylivein": "1, 2"}
        for name, schemes in of_others.items():
            if self.has(name):
                does_not_count = f"COALESCE(key_ownershipsch IN ({schemes}), FALSE)"
                self._set(name, f"CASE WHEN NOT {does_not_count} THEN {self.answers[name]} END")

    def _handover(self) -> None:
        """The handover date, of a home that is sold for the first time; others have none."""
        shares = "key_staircase = 2" if self.year >= 2025 else "key_staircase IN (2, 3)"
        first = f"key_ownershipsch = 1 AND {shares} AND {self.code('resale')} = 2"
        self._set("hodate", f"CASE WHEN {first} THEN {self.answers['hodate']} END")

    def _organisations(self) -> None:
        """Boxes left empty mean no once another is ticked, or the one for none of them."""
        names = ("pregyrha", "pregother", "pregla", "pregghb")
        blank = " AND ".join(f"{self.text(name)} IS NULL" for name in names)
        self._set("pregblank", f"CASE WHEN {blank} THEN '1' ELSE '0' END")
        ticked = " OR ".join(f"COALESCE({self.code(name)} = 1, FALSE)" for name in names)
        no = f"({blank}) OR {ticked}"
        for name in names:
            text = self.text(name)
            self._set(name, f"CASE WHEN {text} IS NULL AND ({no}) THEN '0' ELSE {text} END")

    def _not_nothing(self, text: str) -> str:
        """Whether a field holds anything but 0: an amount, or what cannot be one and is told."""
        is_zero = f"regexp_full_match(plain_number({text}), '[-+]?0+([.]0+)?')"
        return f"COALESCE(NOT {is_zero}, FALSE)"

    def _years_lived(self) -> None:
        text = self.answers["proplen"]
        some = self._not_nothing(text)
        self._set("proplen_asked", f"CASE WHEN {some} THEN '0' ELSE '1' END")
        self._set("proplen", f"CASE WHEN {some} THEN {text} END")

    def _monthly_charges(self) -> None:
        text = self.answers["mscharge"]
        is_refused = f"upper({text}) = 'R'"
        if self.year <= 2025:
            some = self._not_nothing(text)
            self._set("has_mscharge", f"CASE WHEN {some} THEN '1' ELSE '0' END")
            self._set("mscharge", f"CASE WHEN {some} THEN {text} END")
            return
        self._set(
            "has_mscharge",
            f"CASE WHEN {is_refused} THEN '0' WHEN {text} IS NOT NULL THEN '1' END",
        )
        self._set("mscharge", f"CASE WHEN {is_refused} THEN NULL ELSE {text} END")
        new = self.text("newservicecharges")
        self._set(
            "hasservicechargeschanged",
            f"CASE WHEN upper({new}) = 'R' THEN '2' WHEN {new} IS NOT NULL THEN '1' END",
        )
        self._set("newservicecharges", f"CASE WHEN upper({new}) = 'R' THEN NULL ELSE {new} END")

    def _mortgage_length(self) -> None:
        text = self.answers["mortlen"]
        refused = f"upper({text}) = 'R'"
        self._set(
            "mortlen_known",
            f"CASE WHEN key_noint = 1 THEN CASE WHEN {refused} THEN '1' "
            f"WHEN {text} IS NOT NULL THEN '0' END END",
        )
        self._set(
            "mortlen",
            f"CASE WHEN {refused} AND key_noint = 1 THEN NULL "
            f"WHEN {refused} THEN chr(1) || {text} ELSE {text} END",
        )

    # The query

    @cached_property
    def telling_sql(self) -> str:
        """Over a table `up`: a text that is the same for two rows of one letting or sale."""
        texts = ", ".join(f"COALESCE(f{n}, '')" for n in sorted(told_apart_by(self.collection)))
        return f"upper(replace(concat_ws(chr(31), {texts}), ' ', ''))"

    @cached_property
    def fields(self) -> dict[str, tuple[int, ...]]:
        """The fields that each variable is read from; see `fields_of`."""
        return fields_of(self.collection)

    @cached_property
    def boxes(self) -> dict[str, tuple[str, ...]]:
        """For each tick box those of the same question, itself among them."""
        groups = tick_groups(self.collection).values()
        return {name: names for names in groups for name in names}

    @cached_property
    def telling_variables(self) -> tuple[str, ...]:
        """What tells the rows of a file apart."""
        numbers = told_apart_by(self.collection)
        columns = [c for c in self.collection.upload_columns if c.field in numbers]
        return tuple(dict.fromkeys(column.variables[0] for column in columns))

    @cached_property
    def query(self) -> str:
        """Over a table `up` (row, f1, f2, ..., owner_type): row and the text of each variable.

        Beside them `failed`, the numbers of the file checks that the row does not pass.
        """
        keys = []
        names = ("needstype", "ownershipsch", "staircase", "jointpur", "noint")
        for name in names:
            if self.has(name):
                keys.append(f"{self.code(name)} AS key_{name}")
        if self.is_lettings:
            keys.append(
                f"CASE {self.code('renewal')} WHEN 1 THEN 1 WHEN 2 THEN 0 END AS key_renewal"
            )
        if not self.has("staircase"):
            keys.append("CAST(NULL AS INTEGER) AS key_staircase")
        for person in range(2, self.most_people + 1):
            some = " OR ".join(f"f{number} IS NOT NULL" for number in self.described(person))
            keys.append(f"({some}) AS {self._present(person)}")
        keys.append("owner_type AS key_owner_type")
        made = [f"CAST({sql} AS VARCHAR) AS {quoted(name)}" for name, sql in self.answers.items()]
        tests = [
            f"CASE WHEN {check.fails_if} THEN {number} END"
            for number, check in enumerate(self.checks)
        ]
        found = f"list_filter([{', '.join(tests) or 'NULL::INTEGER'}], lambda x: x IS NOT NULL)"
        return (
            f"SELECT row, {', '.join(made)}, {found} AS failed "
            f"FROM (SELECT *, {', '.join(keys)} FROM up) ORDER BY row"
        )


@cache
def layout(collection: str, year: int) -> Layout:
    """The layout of a collection and year."""
    return Layout(load(collection, year))


def fields_of(collection: Collection) -> dict[str, tuple[int, ...]]:
    """The fields of the layout that a variable is read from, in order; its own before shared."""
    own: dict[str, list[int]] = {}
    shared: dict[str, list[int]] = {}
    for column in collection.upload_columns:
        for at, name in enumerate(column.variables):
            (shared if at else own).setdefault(name, []).append(column.field)
    found = {name: tuple(numbers) for name, numbers in shared.items()}
    found.update({name: tuple(numbers) for name, numbers in own.items()})
    if collection.name == "lettings" and collection.year == 2023:
        # The letting type says the rent first, and an older scheme code is a location.
        for name in ("rent_type", "location_id"):
            found[name] = tuple(sorted(own[name] + shared[name]))
    if collection.name == "lettings":
        if "tcharge" not in found:
            found["tcharge"] = tuple(number for name in CHARGES for number in found[name])
        found["hhmemb"] = tuple(found[f"age{person}"][0] for person in range(2, 9))
    return found


@cache
def alternatives(collection: str, year: int) -> frozenset[str]:
    """Variables with a field for each kind of sale, of which a row fills in one."""
    columns = load(collection, year).upload_columns
    found = {c.variables[0] for c in columns if c.variables and _WHEN.match(c.normalisation)}
    return frozenset(n for n in found if sum(c.variables[:1] == (n,) for c in columns) > 1)


def filled_in(made: Layout, name: str, given: Mapping[int, str]) -> tuple[int, ...]:
    """Of a variable's fields those that a row means: of alternatives, the ones with a text."""
    numbers = tuple(made.fields.get(name, ()))
    if name not in alternatives(made.collection.name, made.year):
        return numbers
    return tuple(number for number in numbers if given.get(number)) or numbers
