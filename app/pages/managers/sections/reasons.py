"""Reasons: the questions and the words that go together with a score."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.reports.metrics import Item
from app.pages.managers.sections.tables import Cell, Row, Table
from app.pages.managers.visits import Visit
from app.phrases import charts
from app.phrases import drivers as phrases
from app.phrases.speech import Speech


@dataclass(frozen=True, slots=True)
class Section:
    """What there is to say, how to read the picture, and the table; without one there is nothing to draw."""

    lead: list[str]
    reading: list[str]
    table: Table | None


def of_drivers(visit: Visit, items: Sequence[Item], whole: Item) -> Section:
    """The further questions on a scale, each with what it shares with the score."""
    _ = visit.speech.gettext
    if not items:
        said = _("This survey asks no further question on a scale.")
        if visit.mode == "anonymous":
            said = _("An anonymous survey asks the score and a comment, nothing else.")
        return Section([said], [], None)
    heads = [
        _("Question"), _("Mean, 1 to 5"), _("Correlation"), _("Interval"), _("Importance, %"), _("Answers"),
    ]  # fmt: skip
    table = Table(_("Questions and the score"), heads, [_driver(visit.speech, item) for item in items])
    reading = [
        _("A correlation near 1: who answers higher on the question also scores higher. Near 0: no connection."),
        phrases.wording(visit.speech, whole),
    ]
    return Section([_("Associated with the score, which is not the same as causing it.")], reading, table)


def _driver(speech: Speech, item: Item) -> Row:
    interval = speech.gettext("too few answers")
    if item["low"] is not None:
        ends = {"low": speech.decimal(item["low"], 2), "high": speech.decimal(item["high"], 2)}
        interval = speech.gettext("%(low)s to %(high)s", **ends)
    cells = [
        speech.decimal(item["mean"], 2), speech.decimal(item["correlation"], 2), interval,
        speech.decimal(item["importance_percent"], 0), speech.number(item["n"]),
    ]  # fmt: skip
    return Row(item["text"], [Cell(text) for text in cells])


def of_words(visit: Visit, terms: Sequence[Item], read: Item) -> Section:
    """The words of detractors and promoters, each with a comment that holds it."""
    speech = visit.speech
    _ = speech.gettext
    if visit.mode == "anonymous":
        said = _(
            "Score and comment of an anonymous survey are separated when its wave closes, so no word can be set apart "
            "as that of promoters or detractors. The comments themselves stand on the report."
        )
        return Section([said], [], None)
    if not read["comments"]:
        return Section([_("Nobody has written a comment yet.")], [], None)
    if not terms:
        said = speech.ngettext(
            "%(num)s comment so far: no word is yet written clearly more often by one side than by the other.",
            "%(num)s comments so far: no word is yet written clearly more often by one side than by the other.",
            read["comments"],
        )
        return Section([said], [], None)
    lead = speech.ngettext(
        "Words that one side writes more often than the other, from %(num)s comment.",
        "Words that one side writes more often than the other, from %(num)s comments.",
        read["comments"],
    )
    sides = charts.texts(speech).names.sides
    heads = [_("Word"), _("Written more by"), sides["detractors"], sides["promoters"], _("For example")]
    table = Table(_("Words of detractors and promoters"), heads, [_word(speech, term) for term in terms])
    return Section([lead], [_("Each word counts once a comment, and only from five comments on.")], table)


def _word(speech: Speech, term: Item) -> Row:
    cells = [
        Cell(charts.texts(speech).names.sides[term["side"]]), Cell(speech.number(term["detractors"])),
        Cell(speech.number(term["promoters"])),
        Cell(term["examples"][0] if term["examples"] else "", kind="words", lang=term["language"]),
    ]  # fmt: skip
    return Row(term["term"], cells, lang=term["language"])
