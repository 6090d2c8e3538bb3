"""The command `soundings`: what an administrator does on one machine."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from app.cli import (
    contacts,
    demo,
    doctor,
    imports,
    invite,
    keys,
    organisations,
    report,
    sample_size,
    serving,
    tallies,
    working,
)  # fmt: skip
from app.mail.handover import MailSettingWrong
from app.settings import SecretMissing
from surveys.facts import Fact, Malformed

app = typer.Typer(
    name="soundings",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Measures NPS among customers and eNPS among staff, and tells honestly what changed.",
)
app.add_typer(organisations.app, name="organisation")
app.add_typer(keys.app, name="key")
app.add_typer(tallies.app, name="tallies")
app.add_typer(contacts.app, name="contacts")
app.add_typer(imports.app, name="import")
for command in (
    demo.demo, serving.migrate, serving.serve, working.worker, working.bounce, invite.invite, report.report,
    doctor.doctor, sample_size.sample_size,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """Run one command; what is wrong stands in one line on standard error, with exit code 2."""
    console = Console(stderr=True)
    try:
        app()
    except Malformed as fact:
        console.print(f"[red]{escape(fact.field)}[/]: {escape(fact.message)}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except (Fact, SecretMissing, MailSettingWrong) as fact:
        console.print(escape(str(fact)), style="red", highlight=False, soft_wrap=True)
        sys.exit(2)
