"""`soundings invite`: ask contacts, by mail or with links to hand over."""

from typing import Annotated

import typer

from app import clock
from app.cli.opening import OrganisationKey, writing
from app.settings import Settings
from surveys import links
from surveys.facts import Malformed
from surveys.fieldwork import invitations
from surveys.organisation import organisations


def invite(
    organisation: OrganisationKey,
    survey: Annotated[str, typer.Option(help="Key of the survey.")],
    contacts: Annotated[
        str, typer.Option(help="Refs, separated by commas, or 'all' of the survey's audience.")
    ] = "all",
    touchpoint: Annotated[str | None, typer.Option(help="Key of the touchpoint the question is about.")] = None,
    deliver: Annotated[str, typer.Option(help="email, or link to print one link per contact.")] = "email",
) -> None:
    """Invite contacts; the last line counts them, and those withheld by reason. Mail is sent by the worker."""
    settings = Settings()
    secret = settings.secrets[0]  # raises before anybody is invited with a link that could not be signed
    refs = [ref for part in contacts.split(",") if (ref := part.strip())]
    if not refs:
        raise Malformed("--contacts", "it names nobody; give refs separated by commas, or 'all'.")
    try:
        with writing() as session:
            tenant = organisations.by_key(session, organisation)
            issued = invitations.invite(
                session, tenant.id, survey, contacts="all" if refs == ["all"] else refs, touchpoint=touchpoint,
                deliver=deliver, now=clock.now(),
            )  # fmt: skip
    except Malformed as fact:
        raise Malformed(f"--{fact.field}", fact.message) from None
    for ref, id_ in issued.ids.items():
        typer.echo(f"{ref}\t{settings.base_url}/s/{links.sign(secret, 'answer', tenant.id, id_)}")
    reasons = "".join(f", {reason} {count}" for reason, count in issued.withheld.items() if count)
    typer.echo(f"invited {issued.invited}, withheld {sum(issued.withheld.values())}{reasons}")
