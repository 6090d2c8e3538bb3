"""`soundings tallies`: are the counts what the responses say?"""

from typing import TYPE_CHECKING

import typer

from app.cli.opening import OrganisationKey, reading, tenant, writing

if TYPE_CHECKING:
    from surveys.responses.tallies import Difference

app = typer.Typer(no_args_is_help=True, help="Recount the responses, and repair tallies that differ.")


@app.command()
def check(organisation: OrganisationKey = None) -> None:
    """Recount every response; exit code 1 where a tally differs."""
    from surveys.responses import tallies

    with reading() as session:
        differences = tallies.check(session, tenant(session, organisation).id)
    _print(differences)
    typer.echo(f"{len(differences)} tallies differ from the recount of their responses")
    raise typer.Exit(1 if differences else 0)


@app.command()
def repair(organisation: OrganisationKey = None) -> None:
    """Bring the tallies in step with the responses."""
    from surveys.responses import tallies

    with writing() as session:
        differences = tallies.repair(session, tenant(session, organisation).id)
    _print(differences)
    typer.echo(f"{len(differences)} tallies repaired")


def _print(differences: list["Difference"]) -> None:
    if not differences:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("table", "cell", "from", "tally", "recount")
    for d in differences[:20]:
        table.add_row(d.table, d.cell_id.hex, d.starts_on.isoformat(), _counts(d.tally), _counts(d.recount))
    Console().print(table)


def _counts(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))
