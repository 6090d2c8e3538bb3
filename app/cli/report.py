"""`soundings report`: scores in the terminal."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.cli.opening import OrganisationKey, reading, tenant
from surveys.facts import Malformed

if TYPE_CHECKING:
    from analytics.reports.names import Names

PIPE_WIDTH = 160
COUNTS = ("responses", "promoters", "passives", "detractors")


def report(
    organisation: OrganisationKey = None,
    survey: Annotated[list[str] | None, typer.Option(help="Key of a survey; repeatable, else all of them.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Up to two of touchpoint,unit,channel,locale,wave,segment.NAME.")
    ] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = None,
) -> None:
    """Show the NPS (eNPS of staff) with its interval, the counts and the response rate, per group and in all."""
    # Reports bring pandas along, which the other commands should not wait for.
    from analytics.counts import query
    from analytics.reports import names
    from analytics.reports import scores as reports
    from app.phrases import groups
    from app.phrases.speech import ENGLISH

    days = [(name, f"{day:%Y-%m-%d}") for name, day in (("from", from_), ("to", to)) if day]
    asked = [*(("survey", key) for key in survey or []), *([("by", by)] if by else []), *days]
    with reading() as session:
        try:
            parsed = query.parse(session, tenant(session, organisation).id, asked)
            items, total = reports.scores(session, parsed)
        except Malformed as fact:
            raise Malformed(f"--{fact.field}", fact.message) from None
        known = names.names(session, parsed, groups.naming(ENGLISH))
    _print(items, total, known, by)


def _print(items: list[dict[str, Any]], total: dict[str, Any], known: "Names", by: str | None) -> None:
    from app.phrases.speech import ENGLISH

    _ = ENGLISH.gettext
    console = Console()
    console = console if console.is_terminal else Console(width=PIPE_WIDTH)
    beside = [_("Interval").lower(), "n", _("promoters"), _("passives"), _("detractors"), _("response rate")]
    table = Table(by or "", known.figure, *beside, show_footer=False)
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for item in items if by else []:
        table.add_row(known.label(item["group"]), *_figures(item))
    table.add_section()
    table.add_row(_("all"), *_figures(total))
    console.print(table)
    if any(item["indicative"] for item in [*items, total]):
        console.print("* " + _("fewer than 30 answers: a hint, not a measurement; below 5 there is no interval"))


def _figures(item: dict[str, Any]) -> tuple[str, ...]:
    from app.phrases import estimates
    from app.phrases.speech import ENGLISH

    _ = ENGLISH.gettext
    rate, invited = item["response_rate_percent"], item["invited"]
    return (
        _score(item),
        "" if item["low"] is None else estimates.span(ENGLISH, item["low"], item["high"]),
        *("" if item[name] is None else str(item[name]) for name in COUNTS),
        ""
        if rate is None
        else ENGLISH.gettext("%(percent)s %% of %(invited)s", percent=f"{rate:.1f}", invited=invited),
    )


def _score(item: dict[str, Any]) -> str:
    from app.phrases import estimates
    from app.phrases.speech import ENGLISH

    if item["suppressed"]:
        nearly_all = estimates.instead(ENGLISH, item) if item["at_least_percent"] else None
        return nearly_all or ENGLISH.gettext("with others")
    return "" if item["nps"] is None else f"{item['nps']:.1f}{'*' if item['indicative'] else ''}"
