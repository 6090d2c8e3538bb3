"""`soundings doctor`: is this installation sound?"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.checkup.finding import Finding

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    tallies: Annotated[bool, typer.Option("--tallies", help="Recount every response too; takes a while.")] = False,
) -> None:
    """Check settings, database, mail, clock and disk, with a remedy for each; exit code 1 where one fails."""
    failed = False
    for finding in _findings(recount=tallies):
        failed = failed or finding.state == "fail"
        typer.echo(f"{typer.style(f'{finding.state:5}', COLOURS[finding.state])}{finding.name:12}{finding.detail}")
        if finding.remedy:
            typer.echo(f"{'':17}-> {finding.remedy}")
    raise typer.Exit(1 if failed else 0)


def _findings(*, recount: bool) -> Iterator["Finding"]:
    from app import clock
    from app.checkup import address, database, machine
    from app.checkup.finding import fail
    from app.settings import Settings, SettingsWrong

    try:
        settings = Settings()
    except SettingsWrong as wrong:
        for line in str(wrong).splitlines():
            name, _, reason = line.partition(": ")
            yield fail("settings", f"{name}: {reason}", f"Set {name} right, or leave it out.")
        return
    yield address.secret(settings)
    yield address.base_url(settings)
    yield from database.findings(settings, clock.now(), recount=recount)
    yield machine.mail(settings)
    yield machine.time_zones()
    folder = [Path(settings.mail.removeprefix("folder:"))] if settings.mail.startswith("folder:") else []
    file = database.sqlite_file(settings)
    yield from machine.room([*([file] if file else []), *folder])
