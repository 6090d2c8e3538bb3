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
        differences = tallies.check(session, organisations.by_key(session, organisation).id)
    _print(differences)
    typer.echo(f"{len(differences)} tallies differ from the recount of their responses")
    raise typer.Exit(1 if differences else 0)


@app.command()
def repair(organisation: OrganisationKey) -> None:
    """Bring the tallies in step with the responses."""
    with writing() as session:
        differences = tallies.repair(session, organisations.by_key(session, organisation).id)
    _print(differences)
    typer.echo(f"{len(differences)} tallies repaired")


def _print(differences: list[Difference]) -> None:
    if not differences:
        return
    table = Table("table", "cell", "from", "tally", "recount")
    for d in differences[:20]:
        table.add_row(d.table, d.cell_id.hex, d.starts_on.isoformat(), _counts(d.tally), _counts(d.recount))
    Console().print(table)


def _counts(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))
