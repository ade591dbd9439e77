"""The first administrator of a new portal, from the command line: nobody else could invite one."""

from typing import Annotated

import typer
from sqlalchemy import func, or_, select

from data_access.accounts import Account
from data_access.audit import record
from data_access.database import make_engine, session_factory, upgrade
from data_access.settings import Settings
from portal.accounts.links import SET_PASSWORD, send_invitation
from portal.mail.sending import send_due
from portal.plain_text import read_email, read_text


def invite_administrator(
    user_name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    email: Annotated[str, typer.Argument(help="Where the invitation goes.")],
    name: Annotated[str, typer.Argument(help="The person's name.")],
) -> None:
    """Invite an administrator: a one-time link goes to the e-mail address.

    Without a mail server the message is put into the folder outbox of DATA_DIR.
    """
    settings = Settings()
    engine = make_engine(settings.database)
    upgrade(engine)
    given, wrong_name = read_text(user_name, "the user name", 100)
    address, wrong_address = read_email(email)
    called, wrong_called = read_text(name, "the name")
    for problem in (wrong_name, wrong_address, wrong_called):
        if problem:
            typer.echo(problem, err=True)
            raise typer.Exit(1)
    with session_factory(engine)() as db:
        taken = select(Account.id).where(
            or_(func.lower(Account.user_name) == given.lower(), Account.email == address)
        )
        if db.scalar(taken) is not None:
            typer.echo("There is an account with this user name or e-mail address.", err=True)
            raise typer.Exit(1)
        account = Account(user_name=given, email=address, name=called, role="administrator")
        db.add(account)
        db.flush()
        record(db, None, "user_created", ("user", account.id), {"role": "administrator"})
        send_invitation(db, settings, account, None)
        db.commit()
        sent = send_due(db, settings)
    engine.dispose()
    if not sent:
        typer.echo(
            "The account is made, but the message could not be sent yet. It goes when the portal "
            "runs and the mail server answers.",
            err=True,
        )
        raise typer.Exit(1)
    where = f"to {address}" if settings.smtp_host else f"into {settings.outbox_dir}"
    typer.echo(f"An invitation with a link to {SET_PASSWORD}/... went {where}.")
