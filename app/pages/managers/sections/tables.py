"""Tables: the figures of a page in rows of ready words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from analytics.reports.metrics import Item
from app.phrases import changes, estimates
from app.phrases.speech import Speech

NO_REMARK = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell; `small` follows it in small type, `kind` is its class, `lang` its language."""

    text: str
    small: str = ""
    kind: str = ""
    span: int = 1
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The name of a row with a remark and a link, and its cells; `kind` is its class."""

    name: str
    cells: list[Cell]
    remark: str = NO_REMARK
    link: str | None = None
    kind: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption, a column for the names and one for each cell; `kind` is its class."""

    caption: str
    columns: list[str]
    rows: list[Row]
    kind: str = ""


def columns(speech: Speech, first: str, figure: str, *, rates: bool, verdict: str | None = None) -> list[str]:
    """The heads of a table of scores; the verdict, where there is one, is the second."""
    heads = [first, *([verdict] if verdict else []), figure, speech.gettext("Interval"), speech.gettext("Answers")]
    return [*heads, speech.gettext("Answered of those invited")] if rates else heads


def score(speech: Speech, item: Item, *, rates: bool) -> list[Cell]:
    """The cells of a score: points, interval, answers, and with `rates` how many answered of those invited."""
    rate = [Cell(estimates.rate(speech, item))] if rates else []
    said = estimates.instead(speech, item)
    if said:
        answers = speech.number(item["responses"]) if item["responses"] else speech.points(None)
        return [Cell(said, kind="few", span=2), Cell(answers), *rate]
    if item["low"] is None:
        few = Cell(estimates.interval(speech, item), kind="few", span=2)
        return [few, Cell(speech.number(item["responses"])), *rate]
    hint = speech.gettext("a hint") if item["indicative"] else ""
    interval = Cell(estimates.interval(speech, item), small=hint)
    return [Cell(speech.points(item["nps"])), interval, Cell(speech.number(item["responses"])), *rate]


def change(
    speech: Speech, caption: str, items: Sequence[Item], name: Callable[[Item], str],
    remark: Callable[[Item], str] = lambda _: NO_REMARK,
) -> Table:  # fmt: skip
    """What changed since a baseline per group, the verdict first."""
    _ = speech.gettext
    heads = [_("Group"), _("Verdict"), _("Baseline"), _("Now"), _("Change"), _("Interval of the change")]
    rows = [Row(name(item), _change(speech, item), remark=remark(item)) for item in items]
    return Table(caption, heads, rows, kind="changes")


def _change(speech: Speech, item: Item) -> list[Cell]:
    sides = [
        Cell(estimates.score(speech, side), small=f"n = {speech.number(side['responses'])}")
        for side in (item["baseline"], item["current"])
    ]
    verdict = Cell(changes.verdict(speech, item), kind=f"verdict {item['verdict'].replace(' ', '-')}")
    if item["low_always"] is None:
        return [verdict, *sides, Cell(speech.points(None)), Cell(speech.points(None))]
    ends = {"low": speech.change(item["low_always"]), "high": speech.change(item["high_always"])}
    interval = Cell(speech.gettext("%(low)s to %(high)s", **ends))
    return [verdict, *sides, Cell(speech.change(item["change"])), interval]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture that a script draws anew: its place on the page, what it shows in words, and its figure."""

    name: str
    label: str
    pictures: list[str] = field(default_factory=list)
