"""`soundings invite`: ask contacts, by mail or with links to hand over, or look at it first."""

from typing import Annotated, Literal

import typer

from app.cli.opening import OrganisationKey, database, naming_options, tenant
from surveys.facts import Malformed, Refused


def invite(
    *,
    survey: Annotated[str, typer.Option(help="Key of the survey.")],
    organisation: OrganisationKey = None,
    contacts: Annotated[
        str, typer.Option(help="Refs, separated by commas, or 'all' of the survey's audience.")
    ] = "all",
    touchpoint: Annotated[str | None, typer.Option(help="Key of the touchpoint the question is about.")] = None,
    deliver: Annotated[str, typer.Option(help="email, or link to print one link per contact.")] = "email",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count who would be invited and store nothing.")] = False,
    to: Annotated[str | None, typer.Option(help="Send only a test mail, to this address, and store nothing.")] = None,
) -> None:
    """Invite contacts; the last line counts them, and those withheld by reason. Mail is sent by the worker."""
    if to is not None:
        _send_test(to, organisation, survey, touchpoint)
        return
    refs = [ref for part in contacts.split(",") if (ref := part.strip())]
    if not refs:
        raise Malformed("--contacts", "it names nobody; give refs separated by commas, or 'all'.")
    _ask("all" if refs == ["all"] else refs, organisation, survey, touchpoint, deliver=deliver, stores=not dry_run)


def _ask(
    contacts: "list[str] | Literal['all']",
    organisation: str | None,
    survey: str,
    touchpoint: str | None,
    *,
    deliver: str,
    stores: bool,
) -> None:
    from app import clock
    from app.settings import Settings
    from surveys import links
    from surveys.fieldwork import invitations

    settings = Settings()
    secret = settings.secrets[0]  # raises before anybody is invited with a link that could not be signed
    with naming_options(), database() as opened, opened.writing() as session:
        number = tenant(session, organisation).id
        issued = invitations.invite(
            session, number, survey, contacts=contacts, touchpoint=touchpoint, deliver=deliver, now=clock.now()
        )
        if not stores:
            session.rollback()
    for ref, id_ in issued.ids.items() if stores else ():
        typer.echo(f"{ref}\t{settings.base_url}/s/{links.sign(secret, 'answer', number, id_)}")
    reasons = "".join(f", {reason} {count}" for reason, count in issued.withheld.items() if count)
    if not stores:
        typer.echo("dry run, nothing is stored and no mail is sent; this would be:")
    typer.echo(f"invited {issued.invited}, withheld {sum(issued.withheld.values())}{reasons}")


def _send_test(address: str, organisation: str | None, survey: str, touchpoint: str | None) -> None:
    from app import clock
    from app.mail.delivery import Delivery
    from app.mail.handover import MailRefused, ServerTrouble
    from app.mail.transports import transport
    from app.mail.trial import trial
    from app.settings import Settings

    settings = Settings()
    with naming_options(), database() as opened, transport(settings.mail) as way:
        with opened.reading() as session:
            owner = tenant(session, organisation)
            mail = trial(session, owner, survey, touchpoint=touchpoint, email=address, now=clock.now())
        try:
            Delivery(opened, settings, way, clock.now).send(mail)
        except (MailRefused, ServerTrouble) as error:
            raise Refused(f"The test mail did not go out: {error}") from None
    where = settings.mail.removeprefix("folder:")
    typer.echo(f"A test mail to {address} {'went out' if where == settings.mail else f'is in {where}'}.")
    typer.echo("Nothing is stored, and its links open nothing.")
