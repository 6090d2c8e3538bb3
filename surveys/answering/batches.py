"""Batches: answers that an organisation's own system hands over, each stored or refused by its row."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from surveys.facts import Malformed, Refused
from surveys.organisation import organisations, touchpoints, units
from surveys.questionnaire import definitions
from surveys.refusals import Refusal, past_instant
from surveys.responses import cells, responses
from surveys.responses.cells import Slice, segments_of
from surveys.responses.responses import Entry
from surveys.tables import Organisation, Question, Survey

SEGMENT_LENGTH = 200
CHANNEL = "api"


@dataclass(frozen=True, slots=True)
class Item:
    """One answer as it was handed over; `row` counts from 1, `identity` makes a repeat known."""

    row: int
    score: int
    identity: tuple[str, ...] | None = None
    comment: str | None = None
    touchpoint: str | None = None
    unit: str | None = None
    channel: str | None = None
    locale: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    answered_at: datetime | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    recorded: int
    already_there: int
    refused: list[Refusal]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of one batch are checked against; `touchpoints` gives each its unit or None."""

    survey: Survey
    organisation: Organisation
    questions: list[Question]
    touchpoints: Mapping[str | None, str | None]
    units: set[str]
    now: datetime


def take(session: Session, organisation_id: int, survey_key: str, items: Sequence[Item], now: datetime) -> Taken:
    """Store the items that are sound and name what is wrong with the others.

    Raises Unknown for the survey, and Refused where it is anonymous: its answers come through links of a wave only.
    """
    known = _Known(
        definitions.get(session, organisation_id, survey_key),
        organisations.get(session, organisation_id),
        definitions.questions(session, organisation_id, survey_key),
        touchpoints.units_of(session, organisation_id, {i.touchpoint for i in items}),
        units.known(session, organisation_id, {i.unit for i in items}),
        now,
    )
    if known.survey.mode == "anonymous":
        raise Refused(f"Survey '{survey_key}' is anonymous; it is answered through the links of its waves only.")
    sound: list[tuple[Slice, Entry]] = []
    refused: list[Refusal] = []
    for item in items:
        try:
            sound.append(_entry(known, item))
        except Malformed as wrong:
            refused.append(Refusal(item.row, wrong.field, wrong.message))
    cells.ensure(session, organisation_id, [s for s, _ in sound])
    recorded = responses.store_missing(session, [entry for _, entry in sound], now)
    return Taken(recorded, len(sound) - recorded, refused)


def _entry(known: _Known, item: Item) -> tuple[Slice, Entry]:
    """The cell and entry of one item. Raises Malformed naming its field."""
    survey = known.survey
    _check_known("touchpoint", item.touchpoint, known.touchpoints)
    _check_known("unit", item.unit, known.units)
    if item.locale is not None:
        organisations.check_locale(item.locale)
    answered_at = past_instant("answered_at", item.answered_at or known.now, known.now)
    segments = segments_of(survey.segments, item.attributes)
    for name, value in segments:
        if len(value) > SEGMENT_LENGTH:
            raise Malformed(f"attributes.{name}", f"a segment has at most {SEGMENT_LENGTH} characters.")
    s = Slice(
        survey.key,
        touchpoint=item.touchpoint,
        unit=item.unit or known.touchpoints.get(item.touchpoint),
        channel=item.channel or CHANNEL,
        locale=item.locale or known.organisation.locale,
        segments=segments,
    )
    entry = Entry(
        organisation_id=survey.organisation_id,
        id=_id(survey.key, item.identity),
        survey_key=survey.key,
        cell_id=s.id,
        day=organisations.day_of(answered_at, known.organisation.time_zone),
        score=item.score,
        answered_at=answered_at,
        comment=item.comment or None,
        answers=definitions.check_answers(known.questions, item.answers),
    )
    return s, entry


def _id(survey_key: str, identity: tuple[str, ...] | None) -> UUID:
    return responses.response_id(survey_key, "api", *identity) if identity else uuid4()


def _check_known(name: str, key: str | None, known: Collection[str | None]) -> None:
    if key is not None and key not in known:
        raise Malformed(name, f"there is no {name} '{key[:64]}'.")
