"""Commands that write the documents made from code: core-portal permissions and core-portal api."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

DOCUMENTS = Path(__file__).parents[1] / "docs"
Out = Annotated[Path, typer.Option(help="The file to write.")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; fail when the file is out of date.")
]


def permissions(out: Out = DOCUMENTS / "permissions.md", check: Check = False) -> None:
    """Write who may do what, as a table."""
    from portal.permission_document import document

    _keep(document, out, check, "core-portal permissions")


def api(out: Out = DOCUMENTS / "api.md", check: Check = False) -> None:
    """Write the description of the programming interface."""
    from portal.api.document import document

    _keep(document, out, check, "core-portal api")


def _keep(document: Callable[[], str], out: Path, check: bool, command: str) -> None:
    text = document()
    if not check:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"Wrote {out}")
        return
    if not out.exists() or out.read_text(encoding="utf-8") != text:
        state = "is out of date" if out.exists() else "is missing"
        typer.echo(f"{out} {state}. Write it anew: {command}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{out} is what the code makes")
