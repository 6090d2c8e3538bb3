"""`soundings worker`."""

from typing import Annotated

import typer

from app.cli.opening import database
from app.settings import Settings
from app.worker import work


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due.")] = False,
) -> None:
    """Send mail that is due and open waves, until stopped."""
    with database() as opened:
        done = work(opened, Settings(), once=once)
    typer.echo(f"sent {done.sent}, refused {done.refused}")
    if once and done.trouble:
        typer.echo(f"The mail server takes nothing at present: {done.trouble}. The mails stay due.", err=True)
        raise typer.Exit(1)
