"""Tables of a wave report: by wave, by unit with those counted together, and by segment."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from analytics.reports.metrics import Item
from analytics.reports.names import Names
from app.pages.managers.sections import headlines, tables
from app.pages.managers.sections.tables import Row, Table
from app.pages.managers.visits import Visit
from app.phrases import waves
from app.phrases.speech import Speech
from surveys.tables import Wave

DEEPEST = 5


def by_wave(visit: Visit, items: Sequence[Item], *, rates: bool) -> Table:
    """The released waves, the last one first."""
    speech = visit.speech
    rows = [
        Row(item["period"], tables.score(speech, item, rates=rates), remark=_day(speech, item))
        for item in reversed(items)
    ]
    heads = tables.columns(speech, speech.gettext("Wave"), visit.figure, rates=rates)
    return Table(speech.gettext("%(figure)s by wave", figure=visit.figure), heads, rows)


def _day(speech: Speech, item: Item) -> str:
    return headlines.in_words(speech, date.fromisoformat(item["starts_on"]))


def by_unit(visit: Visit, known: Names, wave: Wave, items: Sequence[Item], *, rates: bool) -> Table:
    """The units as a tree, each before what lies below it, and beneath it those counted under its own name."""
    speech = visit.speech
    rows = []
    for item in items:
        rows.append(_unit(visit, known, wave, item, rates=rates))
        if item["own"]:
            cells = tables.score(speech, item["own"], rates=rates)
            rows.append(Row(_own(visit, known, item), cells, kind=_depth(item["depth"] + 1)))
    heads = tables.columns(speech, speech.gettext("Unit"), visit.figure, rates=rates)
    return Table(speech.gettext("%(figure)s by unit", figure=visit.figure), heads, rows, kind="tree")


def _unit(visit: Visit, known: Names, wave: Wave, item: Item, *, rates: bool) -> Row:
    speech, cells, kind = visit.speech, tables.score(visit.speech, item, rates=rates), _depth(item["depth"])
    if item["unit"] is None:
        alone = item["parts"] == [None]
        return Row(known.label({"unit": None}) if alone else _together(visit, known, item["parts"]), cells, kind=kind)
    remark = waves.without(speech, known, item)
    if not remark and item["suppressed"] and not item["responses"]:
        remark = waves.together(speech, known, item)
    link = "/report?" + urlencode({"survey": visit.key or "", "wave": wave.key, "unit": item["unit"]})
    return Row(known.label({"unit": item["unit"]}), cells, remark=remark, link=link, kind=kind)


def _own(visit: Visit, known: Names, item: Item) -> str:
    if len(item["parts"]) > 1:
        return _together(visit, known, item["parts"])
    return visit.speech.gettext("%(unit)s alone", unit=waves.units(visit.speech, known, item["parts"]))


def _together(visit: Visit, known: Names, parts: Sequence[str | None]) -> str:
    return visit.speech.gettext("%(units)s, together", units=waves.units(visit.speech, known, parts))


def _depth(depth: int) -> str:
    return f"depth-{min(depth, DEEPEST)}"


def by_segment(visit: Visit, known: Names, name: str, items: Sequence[Item], *, rates: bool) -> Table:
    """The values of a segment; those counted with others stand together."""
    speech = visit.speech
    rows = [
        Row(
            speech.gettext("others, not shown apart") if None in item["group"].values() else known.label(item["group"]),
            tables.score(speech, item, rates=rates),
        )
        for item in items
    ]
    heads = tables.columns(speech, name.capitalize(), visit.figure, rates=rates)
    return Table(speech.gettext("%(figure)s by %(segment)s", figure=visit.figure, segment=name), heads, rows)
