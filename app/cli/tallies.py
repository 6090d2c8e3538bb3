"""`soundings tallies`: are the counts what the responses say?"""

import typer
from rich.console import Console
from rich.table import Table

from app.cli.opening import OrganisationKey, reading, writing
from surveys.organisation import organisations
from surveys.responses import tallies
from surveys.responses.tallies import Difference

app = typer.Typer(no_args_is_help=True, help="Recount the responses, and repair tallies that differ.")


@app.command()
def check(organisation: OrganisationKey) -> None:
    """Recount every response; exit code 1 where a tally differs."""
    with reading() as session:
        found = tallies.check(session, organisations.by_key(session, organisation).id)
    _print(found)
    typer.echo(f"{len(found)} tallies differ from the recount of their responses")
    raise typer.Exit(1 if found else 0)


@app.command()
def repair(organisation: OrganisationKey) -> None:
    """Bring the tallies in step with the responses."""
    with writing() as session:
        found = tallies.repair(session, organisations.by_key(session, organisation).id)
    _print(found)
    typer.echo(f"{len(found)} tallies repaired")


def _print(found: list[Difference]) -> None:
    if not found:
        return
    table = Table("table", "cell", "from", "tally", "recount")
    for d in found[:20]:
        table.add_row(d.table, d.cell_id.hex, d.starts_on.isoformat(), _counts(d.tally), _counts(d.recount))
    Console().print(table)


def _counts(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))
