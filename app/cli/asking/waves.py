"""`soundings wave`: rounds of a survey."""

from typing import Annotated

import typer

from app.cli.opening import OrganisationKey, tenant, writing
from surveys.facts import Refused

app = typer.Typer(no_args_is_help=True, help="Waves: dated rounds of a survey.")


@app.callback()
def group() -> None:
    """Keep `forget` a command of its own."""


@app.command()
def forget(
    key: Annotated[str, typer.Argument(help="Key of an anonymous wave that has closed.")],
    *,
    organisation: OrganisationKey = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; nothing of it can be brought back.")] = False,
) -> None:
    """Drop who took part in a wave, and all that was answered in it; how many were asked and answered stays."""
    from app import clock
    from surveys.anonymity import forgetting
    from surveys.fieldwork import waves

    if not yes:
        raise Refused(f"All that '{key}' holds of who took part and what they answered would go. Say so with --yes.")
    with writing() as session:
        wave = waves.get(session, tenant(session, organisation).id, key)
        gone = forgetting.forget(session, wave, clock.now())
    typer.echo(
        f"Gone of '{key}': {gone.participants} participants, {gone.former_people} former people, {gone.scores} scores, "
        f"{gone.comments} comments, {len(gone.baselines)} baselines ({', '.join(gone.baselines) or 'none'})."
    )
