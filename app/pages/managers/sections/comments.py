"""Comments: what people wrote, on the report of their survey."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from analytics.counts.query import Query
from analytics.reports import names
from app.feeds import rows, unlinked
from app.pages.folds import fold
from app.pages.managers.sections import headlines
from app.pages.managers.visits import Visit
from app.phrases import groups
from surveys.tables import Wave

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Comment:
    """The words, a long `rest` of which is folded, and in small type beneath them what is known of them."""

    text: str
    rest: str = ""
    beneath: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The comments on top, those that a reader opens, and what to know of them."""

    lead: str
    shown: list[Comment] = field(default_factory=list)
    more_title: str = ""
    more: list[Comment] = field(default_factory=list)


def section(session: Session, visit: Visit, asked: Query) -> Section:
    """The newest comments of a confidential survey, each with its score, day and touchpoint."""
    speech = visit.speech
    chosen = rows.chosen(session, asked, contact=False, comments=True)
    items, _ = rows.page(session, chosen, SHOWN, None)
    if not items:
        return Section(speech.gettext("Nobody has written a comment yet."))
    known = names.names(session, asked, groups.naming(speech))
    lead = speech.ngettext("The last comment.", "The last %(num)s comments, the newest first.", len(items))
    return Section(lead, [_comment(visit, known, item) for item in items])


def _comment(visit: Visit, known: names.Names, item: dict[str, Any]) -> Comment:
    speech = visit.speech
    day = headlines.in_words(speech, item["day"])
    values = {"score": item["score"], "day": day}
    if item["touchpoint"] is None:
        beneath = speech.gettext("%(score)s of 10, %(day)s", **values)
    else:
        touchpoint = known.label({"touchpoint": item["touchpoint"]})
        beneath = speech.gettext("%(score)s of 10, %(touchpoint)s, %(day)s", touchpoint=touchpoint, **values)
    return Comment(*fold(item["comment"]), beneath, item["locale"])


def of_wave(session: Session, visit: Visit, asked: Query, wave: Wave) -> Section:
    """The comments that a wave released, shuffled; none where a filter would slice them further than their rules."""
    speech = visit.speech
    if asked.channels or asked.locales or asked.segments:
        return Section(speech.gettext("Comments are shown by wave and unit only, not by what is chosen here."))
    texts = unlinked.words(session, asked)
    if not texts:
        return Section(
            speech.gettext(
                "There are no comments to show. They come only from groups in which %(floor)s people or more answered.",
                floor=wave.comment_floor,
            )
        )
    lead = speech.ngettext(
        "%(num)s comment of the wave “%(wave)s”. It comes without score, day and name, and only from groups in which "
        "%(floor)s people or more answered.",
        "%(num)s comments of the wave “%(wave)s”, shuffled. They come without score, day and name, and only from "
        "groups in which %(floor)s people or more answered.",
        len(texts), wave=wave.key, floor=wave.comment_floor,
    )  # fmt: skip
    comments = [Comment(*fold(text)) for text in texts]
    more = len(texts) - SHOWN
    title = speech.ngettext("%(num)s more", "%(num)s more", more) if more > 0 else ""
    return Section(lead, comments[:SHOWN], title, comments[SHOWN:])
