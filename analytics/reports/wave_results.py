"""Results of waves: what one round of an anonymous survey released, and how it compares with the one before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics.counts.query import Query
from analytics.estimation.estimate import estimate
from analytics.reports import scores
from analytics.reports.metrics import Item
from surveys.tables import Wave


@dataclass(frozen=True, slots=True)
class Rounds:
    """The waves of one anonymous survey: released ones in the order they count, open ones, and those not released.

    Of these, `few` had fewer answers of known people than the floor, and `alike` a total that would have revealed too
    much beside an earlier wave's. `awaiting` are planned, and wait for a second key to confirm them.
    """

    released: Sequence[Wave]
    open: Sequence[Wave]
    few: Sequence[Wave]
    alike: Sequence[Wave]
    awaiting: Sequence[Wave]

    def before(self, wave: Wave) -> Wave | None:
        """The wave released before this one."""
        place = self.released.index(wave)
        return self.released[place - 1] if place else None


def rounds(session: Session, organisation_id: int, survey: str) -> Rounds:
    """The waves of a survey that were opened, and those that wait for a second key before they may be."""
    rows = session.execute(
        sa.select(Wave)
        .where(col(Wave.organisation_id) == organisation_id, col(Wave.survey_key) == survey)
        .where(col(Wave.invited_at).is_not(None) | Wave.awaits_confirmation)
        .order_by(col(Wave.counted_on), col(Wave.closed_at), col(Wave.closes_at), col(Wave.key))
    )
    planned = list(rows.scalars())
    waves = [wave for wave in planned if wave.invited_at is not None]
    closed = [wave for wave in waves if wave.closed_at is not None]
    withheld = [wave for wave in closed if wave.counted_on is None and wave.forgotten_at is None]
    enough = {wave.key for wave in withheld if _filling(wave) >= (wave.floor or 0)}
    return Rounds(
        [wave for wave in closed if wave.counted_on is not None],
        [wave for wave in waves if wave.closed_at is None],
        [wave for wave in withheld if wave.key not in enough],
        [wave for wave in withheld if wave.key in enough],
        [wave for wave in planned if wave.awaits_confirmation],
    )


def _filling(wave: Wave) -> int:
    """How many answers count for the floor of a closed wave: all, of waves from before it was asked who is known."""
    return (wave.answered_count if wave.known_answered_count is None else wave.known_answered_count) or 0


def of(asked: Query, wave: Wave) -> Query:
    """The query of one wave."""
    return replace(asked, surveys=(wave.survey_key,), waves=(wave.key,))


def by_wave(session: Session, asked: Query, released: Sequence[Wave]) -> list[Item]:
    """A score for each released wave, in the order they count, and the day it counts on."""
    items, _ = scores.scores(session, replace(asked, by=("wave",)))
    by_key = {item["group"]["wave"]: item for item in items}
    nobody = scores.score_item(estimate((), asked.confidence), scores.NOBODY)
    return [
        {**nobody, **by_key.get(wave.key, {}), "group": {"wave": wave.key}, "period": wave.key}
        | {"starts_on": str(wave.counted_on)}
        for wave in released
    ]


def change(session: Session, asked: Query, before: Wave | None, wave: Wave) -> Item | None:
    """The difference to the wave before, tested; None where there is none."""
    if before is None:
        return None
    (difference,) = scores.comparison(session, of(asked, before), of(asked, wave))
    return difference


def segments(session: Session, asked: Query, wave: Wave) -> dict[str, list[Item]]:
    """The scores by each segment declared when the wave opened, where a group that has a value of it has answers."""
    names = wave.segments or ()
    by_name = {name: scores.scores(session, replace(asked, by=(f"segment.{name}",)))[0] for name in names}
    return {name: items for name, items in by_name.items() if any(map(_has_figures, items))}


def _has_figures(item: Item) -> bool:
    return item["responses"] > 0 and None not in item["group"].values()
