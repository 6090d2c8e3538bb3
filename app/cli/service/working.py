"""`soundings worker` and `soundings bounce`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.opening import database, writing
from surveys.facts import Fact, Malformed


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due.")] = False,
    alive: Annotated[
        Path | None, typer.Option(envvar="WORKER_ALIVE_FILE", help="File to touch at every turn, for health checks.")
    ] = None,
) -> None:
    """Send mail that is due and open waves, until stopped."""
    import structlog

    from app.edge.faults import described
    from app.mail.handover import MailSettingWrong
    from app.operations import logs
    from app.settings import SecretMissing, Settings, SettingsWrong
    from app.worker.worker import work

    if alive is not None and not alive.parent.is_dir():
        raise Malformed("--alive", f"there is no folder {alive.parent}.")
    logs.configure(Settings().log_level)
    try:
        with database() as opened:
            done = work(opened, Settings(), once=once, alive=alive)
    except (Fact, SecretMissing, SettingsWrong, MailSettingWrong):
        raise
    except Exception as error:  # its text, which Python would print, may quote a row
        structlog.get_logger().error("fault", **described(error))
        raise typer.Exit(1) from None
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
