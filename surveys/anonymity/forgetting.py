"""Forgetting: an owner's choice to drop who took part in an anonymous wave, together with what they answered."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from surveys.facts import Refused
from surveys.organisation import organisations
from surveys.tables import (
    AnonymousComment,
    AnonymousScore,
    Baseline,
    Cell,
    Invitation,
    MonthTally,
    MonthTurnout,
    Publication,
    Tally,
    Turnout,
    Wave,
    WaveParticipant,
)
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

COUNTED = (Tally, MonthTally, Turnout, MonthTurnout)
_C, _I, _B, _P = (core(table).c for table in (Cell, Invitation, Baseline, Publication))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went: participants, hashes of people erased before, scores, comments, and the baselines that held them."""

    participants: int
    former_people: int
    scores: int
    comments: int
    baselines: tuple[str, ...]

    def counts(self) -> dict[str, Any]:
        """The same by name."""
        return {**asdict(self), "baselines": list(self.baselines)}


def forget(session: Session, wave: Wave, now: datetime) -> Forgotten:
    """Drop who took part in a closed anonymous wave and all its detail; how many were asked and answered stays.

    Both go together: a wave that later ones are not compared with any more must leave nothing to subtract. So baselines
    that its answers were counted in go as well, its results are published no longer, and the storage is swept again.
    Its statement stays. Doing it again changes nothing. Raises Refused for waves that are open or confidential.
    """
    organisations.take_turn(session, wave.organisation_id)  # no other wave is compared with it as it closes
    session.refresh(wave)
    if not wave.anonymous or wave.closed_at is None:
        raise Refused("Only an anonymous wave that has closed can be let forget; another keeps answers with people.")
    baselines = _baselines(session, wave)
    cells = sa.select(_C.id).where(*of_wave(_C, wave))
    participants = _delete(session, WaveParticipant, wave, core(WaveParticipant).c.wave_key == wave.key)
    scores, comments, *_ = (
        _delete(session, table, wave, core(table).c.cell_id.in_(cells))
        for table in (AnonymousScore, AnonymousComment, *COUNTED)
    )
    _delete(session, Baseline, wave, _B.key.in_(baselines))
    former = _unname(session, wave)
    session.execute(sa.update(core(Cell)).where(*of_wave(_C, wave)).values(merged_into=None))
    _withdraw(session, wave, now)
    if wave.forgotten_at is None:
        wave.forgotten_at = now
        wave.counted_on, wave.participation, wave.participation_counts = None, [], []
        wave.swept_at = wave.log_position = None
    session.flush()
    session.expire_all()
    return Forgotten(participants, former, scores, comments, baselines)


def _delete(session: Session, table: type[Any], wave: Wave, which: sa.ColumnElement[bool]) -> int:
    rows = core(table)
    done = session.connection().execute(sa.delete(rows).where(rows.c.organisation_id == wave.organisation_id, which))
    return done.rowcount


def _unname(session: Session, wave: Wave) -> int:
    """Take off the wave's invitations what stands for people who were erased."""
    named = (*of_wave(_I, wave), _I.former_id.is_not(None))
    return session.connection().execute(sa.update(core(Invitation)).where(*named).values(former_id=None)).rowcount


def _withdraw(session: Session, wave: Wave, now: datetime) -> None:
    shown = (_P.organisation_id == wave.organisation_id, _P.wave_key == wave.key, _P.withdrawn_at.is_(None))
    session.execute(sa.update(core(Publication)).where(*shown).values(withdrawn_at=now))


def _baselines(session: Session, wave: Wave) -> tuple[str, ...]:
    """The baselines frozen since the wave closed whose query takes its answers in."""
    if wave.counted_on is None or wave.closed_at is None:
        return ()
    rows = session.execute(
        sa.select(_B.key, _B.query, _B.groups)
        .where(_B.organisation_id == wave.organisation_id, _B.frozen_at >= wave.closed_at)
        .order_by(_B.key)
    )
    return tuple(row.key for row in rows if _holds(row.query, row.groups, wave, wave.counted_on))


def _holds(query: dict[str, Any], groups: list[Any], wave: Wave, counted_on: date) -> bool:
    named = wave.survey_key in query.get("survey", [wave.survey_key]) and wave.key in query.get("wave", [wave.key])
    within = query.get("from", "") <= counted_on.isoformat() <= query.get("to", "9999")
    return named and within and any(group.get("anonymous") for group in groups)
