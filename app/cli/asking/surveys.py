"""`soundings survey`: what is asked."""

from typing import Annotated, Literal

import typer

from app.cli.opening import OrganisationKey, naming_options, tenant, writing
from surveys.facts import Malformed, Refused, Unknown

app = typer.Typer(no_args_is_help=True, help="Surveys: what is asked.")


@app.callback()
def group() -> None:
    """Keep `create` a command of its own."""


@app.command()
def create(
    key: Annotated[str, typer.Argument(help="Slug, such as nps.")],
    *,
    organisation: OrganisationKey = None,
    template: Annotated[str, typer.Option(help="nps, nps-touchpoint or enps: the questions to ask.")] = "nps",
    name: Annotated[str | None, typer.Option(help="Name on your reports; the template's if left out.")] = None,
    address: Annotated[
        Literal["formal", "informal"] | None, typer.Option(help="Sie or du, u or je; staff informally if left out.")
    ] = None,
    segment: Annotated[list[str] | None, typer.Option(help="Contact attribute to slice by; repeatable.")] = None,
    rest_days: Annotated[int, typer.Option(min=0, max=3650, help="Days after which anybody is asked again.")] = 30,
    edit_hours: Annotated[int, typer.Option(min=0, max=8760, help="Hours in which an answer may be changed.")] = 48,
    expires_days: Annotated[int, typer.Option(min=1, max=3650, help="Days for which a link works.")] = 30,
) -> None:
    """Make a survey from a template of the library."""
    from app import clock
    from surveys.questionnaire import definitions, library

    try:
        chosen = library.template(template, address)
    except Unknown:
        keys = ", ".join(known.key for known in library.templates())
        raise Malformed("--template", f"'{template}' is none; there are {keys}.") from None
    columns = {
        "template": chosen.key, "name": name or chosen.name, "audience": chosen.audience, "mode": chosen.mode,
        "address": chosen.address, "segments": segment or [],
        "rest_days": rest_days, "edit_hours": edit_hours, "expires_days": expires_days,
    }  # fmt: skip
    with naming_options("key"), writing() as session:
        owner = tenant(session, organisation)
        if any(survey.key == key for survey in definitions.listed(session, owner.id)):
            raise Refused(f"There is a survey '{key}' already.")
        definitions.put(session, owner.id, key, columns=columns, questions=chosen.questions, now=clock.now())
    typer.echo(f"Survey '{key}' is made: {chosen.mode}, for {chosen.audience}, in {', '.join(chosen.locales)}.")
