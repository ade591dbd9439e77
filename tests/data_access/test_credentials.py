"""One-time links, the rule of passwords, the second factor and its recovery codes."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.account_sessions import sessions_of, start_session
from data_access.accounts import Account, hash_password
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.credentials import (
    INVITATION,
    NEW_EMAIL,
    RESET,
    SETS_PASSWORD,
    OneTimeLink,
    end_links,
    make_link,
    pending_email,
    use_link,
    working_link,
)
from data_access.passwords import is_common, problem, set_password, void_password
from data_access.second_factor import (
    are_recovery_codes,
    begin,
    confirm,
    finish_sign_in,
    forget_second_factor,
    has_second_factor,
    new_recovery_codes,
    recovery_codes_left,
    use_code,
)
from data_access.signing_in import SignInRefused, is_locked, sign_in

PASSWORD = "Correct-horse-9"


@pytest.fixture
def account(db: Session) -> Account:
    made = Account(
        user_name="patricia",
        email="pat.example@example.com",
        name="Patricia Example",
        password_hash=hash_password(PASSWORD),
        role="provider",
    )
    db.add(made)
    db.commit()
    return made


def test_a_link_works_once_within_24_hours_for_its_purpose(db: Session, account: Account) -> None:
    token = make_link(db, account.id, RESET)
    db.commit()
    assert working_link(db, token, SETS_PASSWORD) is not None
    assert working_link(db, token, (NEW_EMAIL,)) is None
    late = now() + timedelta(hours=24, seconds=1)
    assert working_link(db, token, SETS_PASSWORD, late) is None
    assert not use_link(db, token, late)
    assert use_link(db, token)
    assert not use_link(db, token)
    db.expire_all()
    assert working_link(db, token, SETS_PASSWORD) is None
    assert token not in db.scalars(select(OneTimeLink.token_hash)).one()


def test_a_newer_link_of_its_kind_makes_the_earlier_one_stop_working(
    db: Session, account: Account
) -> None:
    first, second = make_link(db, account.id, RESET), make_link(db, account.id, RESET)
    invitation = make_link(db, account.id, INVITATION)
    db.commit()
    works = [working_link(db, token, SETS_PASSWORD) is not None for token in (first, second)]
    assert works == [False, True]
    end_links(db, account.id, SETS_PASSWORD)
    db.expire_all()
    assert working_link(db, second, SETS_PASSWORD) is None
    assert working_link(db, invitation, SETS_PASSWORD) is None


def test_a_link_of_a_deactivated_account_does_not_work(db: Session, account: Account) -> None:
    token = make_link(db, account.id, RESET)
    account.active = False
    db.commit()
    assert working_link(db, token, SETS_PASSWORD) is None


def test_a_new_address_waits_until_its_link_is_used_or_runs_out(
    db: Session, account: Account
) -> None:
    token = make_link(db, account.id, NEW_EMAIL, "new@example.com")
    assert pending_email(db, account.id) == "new@example.com"
    assert pending_email(db, account.id, now() + timedelta(hours=25)) == ""
    use_link(db, token)
    assert pending_email(db, account.id) == ""


RULE = [
    ("", "Enter a new password"),
    ("Short-7x", "at least 9 characters"),
    ("A-b" + "x" * 126, "at most 128"),
    ("NO-SMALL-LETTER", "a small letter"),
    ("no-capital-letter", "a capital letter"),
    ("NoSpecial7Character", "a special character"),
    ("No Special Character", "a special character"),
    ("Password1!", "easy to guess"),
    ("Liverpool-2024!", "easy to guess"),
    ("P@ssw0rd-2026", "easy to guess"),
    ("Qwertyuiop-1", "easy to guess"),
    ("Abcdefghi-1!", "easy to guess"),
    ("Patricia-1966", "easy to guess"),
    ("2026!Example!", "easy to guess"),
    (PASSWORD, "used this password before"),
    ("Three odd Words!", ""),
    ("Ünder-Größe-Weg", ""),
    ("A-b" + "xK4z!" * 25, ""),
]


def test_what_a_new_password_must_be(db: Session, account: Account) -> None:
    for password, wrong in RULE:
        found = problem(db, account, password)
        assert (wrong in found) if wrong else not found, password


def test_a_common_word_inside_an_uncommon_password_is_no_harm() -> None:
    assert not is_common("Correct-horse-9-battery", [])
    assert is_common("Summer2026!", [])
    assert not is_common("12!Ab#34$", [])


def test_none_of_the_last_three_passwords_is_taken_again_and_the_fourth_is(
    db: Session, account: Account
) -> None:
    for chosen in ("Second-Word-2", "Third-Word-3"):
        assert problem(db, account, chosen) == ""
        assert set_password(db, account, chosen)
        db.commit()
    for used in (PASSWORD, "Second-Word-2", "Third-Word-3"):
        assert "used this password before" in problem(db, account, used)
    set_password(db, account, "Fourth-Word-4")
    assert problem(db, account, PASSWORD) == ""
    assert "before" in problem(db, account, "Second-Word-2")


def test_a_voided_password_opens_nothing_and_is_still_known_as_used(
    db: Session, account: Account
) -> None:
    void_password(db, account)
    db.commit()
    with pytest.raises(SignInRefused):
        sign_in(db, "patricia", PASSWORD)
    assert account.must_change_password
    assert "before" in problem(db, account, PASSWORD)
    assert set_password(db, account, "Second-Word-2")
    assert not account.must_change_password


def test_of_two_new_passwords_set_at_once_one_wins(db: Session, account: Account) -> None:
    stale = account.password_hash
    assert set_password(db, account, "Second-Word-2")
    db.commit()
    account.__dict__["password_hash"] = stale
    assert not set_password(db, account, "Third-Word-3")


def _with_app(db: Session, account: Account) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(begin(db, account))
    # A code of some time ago, so that the present ones are still to be used.
    then = now() - timedelta(hours=1)
    codes = confirm(db, account, totp.at(then), then)
    db.commit()
    return totp, codes


def test_a_second_factor_is_in_force_once_a_code_of_the_app_was_right(
    db: Session, account: Account
) -> None:
    secret = begin(db, account)
    assert begin(db, account) == secret
    assert confirm(db, account, "abcdef") == []
    assert not has_second_factor(account)
    codes = confirm(db, account, pyotp.TOTP(secret).at(now()))
    assert has_second_factor(account)
    assert len(set(codes)) == 10
    assert are_recovery_codes(db, account, codes)
    assert not are_recovery_codes(db, account, codes[:9])


def test_a_code_works_once_and_one_step_early_or_late(db: Session, account: Account) -> None:
    totp, _ = _with_app(db, account)
    at = now()
    for beside, right in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        code = totp.at(at + timedelta(seconds=beside))
        assert use_code(db, account, code, at) is right, beside
        assert use_code(db, account, code, at) is False
    # An older step than one that was used is not taken any more.
    assert not use_code(db, account, totp.at(at), at)


def test_a_recovery_code_works_once_in_any_spelling(db: Session, account: Account) -> None:
    _, codes = _with_app(db, account)
    assert use_code(db, account, codes[0].upper().replace("-", " "))
    assert not use_code(db, account, codes[0])
    assert recovery_codes_left(db, account) == 9
    renewed = new_recovery_codes(db, account)
    assert not use_code(db, account, codes[1])
    assert use_code(db, account, renewed[1])


def test_wrong_codes_count_to_the_lock_even_with_the_right_password_between(
    db: Session, account: Account
) -> None:
    _with_app(db, account)
    for number in range(1, 5):
        assert sign_in(db, "patricia", PASSWORD).id == account.id
        db.commit()
        with pytest.raises(SignInRefused) as refused:
            finish_sign_in(db, account, "000000")
        db.commit()
        assert (refused.value.locked is not None) == (number == 4)
    assert is_locked(account)
    with pytest.raises(SignInRefused):
        sign_in(db, "patricia", PASSWORD)


def test_a_lock_ends_sign_ins_that_wait_for_a_code_but_no_open_session(
    db: Session, account: Account
) -> None:
    _with_app(db, account)
    start_session(db, account)
    start_session(db, account, awaits_second_factor=True)
    for _ in range(4):
        with pytest.raises(SignInRefused):
            finish_sign_in(db, account, "000000")
        db.commit()
    waiting = [session.awaits_second_factor for session in sessions_of(db, account.id)]
    assert waiting == [False]


def test_a_right_code_completes_the_sign_in_and_clears_the_count(
    db: Session, account: Account
) -> None:
    totp, _ = _with_app(db, account)
    with pytest.raises(SignInRefused):
        finish_sign_in(db, account, "000000")
    db.commit()
    sign_in(db, "patricia", PASSWORD)
    finish_sign_in(db, account, totp.at(now()))
    db.commit()
    assert account.failed_attempts == 0
    assert "signed_in" in db.scalars(select(AuditEvent.action)).all()


def test_a_forgotten_second_factor_is_taken_away_with_its_codes_and_sessions(
    db: Session, account: Account
) -> None:
    _, codes = _with_app(db, account)
    start_session(db, account)
    boss = Account(user_name="boss", email="b@example.com", name="Bo", role="administrator")
    db.add(boss)
    db.commit()
    assert forget_second_factor(db, account, boss)
    assert not forget_second_factor(db, account, boss)
    db.commit()
    assert (account.totp_secret, has_second_factor(account)) == ("", False)
    assert not use_code(db, account, codes[0])
    assert sessions_of(db, account.id) == []
