"""Participation: how many of those asked in a wave have answered, for groups large enough to hide each of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import urn
from surveys.anonymity.merging import Merging, Place, Size, Tree
from surveys.organisation import units
from surveys.responses import turnouts
from surveys.tables import Cell, Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

LEAST_INVITED = 10
COUNTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Group:
    """So many were invited, have answered, and could not be reached; `unit` is None for those above all units."""

    unit: str | None
    invited: int
    answered: int
    undelivered: int = 0


class _Counts(NamedTuple):
    """Of one unit: those invited, who have answered, could not be reached; how many count for its being large enough.

    Of an anonymous wave known people alone count: of these, how many were asked, invited, and whose links stand.
    """

    invited: int
    answered: int
    undelivered: int
    counting: int
    counting_invited: int
    counting_standing: int


def participation(session: Session, wave: Wave, within: str | None = None) -> list[Group]:
    """The groups of a wave by unit, each of ten invited or more, in the order of their units.

    A unit of fewer is counted with others in the unit above, by the rules of closing, so that no sum of groups less
    another holds fewer than ten. Of an anonymous wave ten known people have to be invited, or silent ones who are made
    up would give away the tenth. Those count who had answered when it was counted last, a day ago or less, so that
    nobody sees a number move as a colleague sits down; and a group of which fewer than ten links were left, or fewer
    than ten mails have gone out, is left out, whoever had answered. Where fewer than ten were asked in all there is no
    group. `within` leaves those that lie in a unit or below it. Nothing shows who answered.
    """
    counts = _counts(session, wave)
    counted = dict(wave.participation_counts or ())
    group_of = groups(session, wave, {unit: count.counting for unit, count in counts.items()})
    own = None if within is None else units.below(session, wave.organisation_id, [within])
    shown = []
    for unit in sorted(set(group_of.values()), key=lambda unit: (unit is None, unit or "")):
        parts = [counts[part] for part, group in group_of.items() if group == unit and part in counts]
        whole = _Counts(*(sum(column) for column in zip(*parts, strict=True)))
        if min(whole.counting_standing, whole.counting_invited) >= LEAST_INVITED and (own is None or unit in own):
            answered = counted.get(unit, 0) if wave.anonymous else whole.answered
            shown.append(Group(unit, max(whole.invited, answered), answered, whole.undelivered))
    return shown


def groups(session: Session, wave: Wave, asked: Mapping[str | None, int]) -> dict[str | None, str | None]:
    """For each unit the one under which its participation is shown; as frozen, where the wave is anonymous and open.

    `asked` gives how many who count were asked per unit, whether their mails have gone out or not.
    """
    if wave.participation is not None:
        return dict(wave.participation)
    if sum(asked.values()) < LEAST_INVITED:
        return {}
    tree = Tree(units.parents(session, wave.organisation_id), ())
    merging = Merging(tree, {Place(unit): Size(n, n) for unit, n in asked.items()}, LEAST_INVITED)
    merging.merge_small()
    return {part.unit: group.unit for group, parts in merging.groups.items() for part in parts}


def freeze(session: Session, wave: Wave) -> None:
    """Keep the groups of a wave as they are now: units that move later would set some of them apart."""
    counts = _counts(session, wave)
    group_of = groups(session, wave, {unit: count.counting for unit, count in counts.items()})
    wave.participation = sorted(([unit, group] for unit, group in group_of.items()), key=str)
    session.flush()


def count(session: Session, wave: Wave, now: datetime) -> None:
    """Count how many have answered an anonymous wave, per group; that is what is shown until it is counted again.

    Ballots are counted, which say of each the cell and not who it is of: no secret is needed.
    """
    group_of = dict(wave.participation or ())
    c = core(Cell).c
    unit_of = {row.id: row.unit_key for row in session.execute(sa.select(c.id, c.unit_key).where(*of_wave(c, wave)))}
    answered: Counter[str | None] = Counter()
    for cell_id, ballots in urn.sizes(session, wave).items():
        if unit_of[cell_id] in group_of:
            answered[group_of[unit_of[cell_id]]] += ballots
    wave.participation_counts = sorted(([group, answered[group]] for group in set(group_of.values())), key=str)
    wave.participation_at = now
    session.flush()


def count_due(session: Session, now: datetime) -> int:
    """Count the open anonymous waves anew that were counted a day ago or more, and give how many."""
    w = core(Wave).c
    due = (Wave.anonymous, w.closed_at.is_(None), w.participation_at <= now - COUNTED_EVERY)
    waves = session.execute(
        sa.select(Wave).where(*due).order_by(w.organisation_id, w.key).with_for_update(skip_locked=True)
    ).scalars().all()  # fmt: skip
    for wave in waves:
        count(session, wave, now)
    return len(waves)


def _counts(session: Session, wave: Wave) -> dict[str | None, _Counts]:
    """Per unit, as `_Counts`; a link stands that was not withdrawn while the wave was open.

    Were answered links among these always, withdrawing one would show whether it was. Who answered stands on the
    invitations of confidential surveys only.
    """
    i, c, w = (core(table).c for table in (Invitation, Cell, Wave))
    answered = i.answered_at.is_not(None)
    standing: sa.ColumnElement[bool] = i.withdrawn_at.is_(None)
    if wave.closed_at is not None:
        standing |= i.withdrawn_at >= wave.closed_at
    counting = i.known if wave.anonymous else sa.true()
    invited = turnouts.went_out() | answered
    conditions = (invited, answered, turnouts.undelivered(), counting, counting & invited, counting & standing)
    rows = session.execute(
        sa.select(c.unit_key, *(sa.func.count().filter(condition) for condition in conditions))
        .join_from(core(Invitation), core(Cell), (c.organisation_id == i.organisation_id) & (c.id == i.cell_id))
        .join(core(Wave), (w.organisation_id == i.organisation_id) & (w.key == i.wave_key))
        .where(*of_wave(i, wave), i.withheld_reason.is_(None))
        .group_by(c.unit_key)
    )
    return {row[0]: _Counts(*row[1:]) for row in rows}
