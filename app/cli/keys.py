"""`soundings key`: API keys, for when nobody has one."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.opening import OrganisationKey, reading, tenant, writing

if TYPE_CHECKING:
    from surveys.tables import ApiKey

app = typer.Typer(no_args_is_help=True, help="API keys.")


@app.command()
def create(
    role: Annotated[str, typer.Option(help="owner, analyst, sender, manager or reader.")],
    organisation: OrganisationKey = None,
    unit: Annotated[str | None, typer.Option(help="For a manager: the unit that bounds what is seen.")] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day it works.")] = None,
) -> None:
    """Make a key and print it, once."""
    from app import clock
    from app.access import keys

    with writing() as session:
        owner = tenant(session, organisation)
        last_day = expires_on.date() if expires_on else None
        key, text = keys.create(
            session, owner.id, role=role, unit=unit, name=name, expires_on=last_day, now=clock.now()
        )
    typer.echo(f"Key {key.id} is made. It is shown once; keep it safe.")
    typer.echo(f"{role} key: {text}")


@app.command("list")
def list_keys(organisation: OrganisationKey = None) -> None:
    """Print id, role, state and name of each key, the oldest first, with tabs between them."""
    from sqlmodel import col, select

    from app import clock
    from surveys.organisation.organisations import day_of
    from surveys.tables import ApiKey

    with reading() as session:
        owner = tenant(session, organisation)
        today = day_of(clock.now(), owner.time_zone)
        own = select(ApiKey).where(col(ApiKey.organisation_id) == owner.id).order_by(col(ApiKey.id))
        for key in session.exec(own):
            role = f"{key.role} of {key.unit_key}" if key.unit_key else key.role
            typer.echo("\t".join((str(key.id), role, _state(key, today), key.name)))


def _state(key: "ApiKey", today: date) -> str:
    if key.revoked_at is not None:
        return f"revoked on {key.revoked_at:%Y-%m-%d}"
    if key.expires_on is None:
        return "works"
    return f"{'expired after' if key.expires_on < today else 'works until'} {key.expires_on}"


@app.command()
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="Id of the key.")],
    organisation: OrganisationKey = None,
) -> None:
    """Refuse a key from now on."""
    from app import clock
    from app.access import keys

    with writing() as session:
        keys.revoke(session, tenant(session, organisation).id, key_id, clock.now(), last_owner_too=True)
    typer.echo(f"Key {key_id} is revoked.")
