"""How far a log has come, by the parts of its form, and which page comes next."""

from dataclasses import dataclass
from typing import Any

from data_access.logs import Log
from portal.logs.fields import is_asked_for
from submission.collection import Collection, Page
from submission.verdicts import Checked


@dataclass(frozen=True)
class Part:
    """A part of the form: its pages that are asked and what is left to do in it."""

    label: str
    pages: list[Page]
    missing: int
    wrong: int
    started: bool
    can_start: bool

    @property
    def status(self) -> str:
        """In words."""
        if not self.can_start:
            return "Cannot start yet"
        if self.wrong:
            return "There is a problem"
        if not self.missing:
            return "Completed"
        return "In progress" if self.started else "Not started"


def asked_pages(collection: Collection, checked: Checked) -> list[Page]:
    """The pages that a log is asked, in order."""
    return [page for page in collection.pages if page.slug in checked.pages and is_asked_for(page)]


def parts_of(collection: Collection, log: Log, checked: Checked) -> list[Part]:
    """The parts of the form, in order. Later parts open when the set-up part is complete."""
    pages = asked_pages(collection, checked)
    made: list[Part] = []
    set_up_complete = True
    for subsection in collection.subsections:
        mine = [page for page in pages if page.subsection == subsection.slug]
        names = {placement.variable for page in mine for placement in page.placements}
        touching = [f for f in checked.findings if names & set(f["fields"])]
        missing = sum(finding["rule"] == "missing" for finding in touching)
        wrong = sum(f["severity"] == "hard" for f in touching)
        is_set_up = subsection.slug == "setup"
        given = {name for name in names if name in log.answers or name in log.entered}
        if mine:
            made.append(
                Part(
                    subsection.label,
                    mine,
                    missing,
                    wrong,
                    bool(given),
                    is_set_up or set_up_complete,
                )
            )
        if is_set_up:
            lacking = [f["fields"] for f in touching if f["rule"] == "missing"]
            set_up_complete = all(fields == ["location_id"] for fields in lacking)
    return made


def page_after(collection: Collection, log: Log, checked: Checked, page: Page) -> Page | None:
    """The next page to fill in after this one, or None at the end or before a closed part."""
    order = {each.slug: number for number, each in enumerate(collection.pages)}
    for part in parts_of(collection, log, checked):
        for following in part.pages:
            if order[following.slug] > order[page.slug]:
                return following if part.can_start else None
    return None


def findings_of_page(page: Page, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong with a page's answers; a rule over answers not given yet does not fire."""
    names = {placement.variable for placement in page.placements}
    return [finding for finding in findings if names & set(finding["fields"])]
