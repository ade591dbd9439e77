"""core-portal release: the life of a release from the command line.

Whoever takes a step says who they are with --by, and is asked for the password of that account, so
that the second person is a second person here too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from data_access.account_sessions import person_of
from data_access.accounts import Account, Person
from data_access.audit import history
from data_access.clock import LONDON, today
from data_access.database import make_engine, session_factory, upgrade
from data_access.release_records import (
    CHECKED,
    ReleaseRecord,
    WrongStep,
    access_to,
    all_records,
)
from data_access.second_factor import finish_sign_in, has_second_factor
from data_access.settings import Settings
from data_access.signing_in import SignInRefused, account_named, sign_in
from portal.action_words import in_words
from portal.permissions import LOOK_ONLY, may, may_do
from portal.releasing import steps
from portal.releasing.access import give_access, looks_at
from portal.releasing.building import Wish, build_now, notice_interrupted, periods_with_logs
from portal.releasing.folders import REPORT, read_private
from portal.releasing.london_time import LondonTime, NoSuchTime, instant_in_words, london_time
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.words import (
    periods_in_words,
    protection_notes,
    removed_rows,
    title_of,
    withheld_rows,
)
from portal.releasing.working_days import next_working_day

app = typer.Typer(no_args_is_help=True, help="Build, approve, publish and withdraw releases.")
By = Annotated[str, typer.Option(help="Your user name or e-mail address; asks for the password.")]
Number = Annotated[
    int, typer.Argument(help="The number of the record, as core-portal release list")
]
At = Annotated[str, typer.Option(help="Day and time in London, such as '2026-11-25 09:30'.")]


@contextmanager
def _opened() -> Iterator[tuple[Session, Settings]]:
    """The database; a refusal ends the command with its message."""
    settings = Settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    try:
        with session_factory(engine)() as db:
            notice_interrupted(db, settings)
            yield db, settings
    except (ReleaseRefused, WrongStep, SignInRefused, NoSuchTime) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()


def _who(db: Session, settings: Settings, name: str) -> Person:
    """The person of a user name, once password and code are right.

    Raises SignInRefused, and ReleaseRefused for whoever must first do something in the portal.
    """
    password = typer.prompt(f"Password of {name}", hide_input=True)
    try:
        account = sign_in(db, name, password)
        if has_second_factor(account):
            code = typer.prompt("Code of the authenticator app, or a recovery code")
            finish_sign_in(db, account, code)
    finally:
        # Wrong entries are counted and kept in the audit trail.
        db.commit()
    person = person_of(db, account)
    lacks = settings.second_factor_is_required and person.needs_second_factor
    if person.must_change_password or (lacks and may(person, "account.need_second_factor")):
        raise ReleaseRefused("Sign in to the portal first: it asks you to finish your account.")
    return person


def _allowed(
    db: Session, settings: Settings, by: str, action: str, number: int
) -> tuple[Person, ReleaseRecord]:
    """Who takes a step, and the release to take it with. Raises ReleaseRefused."""
    person = _who(db, settings, by)
    record = db.get(ReleaseRecord, number) if 0 < number < 2**31 else None
    if record is None or not may_do(db, person, "release.view", record):
        raise ReleaseRefused(f"There is no release {number}.")
    if not may_do(db, person, action, record):
        own = action == "release.approve" and record.created_by_id == person.id
        raise ReleaseRefused(steps.SELF if own else LOOK_ONLY)
    return person, record


def _instant(text: str) -> LondonTime:
    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)
    except ValueError:
        raise ReleaseRefused(
            f"Write the time like '2026-11-25 09:30', not '{text[:30]}'."
        ) from None
    found = london_time(at.date(), at.time())
    if found.remark:
        typer.echo(found.remark)
    return found


def _told(record: ReleaseRecord) -> None:
    typer.echo(f"{title_of(record)} (record {record.id}) is {record.state}")


def _made(db: Session, settings: Settings, person: Person, wish: Wish) -> None:
    record = build_now(db, settings, person.id, wish, typer.echo)
    if record.state != CHECKED:
        raise ReleaseRefused(f"The build failed. {record.message}")
    _told(record)


@app.command("build")
def build_command(
    by: By,
    period: Annotated[
        list[str] | None,
        typer.Option(help="A year such as 2025 or quarter such as 2025-q1; may be repeated."),
    ] = None,
    issued: Annotated[
        str, typer.Option(help="Day of publication, such as 2026-11-25; else the next working day.")
    ] = "",
) -> None:
    """Build a release of some periods; without any, of every period with valid logs."""
    with _opened() as (db, settings):
        person = _who(db, settings, by)
        if not may(person, "release.build"):
            raise ReleaseRefused("Your account may not build releases.")
        periods = tuple(period or (found.slug for found, _ in periods_with_logs(db)))
        _made(db, settings, person, Wish(periods, _day(settings, issued)))


def _day(settings: Settings, text: str) -> date:
    if not text:
        return next_working_day(today(settings))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReleaseRefused(f"Write the day like 2026-11-25, not '{text[:30]}'.") from None


@app.command("list")
def list_command() -> None:
    """List every release, newest first."""
    with _opened() as (db, _):
        records = all_records(db)
        for record in records:
            typer.echo(f"{record.id}\t{title_of(record)}\t{record.state}")
        if not records:
            typer.echo("No release has been built here yet")


@app.command()
def show(number: Number) -> None:
    """Show a release: its state, verdict, what is withheld, and who did what."""
    with _opened() as (db, settings):
        record = db.get(ReleaseRecord, number) if 0 < number < 2**31 else None
        if record is None:
            raise ReleaseRefused(f"There is no release {number}.")
        _told(record)
        for line in _lines(db, settings, record):
            typer.echo(line)


def _lines(db: Session, settings: Settings, record: ReleaseRecord) -> Iterator[str]:
    yield f"Periods: {'; '.join(periods_in_words(record.periods))}"
    for label, text in (
        ("Failed", record.message),
        ("Note", record.note),
        ("Notice", record.notice),
    ):
        if text:
            yield f"{label}: {text}"
    if record.publishes_at is not None:
        yield f"Time of publication: {instant_in_words(record.publishes_at)}"
    if record.verdict:
        yield f"Audit: {'passed' if record.verdict['passed'] else 'not passed'}"
    report: dict[str, Any] | None = read_private(settings, record, REPORT)
    for row in withheld_rows(report):
        yield (
            f"Withheld: {row['log_type']}, {row['level']}: {row['withheld']:,} of "
            f"{row['cells']:,} cells, {row['records_share']} of records"
        )
    for row in removed_rows(report):
        yield f"Removed: {row['log_type']}: {row['removed']:,} of {row['of']:,} authorities"
    yield from protection_notes(report)
    for access, account in access_to(db, record):
        yield (
            f"May look: {account.name}, {instant_in_words(access.starts_at)} to "
            f"{instant_in_words(access.ends_at)}"
        )
    yield f"Looks before publication: {len(looks_at(db, record)):,}"
    for event in history(db, ("release", record.id)):
        if event.action != "release_previewed":
            account_of = db.get(Account, event.account_id) if event.account_id else None
            name = account_of.name if account_of else "the service itself"
            yield f"{instant_in_words(event.at)}: {in_words(event.action)}, {name}"


@app.command("approve")
def approve_command(number: Number, by: By) -> None:
    """Approve a release that somebody else had built."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.approve", number)
        steps.approve(db, settings, person.id, record)
        _told(record)


@app.command("schedule")
def schedule_command(number: Number, by: By, at: At) -> None:
    """Schedule an approved release."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.schedule", number)
        instant = _instant(at).instant
        steps.schedule(db, settings, person.id, record, instant)
        typer.echo(f"{title_of(record)} is published on {instant_in_words(instant)}")


@app.command("unschedule")
def unschedule_command(number: Number, by: By) -> None:
    """Take a release off the schedule; it stays approved."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.schedule", number)
        steps.unschedule(db, person.id, record)
        _told(record)


@app.command("publish")
def publish_command(number: Number, by: By) -> None:
    """Publish an approved release at once."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.schedule", number)
        steps.publish_now(db, settings, person.id, record)
        _told(record)


@app.command("publish-due")
def publish_due_command() -> None:
    """Publish the scheduled releases whose time has come, as a running portal does itself."""
    with _opened() as (db, settings):
        typer.echo(f"Releases published: {steps.publish_due(db, settings)}")


@app.command("withdraw")
def withdraw_command(
    number: Number, by: By, notice: Annotated[str, typer.Option(help="What the public reads.")]
) -> None:
    """Withdraw a release; the one before it is current again."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.withdraw", number)
        current = steps.withdraw(db, settings, person.id, record, notice)
        _told(record)
        typer.echo(f"Release {current} is current" if current else "No release is published now")


@app.command("discard")
def discard_command(number: Number, by: By) -> None:
    """Give up a release that was not published; its files are taken away."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.withdraw", number)
        steps.discard(db, settings, person.id, record)
        _told(record)


@app.command("correct")
def correct_command(
    number: Number, by: By, note: Annotated[str, typer.Option(help="What the public reads.")]
) -> None:
    """Build a release that corrects the published one, for the same periods."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.schedule", number)
        issued = next_working_day(today(settings))
        _made(db, settings, person, steps.correction_of(record, issued, note))


@app.command("access")
def access_command(
    number: Number,
    by: By,
    user: Annotated[str, typer.Option(help="Who may look: a user name or e-mail address.")],
    start: At,
    end: At,
) -> None:
    """Let somebody look at a release, before it is published, for a time."""
    with _opened() as (db, settings):
        person, record = _allowed(db, settings, by, "release.give_access", number)
        starts, ends = _instant(start).instant, _instant(end).instant
        give_access(db, settings, person.id, record, account_named(db, user), starts, ends)
        typer.echo(f"{user} may look until {instant_in_words(ends)}")
