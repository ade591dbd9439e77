"""docs/permissions.md, made from the table that decides who may do what."""

from collections.abc import Iterable

from data_access.accounts import ROLE_LABELS
from portal.permissions import ACTIONS, ROLES, Action
from portal.scopes import KINDS, Relation

_START = """\
# Who may do what

The one table by which the portal decides, written out. It is made from `portal/permissions.py` and
`portal/scopes.py` by `core-portal permissions`; a test fails when it is out of date. Another test
walks every cell: by the functions that decide, through plain pages, through the pages and
websockets of the explorer of own figures, and through the programming interface ([api.md](api.md)).

## Roles

A user has one role at each institution that the user works for, and acts for one of them at a time.

| role | who |
| --- | --- |
| public | anybody without an account, for whom the published figures are |
| data provider | makes logs for an institution |
| co-ordinator | looks after an institution's logs, users and schemes |
| statistician | sees every log and institution, and changes none; makes and publishes releases |
| administrator | looks after institutions, users and the service itself |

Nothing below is for the public: whoever has not signed in is asked to, and then comes to the page
that was wanted. Published figures need no permission and are no part of the table.

## Relations

What may be done to a thing depends on how it stands to the person, and to the institution that the
person acts for. A thing may stand in several relations; one that is allowed is enough.

| relation | of a log or upload | of a user | of an institution | of a group or scheme |
| --- | --- | --- | --- | --- |
| own | made by, or given to, the person | the person | - | made by the person |
| managed | of somebody on the co-ordinator's list of managed providers, and of the institution | \
on that list | - | - |
| institution | the institution owns or manages the home, or it sent the file | has the account \
there | the institution itself, and those it has absorbed | the institution is the owner |
| member | - | works there too, with an account of another institution | - | - |
| child | owned or managed by a child | has the account at a child | manages homes of the \
institution | a child is the owner |
| parent | owned or managed by a parent | has the account at a parent | its homes are managed by \
the institution | a parent is the owner; approved schemes, and groups that have one |
| other | any | any but the person | any | any |

Reports of mistakes are own (made by the person, for the institution acted for) or of the
institution. A release is own for whoever had it built, and named for people who were named to look
at it before it is published, while their time lasts. An agreement and figures stand as their
institution does. Relations between institutions count on the days on which they are in force.

## What out of reach means

What somebody may not see is answered exactly as what does not exist: 404, with the same page. What
may be seen but not be treated so is 403, and says that. Lists hold nothing that the page of the
thing itself would refuse.

## The tables

"All" is every relation. "All but own": not the person's own account. A dash: not at all.
"""
_NOTHING = "-"
_WORDS = {"public": "public", **ROLE_LABELS}
_KIND_WORDS = {
    "": "Done to no particular thing",
    "log": "Logs",
    "upload": "Uploads",
    "institution": "Institutions, their agreements and figures",
    "mistake": "Reports of mistakes",
    "user": "Users",
    "group": "Management groups",
    "scheme": "Schemes",
    "release": "Releases",
}


def document() -> str:
    """The text of docs/permissions.md."""
    parts = [_START]
    for kind in ("", *KINDS):
        actions = [action for action in ACTIONS.values() if action.kind == kind]
        parts.append(f"\n### {_KIND_WORDS[kind]}\n\n")
        parts.append(_row(["action", "name", *(_WORDS[role] for role in ROLES)]))
        parts.append(_row(["---"] * (2 + len(ROLES))))
        parts += [_row(_cells(action)) for action in actions]
    parts.append(_grid())
    return "".join(parts)


def _cells(action: Action) -> list[str]:
    return [action.words, f"`{action.name}`", *(_cell(action, role) for role in ROLES)]


def _cell(action: Action, role: str) -> str:
    """Where a role may do this: "all", "own, managed", "yes" without a thing, or a dash."""
    if role not in action.allowed:
        return _NOTHING
    if not action.is_done_to_something:
        return "yes"
    relations = action.allowed[role]
    if relations == frozenset(Relation):
        return "all"
    if relations == frozenset(Relation) - {Relation.OWN}:
        return "all but own"
    return ", ".join(relation.value for relation in Relation if relation in relations)


def _grid() -> str:
    """Every cell by itself: role and relation across, yes or a dash."""
    parts = [
        "\n## Every cell\n\nThe same, a column for each role and relation of a kind of thing.\n"
    ]
    for kind, found in KINDS.items():
        relations = [r for r in Relation if r is Relation.OTHER or r in found.conditions]
        actions = [action for action in ACTIONS.values() if action.kind == kind]
        parts.append(f"\n### {_KIND_WORDS[kind]}: every cell\n\n")
        parts.append(_row(["action", "role", *(relation.value for relation in relations)]))
        parts.append(_row(["---"] * (2 + len(relations))))
        for action in actions:
            parts += [
                _row([f"`{action.name}`", _WORDS[role], *_marks(action, role, relations)])
                for role in ROLES
            ]
    return "".join(parts)


def _marks(action: Action, role: str, relations: Iterable[Relation]) -> list[str]:
    allowed = action.allowed.get(role, frozenset())
    return ["yes" if relation in allowed else _NOTHING for relation in relations]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
