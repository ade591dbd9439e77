"""Where figures of a variable are shown, and as what: the dictionary's part on publication."""

from dataclasses import dataclass

from data_access.reference.log_types import LOG_TYPES
from submission.collection import Code, Collection, Variable

LOWEST = {
    "": "not published",
    "england": "England alone",
    "region": "England and regions",
    "local_authority": "England, regions and local authorities",
}


@dataclass(frozen=True)
class Publication:
    """How a variable is published, in words.

    `marks` are of disclosure control. `counted` are answers that are counted one by one where not
    all are, with the words for the rest. `groups` are the labels of the groups that figures of a
    local authority show, with the answers in each. `log_types` are labels; none means all.
    """

    label: str
    lowest: str
    marks: tuple[str, ...]
    log_types: tuple[str, ...]
    counted: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    note: str

    @property
    def is_published(self) -> bool:
        """Whether any figures are made of it."""
        return bool(self.label)


def publication(collection: Collection, variable: Variable) -> Publication:
    """What the definition tables say of a variable's figures."""
    figures = variable.figures
    if not figures.published:
        return Publication("", LOWEST[""], (), (), (), (), figures.note)
    codes = counted_codes(collection, variable)
    marks = {
        "sensitive": figures.sensitive,
        "personal": figures.personal,
        "commercial": figures.commercial,
        "crossed with others": figures.crossable,
    }
    groups: dict[str, list[str]] = {}
    if figures.lowest_level == "local_authority":
        for code in codes:
            if code.authority_group:
                groups.setdefault(code.authority_group_label, []).append(code.label)
    return Publication(
        figures.label,
        LOWEST[figures.lowest_level],
        tuple(mark for mark, holds in marks.items() if holds),
        tuple(LOG_TYPES[slug].label for slug in figures.log_types),
        (*(code.label for code in codes), figures.rest) if figures.rest else (),
        tuple((label, tuple(answers)) for label, answers in groups.items()),
        figures.note,
    )


def counted_codes(collection: Collection, variable: Variable) -> list[Code]:
    """The answers that figures count one by one.

    "Don't know" and "prefers not to say" are none: they are counted with those not answered.
    """
    wanted = variable.figures.codes
    return [
        code
        for code in collection.codes(variable.id)
        if code.is_answer and (not wanted or code.code in wanted)
    ]


def groups_in_words(found: Publication) -> str:
    """Such as "White (Irish; Roma); Other (Arab)"."""
    return "; ".join(f"{label} ({'; '.join(answers)})" for label, answers in found.groups)
