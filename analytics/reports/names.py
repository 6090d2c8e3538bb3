"""Names: what people see in the place of keys."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics.counts import frame
from analytics.counts.query import Query
from surveys.tables import Cell, Survey, Touchpoint, Unit

ALL = "All answers"
SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Names:
    """The names of touchpoints and units, the targets of touchpoints in points, and what the figure is called."""

    names: Mapping[tuple[str, str], str]
    targets: Mapping[str, float]
    figure: str = "NPS"

    def label(self, group: Mapping[str, str | None]) -> str:
        """A group in words, such as `Support · Oslo`; one without groupings is all answers."""
        return SEPARATOR.join(self._one(*pair) for pair in group.items()) or ALL

    def _one(self, dimension: str, key: str | None) -> str:
        if key is None:
            return f"No {dimension.removeprefix('segment.')}"
        return self.names.get((dimension, key), key)


def names(session: Session, asked: Query) -> Names:
    """The names in the organisation of a query, and what its figure is called."""
    organisation_id = asked.organisation_id
    touchpoints = session.execute(
        sa.select(col(Touchpoint.key), col(Touchpoint.name), col(Touchpoint.target_nps)).where(
            col(Touchpoint.organisation_id) == organisation_id
        )
    ).all()
    units = session.execute(
        sa.select(col(Unit.key), col(Unit.name)).where(col(Unit.organisation_id) == organisation_id)
    ).all()
    named = {("touchpoint", key): name for key, name, _ in touchpoints} | {("unit", key): name for key, name in units}
    targets = {key: target for key, _, target in touchpoints if target is not None}
    return Names(named, targets, figure(session, asked))


def figure(session: Session, asked: Query) -> str:
    """What the figure of a query is called: eNPS where all the surveys it names, or else counts, ask staff."""
    wanted = asked.surveys or frame.cells(session, asked).with_only_columns(col(Cell.survey_key))
    audiences = sa.select(col(Survey.audience)).where(
        col(Survey.organisation_id) == asked.organisation_id, col(Survey.key).in_(wanted)
    )
    return "eNPS" if set(session.execute(audiences).scalars()) == {"staff"} else "NPS"
