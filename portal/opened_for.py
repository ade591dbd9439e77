"""Which institution a form was opened for, so that what is sent never lands at another.

Somebody who works for several institutions may open a form while acting for one of them, switch in
another tab, and send the form. Each form of a page therefore carries, in its address, the
institution that the page was made for. That is a guard against a slip and none against an attacker:
a form that carries nothing is taken as it comes, and what a person may do is decided elsewhere.

It stands in the address and not in a field so that it is read before anything of the body is, which
also spares the forms that carry files.
"""

import re
from html import escape, unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import Request

OPENED_FOR = "opened-for"
# An account is a person's own, whomever the person acts for; the switch itself stands there too.
# The tokens of the API are for one institution.
_OF_THE_PERSON = re.compile(
    r"/(account(?!/api-tokens)|sign-|session/|set-password|confirm-email|forgotten-password)"
)
_FORM = re.compile(r"<form\b[^>]*>")
_POSTS = re.compile(r'\smethod="post"')
_ACTION = re.compile(r'\saction="([^"]*)"')


class OpenedForAnother(Exception):
    """A form was sent that was opened for another institution than its sender acts for now.

    `opened_for` is the name of that institution, empty when the sender works there no more, and
    `now` the name of the present one.
    """

    def __init__(self, opened_for: str, now: str) -> None:
        super().__init__(opened_for, now)
        self.opened_for, self.now = opened_for, now


def mark_forms(request: Request, page: str) -> str:
    """A page whose forms carry the institution that its reader acts for.

    Pages of those who are not signed in, or work for one institution at most, stay as they are.
    """
    person = getattr(request.state, "person", None)
    if person is None or not person.several:
        return page
    asked = [pair for pair in request.query_params.multi_items() if pair[0] != OPENED_FOR]
    here = f"{request.url.path}?{urlencode(asked)}" if asked else request.url.path

    def marked(found: re.Match[str]) -> str:
        form = found[0]
        if not _POSTS.search(form):
            return form
        given = _ACTION.search(form)
        action = unescape(given[1]) if given else here
        if _OF_THE_PERSON.match(action):
            return form
        action = f' action="{escape(_carrying(action, person.institution_id))}"'
        return form.replace(given[0], action) if given else f"{form[:-1]}{action}>"

    return _FORM.sub(marked, page)


def _carrying(address: str, institution_id: int | None) -> str:
    """An address that carries the institution; one that carries one already stays as it is."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name == OPENED_FOR for name, _ in query):
        return address
    query.append((OPENED_FOR, str(institution_id or 0)))
    return urlunsplit(parts._replace(query=urlencode(query)))


def carried(request: Request) -> int | None:
    """The institution that a sent form was opened for, 0 for none; None when it does not say."""
    text = request.query_params.get(OPENED_FOR, "")
    if request.method != "POST" or not (text.isascii() and text.isdecimal() and len(text) < 10):
        return None
    return None if _OF_THE_PERSON.match(request.url.path) else int(text)
