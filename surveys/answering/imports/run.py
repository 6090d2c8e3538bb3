"""Runs: the second reading of a file, which stores its answers chunk by chunk, or only says what it would store."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.answering.imports import past, plan
from surveys.answering.imports.past import Past
from surveys.answering.imports.plan import Advance, Plan
from surveys.answering.imports.touchpoints import Touchpoints
from surveys.facts import Refused
from surveys.refusals import Refusal
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from surveys.tables import Contact, Survey

CHUNK_ROWS = 2000
Refuse = Callable[[Refusal], None]


@dataclass
class Result:
    """What a run did. `scores` are eleven counts of every answer read; the rest counts rows."""

    imported: int = 0
    blank: int = 0
    refused: int = 0
    already_there: int = 0
    contacts_known: int = 0
    contacts_unknown: int = 0
    scores: list[int] = field(default_factory=lambda: [0] * 11)
    days: tuple[date, date] | None = None
    touchpoints: Counter[str] = field(default_factory=Counter)
    segments: dict[str, Counter[str]] = field(default_factory=dict)
    touchpoints_made: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"imported {self.imported}, blank {self.blank}, refused {self.refused}, already there {self.already_there}"
        )


class Run:
    """The second reading of one file: `chunks` gives its answers a chunk at a time, `take` stores one chunk.

    Whoever holds the sessions gives every chunk one of its own, so that people who answer meanwhile need not
    wait for the whole file. `result` grows chunk by chunk; `refuse` gets each row that is left out. With
    `stores` false the sessions may be such that only read, and `imported` is what would be.
    """

    def __init__(self, p: Plan, now: datetime, *, stores: bool, refuse: Refuse = lambda _: None) -> None:
        self.result = Result(segments={name: Counter() for name in p.segments})
        self._plan, self._now, self._stores, self._refuse = p, now, stores, refuse
        self._touchpoints: Touchpoints | None = None
        self._cells: dict[tuple[Any, ...], UUID] = {}

    def chunks(self, advance: Advance = lambda _: None) -> Iterator[list[Past]]:
        """The answers, CHUNK_ROWS or fewer at a time; the last chunk may be empty.

        Raises Refused, before it gives a chunk, where the file is not the one the plan was made of any more.
        """
        self._plan.repeats.start()
        chunk: list[Past] = []
        for number, row in plan.counted(self._plan.sheet.rows(), advance):
            answer = row if isinstance(row, Refusal) else past.read(self._plan, number, row)
            if isinstance(answer, Refusal):
                self.result.refused += 1
                self._refuse(answer)
            elif answer is None:
                self.result.blank += 1
            else:
                chunk.append(answer)
            if len(chunk) == CHUNK_ROWS:
                yield self._unchanged(chunk)
                chunk = []
        yield self._unchanged(chunk)

    def take(self, session: Session, chunk: Sequence[Past]) -> None:
        """Store one chunk, with the touchpoints and segments it needs, or count how many of it are new."""
        if self._touchpoints is None:
            self._touchpoints = Touchpoints(session, self._plan.survey)
            self.result.touchpoints_made = self._touchpoints.made
            if self._stores:
                _declare_segments(session, self._plan)
        if not chunk:
            return
        organisation_id = self._plan.survey.organisation_id
        contacts = self._contacts(session, {a.contact for a in chunk if a.contact})
        new_slices: list[Slice] = []
        entries = [self._entry(a, self._touchpoints, contacts.get(a.contact), new_slices) for a in chunk]
        if self._stores:
            self._touchpoints.save(session)
            cells.ensure(session, organisation_id, new_slices)
            new = responses.store_missing(session, entries, self._now)
        else:
            ids = {e.id for e in entries}
            new = len(ids - responses.known(session, organisation_id, ids))
        self._count(chunk, contacts, new)

    def _unchanged(self, chunk: list[Past]) -> list[Past]:
        if plan.stamp(self._plan.sheet.path) != self._plan.stamp:
            stored = self.result.imported if self._stores else 0
            raise Refused(f"The file changed while it was read; {stored or 'no'} answers were stored. Import it again.")
        return chunk

    def _entry(
        self, a: Past, touchpoints: Touchpoints, contact: tuple[UUID, str | None] | None, new_slices: list[Slice]
    ) -> Entry:
        survey = self._plan.survey
        contact_id, unit = contact or (None, None)
        touchpoint = touchpoints.key(a.touchpoint)
        where = (touchpoint, unit or touchpoints.units.get(touchpoint), a.segments)
        cell_id = self._cells.get(where)
        if cell_id is None:
            new = Slice(survey.key, touchpoint=touchpoint, unit=where[1], channel="import", segments=a.segments)
            new_slices.append(new)
            cell_id = self._cells[where] = new.id
        identity = (a.digest.hex(), self._plan.score.own_name, str(a.occurrence))
        return Entry(
            organisation_id=survey.organisation_id,
            id=responses.response_id(survey.key, "import", *identity),
            survey_key=survey.key,
            cell_id=cell_id,
            day=a.when.day,
            score=a.score,
            answered_at=a.when.answered_at,
            comment=a.comment,
            contact_id=contact_id,
            weight=a.weight,
        )

    def _contacts(self, session: Session, names: set[str]) -> dict[str, tuple[UUID, str | None]]:
        """Who is meant, by ref first and else by e-mail address: contact id and unit."""
        meant: dict[str, tuple[UUID, str | None]] = {}
        wanted = sorted(names)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            emails = {name.lower() for name in part}
            rows = session.execute(
                sa.select(col(Contact.id), col(Contact.ref), col(Contact.email_key), col(Contact.unit_key))
                .where(col(Contact.organisation_id) == self._plan.survey.organisation_id)
                .where(col(Contact.ref).in_(part) | col(Contact.email_key).in_(emails))
                .order_by(col(Contact.id))
            ).all()
            by_email = {row.email_key: (row.id, row.unit_key) for row in reversed(rows) if row.email_key}
            by_ref = {row.ref: (row.id, row.unit_key) for row in rows}
            meant |= {n: c for n in part if (c := by_ref.get(n) or by_email.get(n.lower()))}
        return meant

    def _count(self, chunk: Sequence[Past], contacts: Mapping[str, object], new: int) -> None:
        r = self.result
        r.imported += new
        r.already_there += len(chunk) - new
        for a in chunk:
            r.scores[a.score] += 1
            if a.touchpoint:
                r.touchpoints[a.touchpoint] += 1
            for name, value in a.segments:
                r.segments[name][value] += 1
            if a.contact:
                r.contacts_known += a.contact in contacts
                r.contacts_unknown += a.contact not in contacts
        days = [a.when.day for a in chunk] + list(r.days or ())
        r.days = (min(days), max(days))


def _declare_segments(session: Session, p: Plan) -> None:
    if p.new_segments:
        survey = session.get_one(Survey, (p.survey.organisation_id, p.survey.key))
        survey.segments = [*survey.segments, *(n for n in p.segments if n not in survey.segments)]
        session.add(survey)
        session.flush()
