"""`soundings organisation`: the tenants of this installation."""

from typing import Annotated

import typer

from app.cli.opening import reading, tenants, writing

app = typer.Typer(no_args_is_help=True, help="The organisations of this installation.")


@app.command()
def create(
    key: Annotated[str, typer.Argument(help="Slug, such as fjord-ferries.")],
    name: Annotated[str, typer.Option(help="Name that respondents see.")],
    time_zone: Annotated[str, typer.Option(help="IANA zone; days are calendar days there.")] = "UTC",
    locale: Annotated[str, typer.Option(help="Language tag used where a contact has none.")] = "en",
) -> None:
    """Make an organisation and print its owner's key, once."""
    from app import clock
    from app.access import keys
    from surveys.organisation import organisations

    with writing() as session:
        made = organisations.create(session, key, name=name, time_zone=time_zone, locale=locale, now=clock.now())
        _, text = keys.create(session, made.id, role="owner", name="first owner", now=clock.now())
    typer.echo(f"Organisation '{key}' is made. This key is shown once; keep it safe.")
    typer.echo(f"owner key: {text}")


@app.command("list")
def list_organisations() -> None:
    """Print key, name, time zone and language of each organisation, with tabs between them."""
    with reading() as session:
        for organisation in tenants(session):
            typer.echo("\t".join((organisation.key, organisation.name, organisation.time_zone, organisation.locale)))
