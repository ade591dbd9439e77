"""What is wrong with a row of a file: with whom it names, how it is written, and its answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from data_access.reference.periods import collection_year_of, year_label
from submission.checker import CheckResult
from submission.columns import EVENT_DATES
from submission.findings import Finding
from submission.questionnaire import set_up_variables
from submission.rules import HARD, MISSING, SETUP
from submission.uploads.layout import ACCESS_NEEDS, CHARGES, UNREADABLE, Layout
from submission.uploads.registry import Parties
from submission.windows import window

# Without these a row cannot become a log: whose it is, which year and which log type.
_MAKES_A_LOG = {
    "lettings": frozenset(
        [
            *("owning_organisation_id", "managing_organisation_id", "assigned_to_id"),
            *("startdate", "needstype", "rent_type", "lettype"),
        ]
    ),
    "sales": frozenset(
        [
            *("owning_organisation_id", "managing_organisation_id", "assigned_to_id"),
            *("saledate", "ownershipsch"),
        ]
    ),
}
# Questions of the set-up that decide nothing about what else is asked.
_OF_NO_WEIGHT = frozenset(
    [
        *("declaration", "privacynotice", "scheme_id", "location_id", "tenancycode", "propcode"),
        *("purchid", "assigned_to_id", "managing_organisation_id", "irproduct_other"),
    ]
)


def findings_of_row(
    made: Layout,
    result: CheckResult,
    row: int,
    day: str | None,
    parties: Parties,
    failed: list[int],
) -> list[Finding]:
    """The findings of a row, set-up findings first and soft ones last.

    `day`: its date as text. `failed`: the numbers of the file checks that it does not pass.
    """
    name = made.collection.name
    found: list[Finding] = []
    told: set[str] = set()
    for problem in parties.problems:
        severity = SETUP if problem.stops else MISSING if problem.missing else HARD
        rule = MISSING if problem.missing else f"{problem.variable.removesuffix('_id')}_unknown"
        found.append(Finding(rule, severity, (problem.variable,), problem.message))
        told.add(problem.variable)
    found += _outside_file_year(made, day)
    for number in failed:
        check = made.checks[number]
        found.append(Finding(check.id, check.severity, check.variables, check.message))
        told |= set(check.variables)
    spoken_for = _spoken_for(made, told, result.findings[row])
    for finding in result.findings[row]:
        if finding.severity == MISSING and spoken_for & set(finding.fields):
            continue
        if finding.rule == "answer_not_offered":
            if told & set(finding.fields):
                continue
            if finding.fields[0] in made.wanted:
                words = finding.message.partition(" Enter one of: ")[0]
                finding = replace(finding, message=f"{words} {made.wanted[finding.fields[0]]}")
        is_missing = finding.severity == MISSING or finding.rule.startswith("answer_")
        is_date = finding.rule in ("start_date_not_a_date", "saledate_not_real")
        if (is_missing or is_date) and _MAKES_A_LOG[name] & set(finding.fields):
            found.append(replace(finding, severity=SETUP))
        else:
            found.append(finding)
    unique = dict.fromkeys(_of_open_questions(made, found))
    return sorted(unique, key=lambda f: (f.severity == "soft", f.severity != SETUP))


def _of_open_questions(made: Layout, found: Sequence[Finding]) -> list[Finding]:
    """Without what lacks beyond a set-up question that has no answer yet: it may not be asked."""
    set_up = set_up_variables(made.collection)
    deciding = set_up - _OF_NO_WEIGHT
    is_open = any(
        deciding & set(finding.fields)
        and (finding.rule == MISSING or finding.rule.startswith("answer_"))
        for finding in found
    )
    if not is_open:
        return list(found)
    return [f for f in found if f.severity != MISSING or set(f.fields) & set_up]


def _spoken_for(made: Layout, told: set[str], findings: Sequence[Finding]) -> set[str]:
    """Variables that have no answer because of something told of the row already.

    What cannot be read in one field is no answer either of what else is read from it, of the tick
    boxes beside it, of the other access needs, or, where it is a charge, of the other charges and
    the total.
    """
    if not told and not findings:
        return told
    unreadable = {
        name
        for finding in findings
        if finding.rule.startswith("answer_") or finding.rule.endswith("_not_a_number")
        for name in finding.fields
    }
    found = told | unreadable
    for name in told | unreadable:
        found |= set(made.boxes.get(name, ()))
    if unreadable & set(CHARGES):
        found |= {*CHARGES, "tcharge"}
    if told & set(ACCESS_NEEDS):
        found |= set(ACCESS_NEEDS)
    if unreadable:
        wrong = {number for name in unreadable for number in made.fields.get(name, ())}
        found |= {name for name, numbers in made.fields.items() if wrong.issuperset(numbers)}
    return found


def _outside_file_year(made: Layout, text: str | None) -> list[Finding]:
    """A row whose date is not of the year the file is for."""
    if text is None or text.startswith(UNREADABLE):
        return []
    day = date.fromisoformat(text)
    last = window(made.collection.name, made.year).new_until
    if collection_year_of(day) == made.year or (day >= date(made.year, 4, 1) and day <= last):
        return []
    words = (
        f"This date is not in the collection year {year_label(made.year)}, which this file is "
        "for. Correct it, or put the row into a file of its own year."
    )
    return [Finding("date_outside_file_year", SETUP, (EVENT_DATES[made.collection.name],), words)]
