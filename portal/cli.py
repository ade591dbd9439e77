"""The command line: core-portal."""

import os
import socket
from datetime import date
from threading import Thread
from typing import Annotated

import typer
import uvicorn

from data_access.clock import today
from data_access.database import make_engine, session_factory, upgrade
from data_access.releases.sealing import CURRENT
from data_access.settings import Settings
from portal.account_commands import invite_administrator
from portal.audit_commands import audit_command
from portal.checking_commands import check, check_answers
from portal.collection_commands import app as collections
from portal.demonstration import DemonstrationRefused, make_demonstration
from portal.document_commands import api, permissions
from portal.protect_commands import protect_command
from portal.range_commands import app as ranges
from portal.release_commands import verify_release
from portal.releasing.at_once import publish as publish_release
from portal.releasing.commands import app as releases
from portal.releasing.refusals import ReleaseRefused
from submission.checker import warm_up
from submission.collection import COLLECTIONS
from submission.windows import years_open_for_new_logs

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The CORE portal.")
app.add_typer(ranges, name="ranges")
app.add_typer(collections, name="collection")
releases.command("verify")(verify_release)
app.add_typer(releases, name="release")
app.command("check-answers")(check_answers)
app.command("invite-administrator")(invite_administrator)
app.command("audit")(audit_command)
app.command("protect")(protect_command)
app.command()(check)
app.command()(permissions)
app.command()(api)
Logs = Annotated[int, typer.Option(help="How many logs to make.", min=1)]
Since = Annotated[
    int | None, typer.Option(help="The first collection year to publish: 2025 is 2025/26.")
]
Seed = Annotated[int, typer.Option(help="The same seed makes the same data.")]


def _stop(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


def _refuse_a_used_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise _stop(
                f"Port {settings.port} is in use. Choose another: PORT={settings.port + 1} make run"
            ) from None


def _serve(settings: Settings) -> None:
    from portal.app import create_app
    from portal.request_log import open_log

    open_log(settings.data_dir / "logs")
    Thread(target=_warm_up, args=(today(settings),), daemon=True).start()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


def _warm_up(day: date) -> None:
    """Plans the checks of the years that are open, while the portal already answers."""
    for collection in COLLECTIONS:
        for year in years_open_for_new_logs(collection, day):
            warm_up(collection, year)


@app.command()
def run(
    demonstration: Annotated[bool, typer.Option(help="Made-up data and accounts.")] = False,
    logs: Logs = 60_000,
    seed: Seed = 1,
    since: Since = None,
) -> None:
    """Prepare what is missing, then serve."""
    if demonstration:
        # For whatever reads the settings of the process, and for the processes that it starts.
        os.environ["DEMONSTRATION"] = "true"
    settings = Settings()
    _refuse_a_used_port(settings)
    if settings.demonstration and not (settings.releases_dir / CURRENT).exists():
        typer.echo(f"Making a demonstration of {logs:,} logs and a release of them: a few minutes")
        try:
            make_demonstration(settings, logs, seed, typer.echo)
        except DemonstrationRefused:
            typer.echo("The logs are there already; publishing them")
        try:
            publish_release(settings, typer.echo, since)
        except ReleaseRefused as refused:
            raise _stop(str(refused)) from None
    upgrade(make_engine(settings.database))
    typer.echo(f"The portal is at http://localhost:{settings.port} (Ctrl-C stops it)")
    if settings.demonstration:
        from portal.demonstration.people import ACCOUNTS, PASSWORD

        typer.echo(f"Sign in as {', '.join(ACCOUNTS)}; the password of each is {PASSWORD}")
    _serve(settings)


@app.command()
def serve() -> None:
    """Serve what is in DATA_DIR."""
    settings = Settings()
    _refuse_a_used_port(settings)
    upgrade(make_engine(settings.database))
    typer.echo(f"The portal is at http://localhost:{settings.port} (Ctrl-C stops it)")
    _serve(settings)


@app.command()
def demo(logs: Logs = 60_000, seed: Seed = 1) -> None:
    """Fill an empty database with made-up data."""
    settings = Settings()
    try:
        made = make_demonstration(settings, logs, seed, typer.echo)
    except DemonstrationRefused as refused:
        raise _stop(str(refused)) from None
    typer.echo(f"Made {made:,} logs up to {today(settings)}")


@app.command()
def publish(since: Since = None) -> None:
    """Build, approve and publish a release in one step; in a demonstration alone."""
    try:
        publish_release(Settings(), typer.echo, since)
    except ReleaseRefused as refused:
        raise _stop(str(refused)) from None


@app.command()
def migrate() -> None:
    """Bring the database to the present version."""
    upgrade(make_engine(Settings().database))
    typer.echo("The database is up to date")


@app.command()
def daily() -> None:
    """Do what is due today: new names, mergers, and forgetting what has expired."""
    from portal.daily import do_what_is_due

    settings = Settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    done = do_what_is_due(session_factory(engine), settings, today(settings))
    for job, count in done.items():
        typer.echo(f"{job.capitalize()}: {'failed, see the log' if count is None else count}")
    if None in done.values():
        raise typer.Exit(1)
