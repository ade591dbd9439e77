"""What is typed about a user, read and judged: for the form of one, and for files of many.

Nothing here needs a request. Each reader returns the values to keep, by column of Account, and
what is wrong, by field; values are whole only when nothing is wrong.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from data_access.accounts import (
    CONTACT_PRIORITIES,
    DATA_PROTECTION_OFFICER,
    ROLE_LABELS,
    Account,
    Person,
)
from data_access.institutions import Institution, by_code
from data_access.people.changing import holder_of, name_is_taken
from data_access.settings import get_settings
from portal.permissions import may, may_do
from portal.plain_text import read_email, read_telephone, read_text, tidy

FIELDS = (
    "name",
    "user_name",
    "email",
    "telephone",
    "extension",
    "role",
    "contact_priority",
    "institution",
)
LABELS = {
    "name": "Name",
    "user_name": "User name",
    "email": "E-mail address",
    "telephone": "Telephone",
    "extension": "Extension",
    "role": "Role",
    "contact_priority": "Contact priority",
    "institution": "Institution",
}
# Roles of people of an institution, and of those who belong to none.
OF_INSTITUTIONS = ("provider", "coordinator")
CENTRAL = ("statistician", "administrator")
LONGEST_USER_NAME = 100
# Without "@", so that nobody's user name is somebody else's e-mail address; without ":", which
# the names of deleted accounts have.
_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_EXTENSION = re.compile(r"[0-9]{1,10}")

Read = tuple[dict[str, Any], dict[str, str]]


def roles_to_give(by: Person) -> tuple[str, ...]:
    """The roles that somebody may give to a new user."""
    return tuple(role for role in (*OF_INSTITUTIONS, *CENTRAL) if may(by, f"user.create_{role}"))


def roles_to_change_to(db: Session, by: Person, account: Account) -> tuple[str, ...]:
    """The roles that somebody may give to a user there is; empty without the right to.

    People of an institution stay of it, and the others of none: a change between the two would
    also move the user.
    """
    if not may_do(db, by, "user.change_role", account):
        return ()
    kept = OF_INSTITUTIONS if account.role in OF_INSTITUTIONS else CENTRAL
    return tuple(role for role in roles_to_give(by) if role in kept)


def read_new_person(db: Session, by: Person, typed: Mapping[str, str]) -> Read:
    """A user to be created by somebody, from texts by FIELDS.

    `institution` is an identifier or a code such as ORG1. A co-ordinator's users are of the own
    institution; nothing need be typed for it.
    """
    values, errors = read_details(typed)
    _read_address(db, by, typed, values, errors)
    role, errors["role"] = _read_role(typed.get("role", ""), roles_to_give(by))
    values["role"] = role
    values["institution_id"], errors["institution"] = _read_institution(
        db, by, typed.get("institution", ""), role
    )
    return values, _in_order(errors)


def read_changes(db: Session, by: Person, account: Account, typed: Mapping[str, str]) -> Read:
    """Changes of a user by somebody, from texts by FIELDS; those not theirs to change are left."""
    values, errors = read_own_details(db, by, account, typed)
    if may_do(db, by, "user.change_address", account):
        _read_address(db, by, typed, values, errors, account.id)
    roles = roles_to_change_to(db, by, account)
    if roles:
        values["role"], errors["role"] = _read_role(typed.get("role", ""), roles)
    return values, _in_order(errors)


def _in_order(errors: Mapping[str, str]) -> dict[str, str]:
    return {name: errors[name] for name in FIELDS if errors.get(name)}


def read_own_details(db: Session, by: Person, account: Account, typed: Mapping[str, str]) -> Read:
    """The details of a user there is; only some may make somebody an officer."""
    values, errors = read_details(typed)
    becomes_officer = (
        values["contact_priority"] == DATA_PROTECTION_OFFICER != account.contact_priority
    )
    if becomes_officer and not may_do(db, by, "user.make_officer", account):
        errors["contact_priority"] = (
            "Only a co-ordinator of the institution, or an administrator, can make somebody its "
            "Data Protection Officer. Choose another priority"
        )
    return values, errors


def read_details(typed: Mapping[str, str]) -> Read:
    """What anyone may say of themselves: name, telephone, extension and contact priority."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    values["name"], errors["name"] = read_text(typed.get("name", ""), "the user's name")
    values["telephone"], errors["telephone"] = read_telephone(typed.get("telephone", ""))
    values["extension"], errors["extension"] = _read_extension(typed.get("extension", ""))
    values["contact_priority"], errors["contact_priority"] = _read_priority(
        typed.get("contact_priority", "")
    )
    return values, errors


def _read_extension(text: str) -> tuple[str, str]:
    found = tidy(text)
    if found and not _EXTENSION.fullmatch(found):
        return "", "Enter an extension of at most 10 digits, or leave it empty"
    return found, ""


def _read_priority(text: str) -> tuple[str, str]:
    found = tidy(text)
    known = {priority.lower(): priority for priority in CONTACT_PRIORITIES}
    if found.lower() in known:
        return known[found.lower()], ""
    return "", "Choose a contact priority from the list"


def _read_address(
    db: Session,
    by: Person,
    typed: Mapping[str, str],
    values: dict[str, Any],
    errors: dict[str, str],
    but_for: int | None = None,
) -> None:
    """User name and e-mail address, which no other account may have."""
    values["user_name"], errors["user_name"] = _read_user_name(typed.get("user_name", ""))
    if values["user_name"] and name_is_taken(db, values["user_name"], but_for):
        errors["user_name"] = "Somebody has this user name already. Choose another"
    values["email"], errors["email"] = read_email(typed.get("email", ""))
    holder = holder_of(db, values["email"], but_for) if values["email"] else None
    if holder is not None:
        errors["email"] = _email_is_taken(db, by, holder)


def _read_user_name(text: str) -> tuple[str, str]:
    found = tidy(text).lower()
    if not found:
        return "", "Enter a user name"
    if len(found) > LONGEST_USER_NAME:
        return "", (
            f"The user name must be {LONGEST_USER_NAME} characters or fewer; it has {len(found)}"
        )
    if not _USER_NAME.fullmatch(found):
        return "", (
            "The user name must begin with a letter or number and hold only the letters a to z, "
            "numbers, dots, hyphens and underscores"
        )
    return found, ""


def _email_is_taken(db: Session, by: Person, holder: Account) -> str:
    """Who has the address is told only to those who may see that user."""
    if may_do(db, by, "user.view", holder):
        return f"{holder.name} has this e-mail address already. Enter another"
    return (
        "Somebody of another institution has this e-mail address already. If it is the same "
        f"person, ask an administrator ({get_settings().helpdesk}) to give them a membership of "
        "your institution"
    )


def _read_role(text: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    found = tidy(text).lower()
    role = next((role for role in allowed if found in (role, ROLE_LABELS[role])), "")
    words = [ROLE_LABELS[role] for role in allowed]
    listed = " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return role, "" if role else f"Choose a role: {listed}"


def _read_institution(db: Session, by: Person, text: str, role: str) -> tuple[int | None, str]:
    found = tidy(text)
    if by.institution_id is not None:
        own = db.get_one(Institution, by.institution_id)
        if found and found.upper() not in (str(own.id), own.code):
            return None, "You can invite people to your own institution only"
        return own.id, ""
    if role in CENTRAL:
        if found:
            return None, (
                f"{_with_article(ROLE_LABELS[role])} belongs to no institution. Leave this empty"
            )
        return None, ""
    if not found:
        return None, "Choose the institution" if role else ""
    institution = institution_of(db, found)
    if institution is None:
        return None, "This institution is not known. Choose one from the list"
    if not institution.active:
        return None, f"{institution.name} is not active. Reactivate it first, or choose another"
    return institution.id, ""


def institution_of(db: Session, text: str) -> Institution | None:
    """The institution of an identifier or of a code such as ORG1, or None."""
    if text.isascii() and text.isdecimal():
        return db.get(Institution, int(text)) if len(text) < 10 else None
    return by_code(db, text)


def _with_article(words: str) -> str:
    return f"{'An' if words[0] in 'aeiou' else 'A'} {words}"
