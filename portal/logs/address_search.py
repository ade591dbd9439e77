"""The page on which an address is searched for, where this deployment has a service of addresses.

A person searches by first line and postcode or by UPRN, and chooses or confirms what was found; an
address that is not listed is typed on a page of its own. Each step saves what it was given, and
the page shows where the log stands: nothing is kept between steps but the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_access.logs import Log
from submission.addresses.choice import address_service
from submission.addresses.facts import ADDRESS_PARTS, is_typed_in, look_up
from submission.addresses.service import AddressesUnknown, Match
from submission.answers import clean
from submission.collection import Collection, Page

SEARCH_PAGE, TYPING_PAGE = "address_search", "address"
CHOOSING, AGAIN = "choose", "again"
NOT_LISTED = "not_listed"
_BY_HAND = "manual_address_entry_selected"
_LINE, _POSTCODE = "address_line1_input", "postcode_full_input"
_MOST_TYPED = 200
_NOTHING_TYPED = "Enter the first line of the address and its postcode, or its UPRN"
_NOTHING_CHOSEN = "Choose an address, or say that it is not in the list"
_NOT_SAID = "Say whether this is the address of the home"


@dataclass(frozen=True)
class Step:
    """What a button of the page does.

    `values` is what is saved. `then` is the page that comes next, "" for the form's own next page;
    `is_move`: it comes next whatever there is to say of the answers. `errors`: messages by field.
    """

    values: dict[str, str] = field(default_factory=dict)
    then: str = ""
    is_move: bool = False
    errors: dict[str, str] = field(default_factory=dict)


def is_search_page(page: Page) -> bool:
    """Whether addresses are searched for on this page; without a service a UPRN is typed there."""
    return page.slug == SEARCH_PAGE and address_service().is_there


def offers_search(collection: Collection, page: Page) -> bool:
    """Whether whoever types an address may search for it instead: since 2024, with a service."""
    return (
        page.slug == TYPING_PAGE
        and address_service().is_there
        and any(other.slug == SEARCH_PAGE for other in collection.pages)
    )


def step_of(collection: Collection, log: Log, page: Page, posted: Mapping[str, str]) -> Step | None:
    """What was asked for on a page of the address; None on a page that is saved like any other."""
    go = posted.get("go", "")
    if go == "search" and offers_search(collection, page):
        return Step({_BY_HAND: "0"}, SEARCH_PAGE, is_move=True)
    if page.slug == SEARCH_PAGE and go == "type":
        return _type_instead(log, posted)
    if not is_search_page(page):
        return None
    if go == CHOOSING:
        return _chosen(log, posted)
    if go == "confirm":
        return _confirmed(log, posted)
    return _searched(posted)


def _searched(posted: Mapping[str, str]) -> Step:
    uprn = "".join(clean(posted.get("uprn", "")).split())[:_MOST_TYPED]
    if uprn:
        return Step({"uprn": uprn, _BY_HAND: "0"}, SEARCH_PAGE)
    typed = _typed(posted)
    if not any(typed.values()):
        return Step(errors={_LINE: _NOTHING_TYPED})
    return Step({**typed, _BY_HAND: "0"}, f"{SEARCH_PAGE}?step={CHOOSING}", is_move=True)


def _typed(posted: Mapping[str, str]) -> dict[str, str]:
    return {name: clean(posted.get(name, ""))[:_MOST_TYPED] for name in (_LINE, _POSTCODE)}


def _chosen(log: Log, posted: Mapping[str, str]) -> Step:
    choice = posted.get("choice", "")
    if choice == NOT_LISTED:
        return _type_instead(log, {})
    if not (choice.isascii() and choice.isdecimal()):
        return Step(errors={"choice": _NOTHING_CHOSEN})
    return Step({"uprn": choice, _BY_HAND: "0"})


def _confirmed(log: Log, posted: Mapping[str, str]) -> Step:
    answer = posted.get("choice", "")
    gone = dict.fromkeys(("uprn", *ADDRESS_PARTS), "")
    if answer == "yes":
        return Step()
    if answer == "search":
        return Step(gone, SEARCH_PAGE, is_move=True)
    if answer == "type":
        return Step({**gone, _BY_HAND: "1"}, TYPING_PAGE, is_move=True)
    return Step(errors={"choice": _NOT_SAID})


def _type_instead(log: Log, posted: Mapping[str, str]) -> Step:
    """What was searched for is the beginning of what is typed, unless there is an address."""
    searched = {name: text for name, text in _typed(posted).items() if text}
    values = {**searched, "uprn": "", _BY_HAND: "1"}
    if "address_line1" not in log.answers:
        for name, part in ((_LINE, "address_line1"), (_POSTCODE, "postcode_full")):
            text = searched.get(name) or str(log.answers.get(name, ""))
            if text and part not in log.answers:
                values[part] = text
    return Step(values, TYPING_PAGE, is_move=True)


@dataclass(frozen=True)
class Shown:
    """What the page shows. `state`: search, choose, found or unchecked (the service is silent)."""

    state: str
    line: str = ""
    postcode: str = ""
    uprn: str = ""
    lines: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    choice: str = ""
    is_silent: bool = False

    @property
    def searched_for(self) -> str:
        """The text of the search on one line."""
        return ", ".join(text for text in (self.line, self.postcode) if text)


def shown(log: Log, posted: Mapping[str, str], wanted: str) -> Shown:
    """The page for a log as it stands; `wanted` is the step that the page's address names.

    `posted` is what was sent when the page is shown again as it was, else empty.
    """
    wanted = wanted or {CHOOSING: CHOOSING, "find": AGAIN}.get(posted.get("go", ""), "")
    answers = {**log.answers, **log.entered}
    line = posted.get(_LINE, str(answers.get(_LINE, "")))
    code = posted.get(_POSTCODE, str(answers.get(_POSTCODE, "")))
    uprn = posted.get("uprn", str(answers.get("uprn", "")))
    choice = posted.get("choice", "")
    if wanted == CHOOSING and (line or code):
        try:
            matches = tuple(address_service().search(line, code))
        except AddressesUnknown:
            return Shown("search", line, code, is_silent=True)
        return Shown(CHOOSING, line, code, matches=matches, choice=choice)
    if uprn and wanted != AGAIN and not is_typed_in(answers):
        found = look_up(uprn)
        if found.address is not None:
            address = found.address
            parts = (address.address_line1, address.address_line2, address.town_or_city)
            lines = tuple(part for part in (*parts, address.postcode) if part)
            return Shown("found", line, code, uprn, lines, choice=choice)
        if not found.is_known and uprn.isdecimal() and len(uprn) <= 12:
            return Shown("unchecked", line, code, uprn, is_silent=True)
    return Shown("search", line, code, uprn if wanted != AGAIN else posted.get("uprn", ""))


def found_in_words(answers: Mapping[str, Any]) -> str:
    """The address that a log's UPRN was found to have, on one line; "" when that is not known."""
    if not answers.get("uprn") or is_typed_in(answers):
        return ""
    address = look_up(answers["uprn"]).address
    return address.in_words if address is not None else ""


def is_unchecked(answers: Mapping[str, Any]) -> bool:
    """Whether a log's UPRN could not be looked up because the service does not answer."""
    if not answers.get("uprn") or is_typed_in(answers) or not address_service().is_there:
        return False
    uprn = str(answers["uprn"])
    return uprn.isdecimal() and len(uprn) <= 12 and not look_up(uprn).is_known
