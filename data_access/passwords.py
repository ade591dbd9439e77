"""Passwords as people choose them: what a new one must be, and setting it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from data_access.accounts import Account, hash_password, password_matches
from data_access.credentials import FormerPassword

SHORTEST = 9
LONGEST = 128
# The present one and those before it (guide: "none of the last 3").
NOT_AGAIN = 3
# zxcvbn judges no more of a password than this, and scores from 0 to 4; up to 1, fewer than a
# million guesses find it.
_JUDGED = 72
_WEAK = 1
# Shorter words than this are found in many a good password by chance.
_SHORTEST_WORD = 4
# zxcvbn keeps the words of the person being judged in a place that all threads share.
_judging = Lock()


@dataclass(frozen=True)
class Demand:
    """One thing that a password must be: `words` on the list before it is typed, `wrong` after.

    Without `met` it cannot be told from the password alone.
    """

    name: str
    words: str
    wrong: str
    met: Callable[[str], bool] | None = None


def _is_special(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


DEMANDS = (
    Demand(
        "length",
        f"has at least {SHORTEST} characters and at most {LONGEST}",
        f"The password must have at least {SHORTEST} characters and at most {LONGEST}",
        lambda password: SHORTEST <= len(password) <= LONGEST,
    ),
    Demand(
        "lower",
        "has a small letter",
        "The password must have a small letter",
        lambda password: any(character.islower() for character in password),
    ),
    Demand(
        "upper",
        "has a capital letter",
        "The password must have a capital letter",
        lambda password: any(character.isupper() for character in password),
    ),
    Demand(
        "special",
        "has a special character, such as - ! @ # $ % & *",
        "The password must have a special character, such as - ! @ # $ % & *",
        lambda password: any(_is_special(character) for character in password),
    ),
    Demand(
        "uncommon",
        "is not a common password or your name, with or without digits and special "
        "characters added",
        "This password is easy to guess: it is a common one or your name, perhaps with digits or "
        "special characters added. Choose another, such as three words that have nothing to do "
        "with each other",
    ),
    Demand(
        "new",
        f"is none of your last {NOT_AGAIN} passwords",
        f"You have used this password before. Choose one that is none of your last {NOT_AGAIN}",
    ),
)
_BY_NAME = {demand.name: demand for demand in DEMANDS}


def problem(db: Session, account: Account, password: str) -> str:
    """What keeps an account from this new password, in a sentence; empty when nothing does."""
    if not password:
        return "Enter a new password"
    for demand in DEMANDS:
        if demand.met is not None and not demand.met(password):
            return demand.wrong
    if is_common(password, names_of(account)):
        return _BY_NAME["uncommon"].wrong
    if any(password_matches(stored, password) for stored in _last_hashes(db, account)):
        return _BY_NAME["new"].wrong
    return ""


def names_of(account: Account) -> list[str]:
    """The words that a password of this account must not consist of, in small letters."""
    parts = [account.user_name, *account.name.split(), *account.email.split("@")[0].split(".")]
    return [part.lower() for part in parts if len(part) >= _SHORTEST_WORD]


@cache
def _common_words() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def is_common(password: str, names: list[str]) -> bool:
    """Whether a password is quickly guessed: a common one or a name, dressed up or not.

    zxcvbn's estimate alone lets a common word pass when a year and a sign follow it, so what is
    left without digits and signs at both ends is judged too.
    """
    given = password[:_JUDGED]
    letters = [place for place, character in enumerate(given) if character.isalpha()]
    core = given[letters[0] : letters[-1] + 1].lower() if letters else ""
    with _judging:
        if zxcvbn(given, user_inputs=names)["score"] <= _WEAK:
            return True
        found = zxcvbn(core, user_inputs=names)["sequence"] if core else []
    if len(core) < _SHORTEST_WORD or len(found) != 1:
        return False
    match = found[0]
    if match["pattern"] == "dictionary":
        return match["matched_word"] in _common_words() or match["matched_word"] in names
    return match["pattern"] in ("sequence", "repeat", "spatial")


def _last_hashes(db: Session, account: Account) -> list[str]:
    former = db.scalars(
        select(FormerPassword.password_hash)
        .where(FormerPassword.account_id == account.id)
        .order_by(FormerPassword.id.desc())
        .limit(NOT_AGAIN)
    )
    present = [account.password_hash] if account.password_hash else []
    return [*present, *former][:NOT_AGAIN]


def set_password(db: Session, account: Account, password: str) -> bool:
    """Sets a password, in the caller's transaction; the one before is kept as a former one.

    Nothing is demanded of the account's owner any more. False, with nothing done, when another
    request has set one since the account was read.
    """
    before = account.password_hash
    done = db.execute(
        update(Account)
        .where(Account.id == account.id, Account.password_hash == before)
        .values(password_hash=hash_password(password), must_change_password=False)
        .execution_options(synchronize_session=False)
    )
    if getattr(done, "rowcount", 0) != 1:
        return False
    _keep_former(db, account.id, before)
    db.refresh(account)
    return True


def void_password(db: Session, account: Account) -> None:
    """Makes the present password stop working, in the caller's transaction: a new one is needed."""
    _keep_former(db, account.id, account.password_hash)
    account.password_hash = ""
    account.must_change_password = True
    db.flush()


def _keep_former(db: Session, account_id: int, password_hash: str) -> None:
    if password_hash:
        db.add(FormerPassword(account_id=account_id, password_hash=password_hash))
        db.flush()
