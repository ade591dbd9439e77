"""The documents as tables of text, to be kept as CSV files and workbooks."""

from dataclasses import dataclass
from functools import cache

from submission.documents.dictionary import CodeEntry, Entry, dictionary
from submission.documents.levels import groups_in_words
from submission.documents.rule_cases import rule_cases
from submission.documents.rule_list import SEVERITIES, category_label, rule_list
from submission.documents.source import Source
from submission.documents.upload_specification import upload_specification
from submission.documents.words import ALWAYS, NEVER, Words

# What a word has that is not of the tables: where nobody wrote words, there is the SQL.
ONLY_SQL = "see the SQL"
DOCUMENTS = ("dictionary", "rules", "upload")


@dataclass(frozen=True)
class Sheet:
    """A table with a name. The first row has the headings; all rows are of one length."""

    title: str
    rows: tuple[tuple[str, ...], ...]


def sheets_of(source: Source, document: str) -> tuple[Sheet, ...]:
    """A document's tables; the first is the document itself, and what is kept as CSV."""
    return {"dictionary": _dictionary, "rules": _rules, "upload": _upload}[document](source)


def in_words(words: Words | None) -> str:
    """Words of a condition; where there are none, a hint at its SQL."""
    return words.text if words else ONLY_SQL


def answers_in_words(codes: tuple[CodeEntry, ...]) -> str:
    """Codes with their labels: "1 = Yes; 2 = No"."""
    return "; ".join(f"{code.code} = {code.label}" for code in codes)


def fillings_in_words(entry: Entry) -> str:
    """How the service fills the variable in. That it empties what is not asked goes unsaid."""
    told = [filling.meaning for filling in entry.fillings if filling.kind != "clear"]
    return "; ".join(dict.fromkeys(told))


def asked_in_words(entry: Entry) -> str:
    """When a form asks for the variable."""
    if not entry.is_asked:
        return "never: worked out" if entry.asked is NEVER and entry.fillings else "never"
    if entry.asked == ALWAYS:
        return "always"
    return f"when {entry.asked.text}" if entry.asked else ONLY_SQL


def may_be_left(entry: Entry) -> str:
    """Whether a log is whole without the answer."""
    if entry.variable.optional:
        return "yes"
    if entry.optional_when is not None and entry.optional_when is not NEVER:
        return "yes" if entry.optional_when == ALWAYS else f"when {entry.optional_when.text}"
    return ONLY_SQL if entry.variable.optional_if and entry.optional_when is None else "no"


@cache
def _dictionary(source: Source) -> tuple[Sheet, ...]:
    heading = (
        "variable", "question", "section", "question numbers", "kind of answer", "unit", "limits",
        "answers", "asked", "may be left empty", "filled in by the service", "upload fields",
        "rules", "first year", "last year", "asked (SQL)", "worked out (SQL)", "in figures as",
        "published for", "marks", "log types", "counted as", "groups at local authority level",
        "note on figures",
    )  # fmt: skip
    rows = [heading]
    answers = [
        ("variable", "code", "label", "offered", "first year", "last year", "authority group")
    ]
    for entry in dictionary(source):
        variable, published = entry.variable, entry.published
        rows.append(
            (
                variable.id,
                variable.label,
                entry.subsection,
                ", ".join(entry.question_numbers),
                entry.kind,
                entry.unit,
                entry.limits,
                answers_in_words(entry.codes),
                asked_in_words(entry),
                may_be_left(entry) if entry.is_asked else "",
                fillings_in_words(entry),
                ", ".join(map(str, entry.upload_fields)),
                ", ".join(entry.rules),
                str(entry.first_year),
                str(entry.last_year),
                variable.asked_if if entry.is_asked else "",
                "; ".join(dict.fromkeys(f.expression for f in entry.fillings if f.kind != "clear")),
                published.label,
                published.lowest,
                "; ".join(published.marks),
                "; ".join(published.log_types),
                "; ".join(published.counted),
                groups_in_words(published),
                published.note,
            )
        )
        answers += [
            (
                variable.id,
                code.code,
                code.label,
                in_words(code.offered),
                str(code.first_year),
                str(code.last_year),
                code.authority_group_label if published.groups else "",
            )
            for code in entry.codes
        ]
    return Sheet("Dictionary", tuple(rows)), Sheet("Answers", tuple(answers))


@cache
def _rules(source: Source) -> tuple[Sheet, ...]:
    heading = (
        "rule", "severity", "group", "questions", "variables", "message", "applies when",
        "broken when", "note", "confirmed by", "first year", "last year", "persons",
        "applies when (SQL)", "broken when (SQL)",
    )  # fmt: skip
    rows = [heading]
    cases = [("rule", "outcome", "year", "answers and facts", "because")]
    for rule in rule_list(source):
        rows.append(
            (
                rule.id,
                SEVERITIES[rule.severity],
                category_label(rule.category),
                "; ".join(question.label for question in rule.questions),
                ", ".join(question.variable for question in rule.questions),
                rule.message,
                in_words(rule.applies),
                in_words(rule.fails),
                rule.note,
                rule.confirm_field,
                str(rule.first_year),
                str(rule.last_year or ""),
                rule.persons,
                rule.applies_if,
                rule.fails_if,
            )
        )
        cases += [
            (rule.id, case.outcome, str(case.year), "; ".join(case.given), case.because)
            for case in rule_cases(source, rule)
        ]
    return Sheet("Rules", tuple(rows)), Sheet("Examples", tuple(cases))


@cache
def _upload(source: Source) -> tuple[Sheet, ...]:
    heading = (
        "field", "section", "question", "variables", "accepted values", "read",
        "what is done to the value", "needed for set-up",
    )  # fmt: skip
    rows = [heading]
    for entry in upload_specification(source):
        rows.append(
            (
                str(entry.column.field),
                entry.section,
                entry.question,
                ", ".join(entry.column.variables),
                entry.accepted,
                f"when {in_words(entry.read)}" if entry.read_if else "always",
                entry.change,
                entry.set_up,
            )
        )
    return (Sheet("Upload specification", tuple(rows)),)
