"""Participation: how many have answered in a wave that is open, on the report of its survey."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from analytics.reports.names import Names
from app import languages
from app.pages.managers.sections.tables import Cell, Row, Table
from app.pages.managers.visits import Visit
from app.phrases import waves
from surveys.anonymity import participation, roll
from surveys.tables import Wave


@dataclass(frozen=True, slots=True)
class Section:
    """An open wave: until when, how many have answered, and by unit."""

    lead: list[str]
    table: Table | None


def sections(session: Session, visit: Visit, opened: Sequence[Wave], known: Names) -> list[Section]:
    """The open waves; groups of ten invited or more only, as they were counted last, a day ago or less."""
    return [_section(session, visit, wave, known) for wave in opened]


def _section(session: Session, visit: Visit, wave: Wave, known: Names) -> Section:
    speech, groups = visit.speech, participation.participation(session, wave, visit.caller.unit_key)
    until, whole_day = languages.deadline(wave.closes_at, speech.language, visit.caller.time_zone)
    lead = [
        speech.gettext("A wave is open until the end of %(day)s; no score is shown before it closes.", day=until)
        if whole_day
        else speech.gettext("A wave is open until %(time)s; no score is shown before it closes.", time=until)
    ]
    if (people := roll.of(session, wave)) is not None:
        lead += waves.people(speech, wave, people)
    if not groups:
        lead.append(speech.gettext("How many have answered shows for groups of ten or more invited people."))
        return Section(lead, None)
    answered, invited = (sum(getattr(group, name) for group in groups) for name in ("answered", "invited"))
    lead.append(
        speech.ngettext(
            "Up to the last count %(answered)s of %(num)s invited person had answered.",
            "Up to the last count %(answered)s of %(num)s invited people had answered.",
            invited, answered=speech.number(answered),
        )
    )  # fmt: skip
    heads = [speech.gettext("Unit"), speech.gettext("Answered"), speech.gettext("Invited"), speech.gettext("Share")]
    rows = [
        Row(known.label({"unit": group.unit}), [
            Cell(speech.number(group.answered)), Cell(speech.number(group.invited)),
            Cell(languages.percent_in_words(100 * group.answered / group.invited, speech.language)),
        ])
        for group in groups
    ]  # fmt: skip
    caption = speech.gettext("Who has answered, by unit")
    return Section(lead, Table(caption, heads, rows) if len(groups) > 1 else None)
