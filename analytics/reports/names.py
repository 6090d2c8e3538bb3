"""Names: what people see in the place of keys."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics.counts import frame
from analytics.counts.query import SEGMENT, Query
from surveys.tables import Cell, Survey, Touchpoint, Unit

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Naming:
    """The words for groups that have no name of their own; `without_segment` holds the name of the segment."""

    everything: str
    without: Mapping[str, str]  # by dimension
    without_segment: str  # %(name)s


@dataclass(frozen=True, slots=True)
class Names:
    """The names of touchpoints and units, the targets of touchpoints in points, and what the figure is called."""

    naming: Naming
    names: Mapping[tuple[str, str], str]
    targets: Mapping[str, float]
    figure: str = "NPS"

    def label(self, group: Mapping[str, str | None]) -> str:
        """A group in words, such as `Support · Oslo`; one without groupings is all answers."""
        return SEPARATOR.join(self._name(*pair) for pair in group.items()) or self.naming.everything

    def _name(self, dimension: str, key: str | None) -> str:
        if key is not None:
            return self.names.get((dimension, key), key)
        if dimension in self.naming.without:
            return self.naming.without[dimension]
        return self.naming.without_segment % {"name": dimension.removeprefix(SEGMENT)}


def names(session: Session, asked: Query, naming: Naming) -> Names:
    """The names in the organisation of a query, and what its figure is called; `naming` is of one language."""
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
    return Names(naming, named, targets, figure(session, asked))


def figure(session: Session, asked: Query) -> str:
    """What the figure of a query is called: eNPS where all the surveys it names, or else counts, ask staff."""
    wanted = asked.surveys or frame.cells(session, asked).with_only_columns(col(Cell.survey_key))
    audiences = sa.select(col(Survey.audience)).where(
        col(Survey.organisation_id) == asked.organisation_id, col(Survey.key).in_(wanted)
    )
    return "eNPS" if set(session.execute(audiences).scalars()) == {"staff"} else "NPS"
