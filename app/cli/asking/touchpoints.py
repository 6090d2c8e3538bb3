"""`soundings touchpoint`: where people meet the organisation."""

from typing import Annotated

import typer

from app.cli.opening import OrganisationKey, naming_options, tenant, writing
from surveys.facts import Malformed, Refused

app = typer.Typer(no_args_is_help=True, help="Touchpoints: where people meet the organisation.")


@app.callback()
def group() -> None:
    """Keep `create` a command of its own."""


@app.command()
def create(
    key: Annotated[str, typer.Argument(help="Slug, such as phone.")],
    *,
    name: Annotated[str, typer.Option(help="Name that respondents see.")],
    organisation: OrganisationKey = None,
    audience: Annotated[str, typer.Option(help="customers or staff.")] = "customers",
    promise: Annotated[str, typer.Option(help="What a good experience is there.")] = "",
    target_nps: Annotated[float | None, typer.Option(min=-100, max=100, help="Points to reach.")] = None,
    unit: Annotated[str | None, typer.Option(help="Key of the unit that answers for it.")] = None,
) -> None:
    """Make a touchpoint."""
    from surveys.organisation import touchpoints
    from surveys.tables import Touchpoint

    if audience not in ("customers", "staff"):
        raise Malformed("--audience", "customers or staff is wanted.")
    with naming_options("key"), writing() as session:
        owner = tenant(session, organisation)
        if session.get(Touchpoint, (owner.id, key)) is not None:
            raise Refused(f"There is a touchpoint '{key}' already.")
        touchpoints.put(
            session, owner.id, key, name=name, audience=audience, promise=promise, target_nps=target_nps, unit_key=unit
        )
    typer.echo(f"Touchpoint '{key}' is made.")
