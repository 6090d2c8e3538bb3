"""`soundings contacts`: bring in people we may write to."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import clock
from app.cli.opening import OrganisationKey, writing
from surveys.contacts import contacts, files
from surveys.facts import Malformed
from surveys.organisation import organisations

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
    organisation: OrganisationKey,
) -> None:
    """Make or change contacts by ref, else e-mail; what is wrong is listed by row and field, the rest is stored."""
    try:
        opened = file.open("rb")
    except OSError as wrong:
        raise Malformed("FILE", f"{file} cannot be read: {wrong.strerror}.") from None
    with opened, writing() as session:
        tenant = organisations.by_key(session, organisation)
        done = contacts.import_rows(session, tenant.id, files.read(opened), clock.now())
    console = Console(stderr=True)
    for refusal in done.refused[:SHOWN]:
        console.print(f"row {refusal.row}, {refusal.field}: {refusal.message}", highlight=False, markup=False)
    if len(done.refused) > SHOWN:
        console.print(f"... and {len(done.refused) - SHOWN} more", highlight=False)
    typer.echo(f"created {done.created}, updated {done.updated}, refused {len(done.refused)}")
