"""`soundings contacts`: bring in people we may write to."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.opening import OrganisationKey, tenant, writing
from surveys.facts import Malformed

app = typer.Typer(no_args_is_help=True, help="Bring in people we may write to.")
SHOWN = 20


@app.callback()
def group() -> None:
    """Keep `import` a command of its own."""


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV with ref, email, name, locale, audience, unit; others: attributes.")
    ],
    *,
    organisation: OrganisationKey = None,
) -> None:
    """Make or change contacts by ref, else e-mail; what is wrong is listed by row and field, the rest is stored.

    Exit code 1 where every row was refused.
    """
    from app import clock
    from surveys.contacts import contacts, files

    try:
        opened = file.open("rb")
    except OSError as wrong:
        raise Malformed("FILE", f"{file} cannot be read: {wrong.strerror}.") from None
    with opened, writing() as session:
        owner = tenant(session, organisation)
        done = contacts.import_rows(session, owner.id, files.read(opened), clock.now())
    for refusal in done.refused[:SHOWN]:
        typer.echo(f"row {refusal.row}, {refusal.field}: {refusal.message}", err=True)
    if len(done.refused) > SHOWN:
        typer.echo(f"... and {len(done.refused) - SHOWN} more", err=True)
    typer.echo(f"created {done.created}, updated {done.updated}, refused {len(done.refused)}")
    if done.refused and not done.created + done.updated:
        raise typer.Exit(1)
