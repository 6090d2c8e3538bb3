"""`soundings worker` and `soundings bounce`."""

import sys
from typing import Annotated

import typer

from app.cli.opening import database, writing


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due.")] = False,
) -> None:
    """Send mail that is due and open waves, until stopped."""
    from app.settings import Settings
    from app.worker.worker import work

    with database() as opened:
        done = work(opened, Settings(), once=once)
    typer.echo(f"sent {done.sent}, refused {done.refused}")
    if once and done.trouble:
        typer.echo(f"The mail server takes nothing at present: {done.trouble}. The mails stay due.", err=True)
        raise typer.Exit(1)


def bounce() -> None:
    """Read one mail that came back from standard input, as a mail server pipes it, and act on it."""
    from app import clock
    from app.mail.bounces import take_back

    content = sys.stdin.buffer.read()
    with writing() as session:
        report = take_back(session, content, clock.now())
    typer.echo(f"{report.kind} {report.status}".strip() if report else "Not a report about a mail of ours.")
