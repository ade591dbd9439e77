"""Users as a table: what co-ordinators and administrators bring, and what they may take out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from data_access.accounts import CONTACT_PRIORITIES, ROLE_LABELS, Account, Person
from data_access.institutions import Institution
from data_access.people.changing import change_person
from data_access.people.listing import LOCKED, Wanted, list_people, role_at, status_of
from portal.exchange.kinds import CHANGED, NEW, SAME, Done, Kind, RowWrong, Setting
from portal.people.editing import tell_of_changes
from portal.people.inviting import create_person
from portal.people.particulars import (
    FIELDS,
    LABELS,
    read_changes,
    read_new_person,
    roles_to_change_to,
)
from portal.permissions import may, may_do, scope
from portal.plain_text import tidy
from portal.tables.reading import Column
from portal.tables.writing import Cell

COLUMNS = (
    Column(
        "user_name",
        LABELS["user_name"],
        "What the user signs in with. A row with the user name of a user there is changes that "
        "user; any other creates one.",
        "alex.example",
        needed=True,
    ),
    Column("name", LABELS["name"], "200 characters at most.", "Alex Example", needed=True),
    Column(
        "email",
        LABELS["email"],
        "The invitation goes to it. No two users can have the same.",
        "alex.example@example.com",
        needed=True,
    ),
    Column("telephone", LABELS["telephone"], "At least 11 digits, or nothing.", "01632 960 001"),
    Column("extension", LABELS["extension"], "At most 10 digits, or nothing."),
    Column("role", LABELS["role"], "data provider or co-ordinator", "data provider", needed=True),
    Column(
        "contact_priority",
        LABELS["contact_priority"],
        f"One of: {', '.join(CONTACT_PRIORITIES)}. Empty means None.",
        "None",
    ),
    Column(
        "institution",
        LABELS["institution"],
        "A CORE ID such as ORG12; statisticians and administrators have none. A co-ordinator can "
        "leave it empty: users are of the own institution.",
    ),
)


EVERYBODY = Wanted()


def _here(person: Person) -> ColumnElement[bool]:
    """Users of the institution that a co-ordinator acts for; an administrator's: all."""
    if may(person, "institution.list"):
        return true()
    return Account.institution_id == person.institution_id


def _texts_of(account: Account, institution_code: str) -> dict[str, str]:
    """A stored user as an export has it."""
    texts = {name: getattr(account, name) for name in FIELDS if name != "institution"}
    texts |= {"role": ROLE_LABELS[account.role], "institution": institution_code}
    return {column.name: texts[column.name] for column in COLUMNS}


def begin(setting: Setting) -> Any:
    """Makes what takes in the rows of one file."""
    return lambda values: _take(setting, values)


def _take(setting: Setting, values: Mapping[str, str]) -> Done:
    db, by = setting.db, setting.by
    account = db.scalar(
        select(Account).where(
            func.lower(Account.user_name) == tidy(values.get("user_name", "")).lower(),
            scope(by, "user.change"),
            _here(by),
        )
    )
    if account is None:
        account = db.scalar(
            select(Account).where(
                func.lower(Account.user_name) == tidy(values.get("user_name", "")).lower(),
                scope(by, "user.view"),
                Account.deleted_at.is_(None),
            )
        )
        if account is not None:
            return _look_only(setting, account, values)
    else:
        return _change(setting, account, {name: text for name, text in values.items() if text})
    typed = {name: values.get(name, "") for name in FIELDS}
    typed["contact_priority"] = typed["contact_priority"] or "None"
    columns, errors = read_new_person(db, by, typed)
    if errors:
        raise RowWrong(errors)
    account = create_person(db, setting.settings, by, columns)
    # A provider is put on the creator's list in SQL: the session is to know of it.
    db.flush()
    shown = _texts_of(account, "")
    changes = [(LABELS[name], "", shown[name]) for name in ("user_name", "email", "role")]
    return Done(NEW, account.name, f"/people/{account.id}", changes)


def _change(setting: Setting, account: Account, given: Mapping[str, str]) -> Done:
    db, by = setting.db, setting.by
    name, address = account.name, f"/people/{account.id}"
    own = db.get(Institution, account.institution_id) if account.institution_id else None
    stored = _texts_of(account, own.code if own else "")
    differing = {
        key: text for key, text in given.items() if not _means_the_same(key, text, stored[key])
    }
    if not differing:
        return Done(SAME, name, address)
    errors = {}
    if "email" in differing and _is_another_name(differing.get("name", ""), name):
        errors["user_name"] = (
            f"The user name {account.user_name} belongs to {name}, and this row has both another "
            "name and another e-mail address. If it is somebody new, choose another user name. If "
            f"it is {name}, change the name or the e-mail address first, and the other by a second "
            "file"
        )
    if "institution" in differing:
        errors["institution"] = (
            f"{name} is a user of {own.name if own else 'no institution'}. A file cannot move a "
            "user: let them work for a further institution on their own page"
        )
    if "role" in differing and not roles_to_change_to(db, by, account):
        errors["role"] = f"You cannot change the role of {name}"
    if "email" in differing and not may_do(db, by, "user.change_address", account):
        errors["email"] = f"You cannot change the e-mail address of {name}"
    columns, wrong = read_changes(db, by, account, {**stored, **differing})
    errors = {key: (errors | wrong)[key] for key in FIELDS if key in errors | wrong}
    if errors:
        raise RowWrong(errors)
    made = change_person(db, by, account, account.version, columns)
    tell_of_changes(db, setting.settings, by, account, made)
    changes = [
        (LABELS[key], _shown(key, before), _shown(key, after))
        for key, (before, after) in made.items()
    ]
    return Done(CHANGED if changes else SAME, account.name, address, changes)


def _look_only(setting: Setting, account: Account, values: Mapping[str, str]) -> Done:
    """A row of a user of another institution, as it is in an export, is left as it is."""
    db, by = setting.db, setting.by
    own = db.get(Institution, account.institution_id) if account.institution_id else None
    stored = _texts_of(account, own.code if own else "")
    role = db.scalar(select(role_at(by.institution_id)).where(Account.id == account.id))
    stored["role"] = ROLE_LABELS[role or account.role]
    if any(text and not _means_the_same(key, text, stored[key]) for key, text in values.items()):
        raise RowWrong(
            {
                "user_name": f"Somebody has this user name already: {account.name} of "
                f"{own.name if own else 'no institution'}. Choose another user name. A file "
                "changes users of your own institution only"
            }
        )
    return Done(SAME, account.name, f"/people/{account.id}")


def _is_another_name(text: str, stored: str) -> bool:
    """Whether a cell gives another name than is stored; an empty one gives none."""
    return bool(text) and tidy(text).casefold() != tidy(stored).casefold()


def _means_the_same(name: str, text: str, stored: str) -> bool:
    """Whether a cell says what is stored; the case of letters counts in names alone."""
    if name in ("name", "telephone", "extension"):
        return tidy(text) == tidy(stored)
    found = tidy(text).lower()
    codes = {label.lower(): code for code, label in ROLE_LABELS.items()}
    return found in (stored.lower(), codes.get(stored.lower()) if name == "role" else None)


def _shown(name: str, value: str) -> str:
    return ROLE_LABELS[value] if name == "role" else value


def rows(db: Session, person: Person, day: date, wanted: Wanted = EVERYBODY) -> list[list[Cell]]:
    """The users that the list shows to a person, in its order, those of other institutions too.

    The role is the one that an import compares with: for whoever sees all, that at the user's own
    institution, and else the one at the institution that the person acts for.
    """
    sees_all, shows_locked = may(person, "institution.list"), may(person, "user.unlock")
    of = wanted.institution_id if sees_all else person.institution_id
    reach = scope(person, "user.view")
    codes = {row.id: row.code for row in db.execute(select(Institution.id, Institution.code))}
    made: list[list[Cell]] = []
    for found in list_people(db, reach, wanted, of, None, shows_locked):
        account = found.account
        texts = _texts_of(account, codes.get(account.institution_id or 0, ""))
        if not sees_all:
            texts["role"] = ROLE_LABELS[found.role]
        status = status_of(account)
        status = "active" if status == LOCKED and not shows_locked else status
        made.append([*texts.values(), status, account.last_signed_in_at])
    return made


USERS = Kind(
    name="users",
    title="Users",
    one="user",
    several="users",
    columns=COLUMNS,
    informing=("Status", "Last signed in"),
    explanations=(
        "A row with a new user name creates a user, who gets an invitation by e-mail. A row with "
        "the user name of a user there is changes that user.",
        "In a row that changes a user, an empty cell leaves what is there as it is. A row cannot "
        "change both the name and the e-mail address: that is mostly somebody new whose user name "
        "is taken.",
        "No user name or e-mail address may stand in two rows.",
        "An export holds whom the list of people shows to you. Rows of users of other institutions "
        "must stay as they are, or be taken out: a file changes users of your own only.",
        "A file cannot deactivate or delete anybody: do that on the user's own page.",
    ),
    begin=begin,
    rows=rows,
    once=("user_name", "email"),
)
