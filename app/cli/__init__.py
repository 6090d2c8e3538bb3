"""The command `soundings`: what an administrator does on one machine.

Commands import what they need when they run, so that help and a slip of the pen do not wait for the database's and the
statistics' libraries.
"""

import sys
from typing import Annotated

import typer

from app import VERSION
from app.cli import keys, organisations, report, sample_size
from app.cli.answers import imports, tallies
from app.cli.asking import contacts, invite, surveys, touchpoints, waves
from app.cli.service import demo, doctor, serving, working
from surveys.facts import Fact, Malformed

app = typer.Typer(name="soundings", no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(organisations.app, name="organisation")
app.add_typer(keys.app, name="key")
app.add_typer(surveys.app, name="survey")
app.add_typer(touchpoints.app, name="touchpoint")
app.add_typer(contacts.app, name="contacts")
app.add_typer(waves.app, name="wave")
app.add_typer(imports.app, name="import")
app.add_typer(tallies.app, name="tallies")
for command in (
    demo.demo, serving.migrate, serving.serve, working.worker, working.bounce, invite.invite, report.report,
    doctor.doctor, sample_size.sample_size,
):  # fmt: skip
    app.command()(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"soundings {VERSION}")
        raise typer.Exit


@app.callback()
def soundings(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Measures NPS among customers and eNPS among staff, and tells honestly what changed."""


def main() -> None:
    """Run one command; what is wrong stands in one line on standard error, with exit code 2."""
    try:
        app()
    except Exception as error:
        line = _in_one_line(error)
        if line is None:
            raise
        from rich.console import Console

        Console(stderr=True).print(line, highlight=False, soft_wrap=True)
        sys.exit(2)


def _in_one_line(error: Exception) -> str | None:
    """What to say of a fault that whoever gave the command can mend, with rich's marks; None for any other."""
    from rich.markup import escape

    if isinstance(error, Malformed):
        return f"[red]{escape(error.field)}[/]: {escape(error.message)}"
    if isinstance(error, Fact):
        return f"[red]{escape(str(error))}[/]"
    from app.mail.handover import MailSettingWrong
    from app.settings import SecretMissing, SettingsWrong

    wrong = isinstance(error, SecretMissing | SettingsWrong | MailSettingWrong)
    return f"[red]{escape(str(error))}[/]" if wrong else None
