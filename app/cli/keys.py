"""`soundings key`: API keys, for when nobody has one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from app import clock
from app.access import keys
from app.cli.opening import OrganisationKey, writing
from surveys.organisation import organisations

app = typer.Typer(no_args_is_help=True, help="API keys.")


@app.command()
def create(
    organisation: OrganisationKey,
    role: Annotated[str, typer.Option(help="owner, analyst, sender, manager or reader.")],
    unit: Annotated[str | None, typer.Option(help="For a manager: the unit that bounds what is seen.")] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day it works.")] = None,
) -> None:
    """Make a key and print it, once."""
    with writing() as session:
        tenant = organisations.by_key(session, organisation)
        last_day = expires_on.date() if expires_on else None
        key, text = keys.create(
            session, tenant.id, role=role, unit=unit, name=name, expires_on=last_day, now=clock.now()
        )
    typer.echo(f"Key {key.id} is made. It is shown once; keep it safe.")
    typer.echo(f"{role} key: {text}")


@app.command()
def revoke(organisation: OrganisationKey, key_id: Annotated[UUID, typer.Argument(help="Id of the key.")]) -> None:
    """Refuse a key from now on."""
    with writing() as session:
        keys.revoke(session, organisations.by_key(session, organisation).id, key_id, clock.now())
    typer.echo(f"Key {key_id} is revoked.")
