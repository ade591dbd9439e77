"""May this person do this to this thing? The one place that answers.

Every action is a row: for each role, the relations in which a thing must stand to the person
(see `scopes`). Actions on no particular thing, such as opening a page, are given to roles. The
table in docs/permissions.md is made from these rows. What somebody may not view does not exist
for that person: it is answered with 404, as an identifier that was never given out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException
from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from data_access.accounts import Person
from portal.scopes import KINDS, Relation, within

ROLES = ("public", "provider", "coordinator", "statistician", "administrator")
OWN = frozenset([Relation.OWN])
MANAGED = frozenset([Relation.MANAGED])
INSTITUTION = frozenset([Relation.INSTITUTION])
MEMBER = frozenset([Relation.MEMBER])
CHILD = frozenset([Relation.CHILD])
PARENT = frozenset([Relation.PARENT])
NAMED = frozenset([Relation.NAMED])
ALL = frozenset(Relation)
BUT_OWN = ALL - OWN
# For actions on no particular thing.
YES: frozenset[Relation] = frozenset()
_ID_LIMIT = 2**31
LOOK_ONLY = "Your account may look at this but not change it."


@dataclass(frozen=True)
class Action:
    """Something that can be done. `kind` is empty for what is done to no particular thing.

    With `by_officer` only the institution's Data Protection Officers may do it.
    """

    name: str
    words: str
    allowed: Mapping[str, frozenset[Relation]]
    by_officer: bool = False

    @property
    def kind(self) -> str:
        """The kind of thing that it is done to."""
        return KIND_OF.get(self.name.partition(".")[0], "") if self.is_done_to_something else ""

    @property
    def is_done_to_something(self) -> bool:
        """Whether the answer depends on a thing."""
        return any(self.allowed.values())


# An agreement belongs to an institution; so do its own figures.
KIND_OF = {name: name for name in KINDS} | {"agreement": "institution", "figures": "institution"}


def _action(
    name: str, words: str, by_officer: bool = False, **allowed: frozenset[Relation]
) -> Action:
    return Action(name, words, allowed, by_officer)


_REACH = OWN | MANAGED | INSTITUTION
_ROWS = (
    _action("administration.open", "Open the administration pages", administrator=YES),
    _action("audit.search", "Search the audit trail", administrator=YES),
    _action("message.read", "Read the outbox of a demonstration", administrator=YES),
    _action(
        "account.need_second_factor",
        "Must sign in with an authenticator app",
        statistician=YES,
        administrator=YES,
    ),
    _action(
        "api.read",
        "Make a token, and read with it through the programming interface",
        provider=YES,
        coordinator=YES,
        statistician=YES,
        administrator=YES,
    ),
    _action("log.start", "Start a log", provider=YES, coordinator=YES, administrator=YES),
    _action(
        "log.view",
        "See a log",
        provider=OWN,
        coordinator=_REACH,
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "log.change",
        "Change, submit or correct a log",
        provider=OWN,
        coordinator=_REACH,
        administrator=ALL,
    ),
    _action("log.drop", "Drop a log", provider=OWN, coordinator=_REACH, administrator=ALL),
    _action(
        "log.history",
        "See the history of a log",
        provider=OWN,
        coordinator=_REACH,
        statistician=ALL,
        administrator=ALL,
    ),
    _action("log.assign", "Give a log to somebody else", coordinator=_REACH, administrator=ALL),
    _action("upload.send", "Upload a file", provider=YES, coordinator=YES, administrator=YES),
    _action(
        "upload.view",
        "See an upload, its report and its file",
        provider=OWN,
        coordinator=OWN | INSTITUTION,
        administrator=ALL,
    ),
    _action(
        "figures.view",
        "See an institution's own, unsuppressed figures",
        provider=INSTITUTION,
        coordinator=INSTITUTION,
    ),
    _action("institution.create", "Create an institution", administrator=YES),
    _action("institution.list", "List all institutions", statistician=YES, administrator=YES),
    _action(
        "institution.view",
        "See an institution's record",
        provider=INSTITUTION,
        coordinator=INSTITUTION | CHILD | PARENT,
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "institution.history",
        "See the history of an institution",
        provider=INSTITUTION,
        coordinator=INSTITUTION,
        statistician=ALL,
        administrator=ALL,
    ),
    _action("institution.change", "Change an institution's record", administrator=ALL),
    _action("institution.deactivate", "Deactivate or reactivate an institution", administrator=ALL),
    _action("institution.merge", "Merge institutions", administrator=ALL),
    _action("institution.import", "Import institutions from a file", administrator=YES),
    _action(
        "institution.export",
        "Export institutions to a file",
        statistician=YES,
        administrator=YES,
    ),
    _action(
        "institution.report_mistake",
        "Report a mistake in an institution's record",
        provider=INSTITUTION,
        coordinator=INSTITUTION,
    ),
    _action(
        "mistake.view",
        "See a report of a mistake",
        provider=OWN,
        coordinator=OWN | INSTITUTION,
        administrator=ALL,
    ),
    _action("mistake.close", "Answer and close a report of a mistake", administrator=ALL),
    _action(
        "agreement.view",
        "See an institution's Data Sharing Agreement",
        provider=INSTITUTION,
        coordinator=INSTITUTION,
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "agreement.sign",
        "Sign the Data Sharing Agreement, as Data Protection Officer",
        by_officer=True,
        provider=INSTITUTION,
        coordinator=INSTITUTION,
    ),
    _action("agreement.publish", "Put a new agreement in force", administrator=YES),
    _action("agreement.remind", "Remind institutions to sign", administrator=YES),
    _action("user.list", "List users", coordinator=YES, administrator=YES),
    _action("user.create", "Invite a user", coordinator=YES, administrator=YES),
    _action(
        "user.create_provider",
        "Invite a data provider, or make somebody one",
        coordinator=YES,
        administrator=YES,
    ),
    _action(
        "user.create_coordinator",
        "Invite a co-ordinator, or make somebody one",
        coordinator=YES,
        administrator=YES,
    ),
    _action("user.create_statistician", "Invite a statistician", administrator=YES),
    _action("user.create_administrator", "Invite an administrator", administrator=YES),
    _action("user.import", "Import users from a file", coordinator=YES, administrator=YES),
    _action("user.export", "Export users to a file", coordinator=YES, administrator=YES),
    _action(
        "user.view",
        "See a user",
        provider=OWN,
        coordinator=_REACH | MEMBER,
        statistician=OWN,
        administrator=ALL,
    ),
    _action(
        "user.change",
        "Change a user's name, telephone and contact priority",
        provider=OWN,
        coordinator=_REACH,
        statistician=OWN,
        administrator=ALL,
    ),
    # Who signs the agreement for an institution is not for a data provider to decide.
    _action(
        "user.make_officer",
        "Make a user the institution's Data Protection Officer",
        coordinator=OWN | INSTITUTION,
        administrator=ALL,
    ),
    # With a new address somebody could sign in as that person: not for parents, nor by a
    # membership's institution.
    _action(
        "user.change_address",
        "Change a user's user name and e-mail address",
        provider=OWN,
        coordinator=OWN | INSTITUTION,
        statistician=OWN,
        administrator=ALL,
    ),
    _action(
        "user.change_role", "Change a user's role", coordinator=INSTITUTION, administrator=BUT_OWN
    ),
    _action(
        "user.deactivate",
        "Activate or deactivate a user",
        coordinator=INSTITUTION,
        administrator=BUT_OWN,
    ),
    _action(
        "user.reset",
        "Reset a user's password, or invite again",
        coordinator=MANAGED | INSTITUTION,
        administrator=BUT_OWN,
    ),
    _action("user.unlock", "Unlock a user", administrator=BUT_OWN),
    _action(
        "user.forget_second_factor",
        "Take away the second factor of a user who lost it",
        administrator=BUT_OWN,
    ),
    _action("user.delete", "Delete a user", coordinator=INSTITUTION, administrator=BUT_OWN),
    _action(
        "user.manage",
        "Put a data provider on the own list of managed providers",
        coordinator=MANAGED | INSTITUTION | MEMBER | CHILD,
    ),
    _action(
        "user.give_membership", "Let a user work for a further institution", administrator=BUT_OWN
    ),
    _action(
        "user.history",
        "See the history of a user",
        provider=OWN,
        coordinator=OWN | INSTITUTION,
        statistician=OWN,
        administrator=ALL,
    ),
    _action("group.create", "Create a management group or scheme", coordinator=YES),
    _action(
        "group.view",
        "See a management group",
        provider=INSTITUTION | PARENT,
        coordinator=INSTITUTION | PARENT,
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "group.change", "Change a management group", coordinator=INSTITUTION, administrator=ALL
    ),
    _action(
        "group.history",
        "See the history of a management group",
        coordinator=INSTITUTION,
        administrator=ALL,
    ),
    _action(
        "scheme.view",
        "See a scheme and its locations",
        provider=INSTITUTION | PARENT,
        coordinator=INSTITUTION | PARENT,
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "scheme.change",
        "Change a scheme or its locations",
        coordinator=INSTITUTION,
        administrator=ALL,
    ),
    _action("scheme.submit", "Send a scheme for approval", coordinator=INSTITUTION),
    _action("scheme.decide", "Approve or refuse a scheme", administrator=ALL),
    _action(
        "scheme.pause",
        "Deactivate or reactivate a scheme or location",
        coordinator=INSTITUTION,
        administrator=ALL,
    ),
    _action(
        "scheme.history",
        "See the history of a scheme",
        coordinator=INSTITUTION,
        administrator=ALL,
    ),
    _action("scheme.import", "Import schemes from a file", coordinator=YES, administrator=YES),
    _action("scheme.export", "Export schemes to a file", coordinator=YES, administrator=YES),
    _action("release.build", "Build a release", statistician=YES, administrator=YES),
    _action(
        "release.view",
        "See how a release was made, what is withheld and who did what",
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "release.preview",
        "See the public pages of a release before it is published",
        provider=NAMED,
        coordinator=NAMED,
        statistician=ALL,
        administrator=ALL,
    ),
    # A second person looks: nobody, whatever the role, approves what they built.
    _action("release.approve", "Approve a release", statistician=BUT_OWN, administrator=BUT_OWN),
    _action(
        "release.schedule",
        "Schedule, publish or correct a release",
        statistician=ALL,
        administrator=ALL,
    ),
    _action(
        "release.withdraw", "Withdraw or discard a release", statistician=ALL, administrator=ALL
    ),
    _action(
        "release.give_access",
        "Name people who may look at a release before it is published",
        statistician=ALL,
        administrator=ALL,
    ),
)
ACTIONS: Mapping[str, Action] = {row.name: row for row in _ROWS}


def may(person: Person | None, action: str) -> bool:
    """Whether a person may do this at all: open its page, see its button."""
    found = ACTIONS[action]
    role = person.role if person is not None else "public"
    if found.by_officer and not (person is not None and person.is_data_protection_officer):
        return False
    return role in found.allowed


def scope(person: Person, action: str) -> ColumnElement[bool]:
    """The things of its kind to which a person may do this, as a condition for a query."""
    found = ACTIONS[action]
    if not found.kind:
        raise ValueError(f"{action} is done to no particular thing")
    if not may(person, action):
        return false()
    relations = found.allowed[person.role]
    if relations == ALL and found.kind != "user":
        return true()
    return within(person, found.kind, relations)


def may_do(db: Session, person: Person, action: str, thing: Any) -> bool:
    """Whether a person may do this to this stored thing."""
    model = KINDS[ACTIONS[action].kind].model
    return (
        db.scalar(select(model.id).where(model.id == thing.id, scope(person, action))) is not None
    )


def require(person: Person, action: str) -> None:
    """Answers 404 to whoever may not do this at all."""
    if not may(person, action):
        raise HTTPException(404)


def find(db: Session, person: Person, action: str, identifier: int) -> Any:
    """The thing of this identifier, for somebody who may do this to it.

    Out of reach and never given out are both 404; a thing that may be looked at but not be treated
    so is 403. The kind of thing follows from the action's name.
    """
    kind = ACTIONS[action].kind
    model = KINDS[kind].model
    if not 0 < identifier < _ID_LIMIT:
        raise HTTPException(404)
    found = db.scalar(select(model).where(model.id == identifier, scope(person, action)))
    if found is not None:
        return found
    view = f"{kind}.view"
    if action != view:
        seen = db.scalar(select(model.id).where(model.id == identifier, scope(person, view)))
        if seen is not None:
            raise HTTPException(403, LOOK_ONLY)
    raise HTTPException(404)
