"""The question a report answers: parsed, checked against what exists, and frozen."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from surveys.facts import Malformed, OutsideUnit
from surveys.organisation import units
from surveys.tables import Survey, Touchpoint, Unit, Wave
from surveys.tables.organisations import AUDIENCES

PERIODS = ("day", "week", "month", "quarter", "year")
DIMENSIONS = ("touchpoint", "unit", "channel", "locale", "wave")
FILTERS = ("survey", *DIMENSIONS)
SINGLE = ("audience", "from", "to", "confidence", "period", "window")
COMMON = (*FILTERS, "audience", "from", "to", "by", "confidence")
SEGMENT = "segment."
NUMBERS = ("confidence", "window")
MOST_GROUPINGS = 2
USUAL_AUDIENCE = "customers"
MOST_WINDOW = 366
LEAST_CONFIDENCE, MOST_CONFIDENCE, CONFIDENCE = 0.80, 0.99, 0.95
FIRST_YEAR, LAST_YEAR = 1900, 2999
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KEYED: dict[str, type[SQLModel]] = {"survey": Survey, "touchpoint": Touchpoint, "unit": Unit, "wave": Wave}


@dataclass(frozen=True, slots=True)
class Query:
    """Which answers are counted, and how they are grouped. An empty filter lets everything through.

    `units` count with what lies below them; days are the organisation's own and inclusive. `window` is how many
    periods a trend adds up into each item. An `audience` leaves only the surveys that ask it.
    """

    organisation_id: int
    surveys: tuple[str, ...] = ()
    touchpoints: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    segments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    by: tuple[str, ...] = ()
    confidence: float = CONFIDENCE
    period: str | None = None
    window: int | None = None
    audience: str | None = None

    def as_parameters(self) -> dict[str, Any]:
        """The parameters that parse to this query, under their public names."""
        parameters: dict[str, Any] = {name: list(getattr(self, name + "s")) for name in FILTERS}
        parameters |= {SEGMENT + name: list(values) for name, values in self.segments}
        parameters |= {"from": self.from_on and self.from_on.isoformat(), "to": self.to_on and self.to_on.isoformat()}
        parameters |= {"by": list(self.by), "confidence": self.confidence, "period": self.period}
        parameters |= {"window": self.window}
        usual = None if self.surveys or self.waves else USUAL_AUDIENCE
        parameters |= {"audience": self.audience if self.audience != usual else None}
        return {name: value for name, value in parameters.items() if value}


def parse(
    session: Session,
    organisation_id: int,
    parameters: Iterable[tuple[str, str]],
    *,
    within: str | None = None,
    own: Collection[str] = (),
) -> Query:
    """The query of these parameters; `own` names those a report takes beside the common ones.

    Where neither surveys nor waves are named, the surveys of customers are asked, or those of the `audience` named.
    Values may be repeated or, but for segments, separated by commas. `within` is the unit a manager is bound
    to. Raises Malformed naming the parameter, and OutsideUnit.
    """
    wanted = _gather(parameters, {*COMMON, *own})
    for name, table in KEYED.items():
        _check_keys(session, organisation_id, name, table, wanted[name])
    segments = sorted(name for name in wanted if name.startswith(SEGMENT))
    by = tuple(wanted["by"])
    _check_by(by)
    _check_segments(session, organisation_id, wanted["survey"], [*segments, *(b for b in by if b.startswith(SEGMENT))])
    from_on, to_on = _day("from", wanted), _day("to", wanted)
    if from_on and to_on and from_on > to_on:
        raise Malformed("from", f"{from_on} is after 'to', {to_on}.")
    return Query(
        organisation_id,
        **{name + "s": tuple(sorted(set(wanted[name]))) for name in FILTERS if name != "unit"},
        units=_bounded(session, organisation_id, tuple(sorted(set(wanted["unit"]))), within),
        segments=tuple((name.removeprefix(SEGMENT), tuple(sorted(set(wanted[name])))) for name in segments),
        from_on=from_on,
        to_on=to_on,
        by=by,
        confidence=_confidence(wanted),
        period=_period(wanted),
        window=_window(wanted),
        audience=_audience(session, organisation_id, wanted),
    )


def pairs(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters as JSON gives them (text, list of texts, or for some a number), as the pairs `parse` takes."""
    texts = []
    for name, value in parameters.items():
        for item in value if isinstance(value, list) else [value]:
            if name in NUMBERS and type(item) not in {int, float}:
                raise Malformed(name, "a number is wanted, without quotes.")
            if name not in NUMBERS and not isinstance(item, str):
                raise Malformed(name, "text or a list of texts is wanted.")
            texts.append((name, str(item)))
    return texts


def _gather(parameters: Iterable[tuple[str, str]], allowed: set[str]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for name, value in parameters:
        if name not in allowed and not (name.startswith(SEGMENT) and len(name) > len(SEGMENT)):
            raise Malformed(name, f"not a parameter here; known are {', '.join(sorted(allowed))} and segment.<name>.")
        parts = [value.strip()] if name.startswith(SEGMENT) else [part.strip() for part in value.split(",")]
        if not all(parts) or "\0" in value:
            raise Malformed(name, "a value is empty.")
        wanted[name] += parts
    for name in SINGLE:
        if len(wanted[name]) > 1:
            raise Malformed(name, "only one is possible.")
    return wanted


def _check_keys(session: Session, organisation_id: int, name: str, table: type[SQLModel], keys: list[str]) -> None:
    if not keys:
        return
    columns = sa.inspect(table).columns
    known = session.execute(
        sa.select(columns.key).where(columns.organisation_id == organisation_id, columns.key.in_(keys))
    ).scalars()
    unknown = sorted(set(keys) - set(known))
    if unknown:
        raise Malformed(name, f"there is no {name} '{unknown[0]}'.")


def _check_by(by: tuple[str, ...]) -> None:
    if len(by) > MOST_GROUPINGS:
        raise Malformed("by", f"at most {MOST_GROUPINGS} groupings are possible.")
    if len(set(by)) < len(by):
        raise Malformed("by", "the same grouping is named twice.")
    for name in by:
        if name not in DIMENSIONS and not (name.startswith(SEGMENT) and len(name) > len(SEGMENT)):
            raise Malformed("by", f"'{name}' is none of {', '.join(DIMENSIONS)}, segment.<name>.")


def _check_segments(session: Session, organisation_id: int, surveys: list[str], names: list[str]) -> None:
    if not names:
        return
    rows = sa.select(col(Survey.segments)).where(col(Survey.organisation_id) == organisation_id)
    if surveys:
        rows = rows.where(col(Survey.key).in_(surveys))
    declared = {name for segments in session.execute(rows).scalars() for name in segments}
    for name in names:
        if name.removeprefix(SEGMENT) not in declared:
            raise Malformed(name, f"no survey asked about declares a segment '{name.removeprefix(SEGMENT)}'.")


def _bounded(session: Session, organisation_id: int, keys: tuple[str, ...], within: str | None) -> tuple[str, ...]:
    if within is None:
        return keys
    if outside := set(keys) - units.below(session, organisation_id, [within]):
        raise OutsideUnit(min(outside), within)
    return keys or (within,)


def _audience(session: Session, organisation_id: int, wanted: Mapping[str, list[str]]) -> str | None:
    if not wanted["audience"]:
        return None if wanted["survey"] or wanted["wave"] else USUAL_AUDIENCE
    audience = wanted["audience"][0]
    if audience not in AUDIENCES:
        raise Malformed("audience", f"one of {', '.join(AUDIENCES)} is wanted.")
    rows = sa.select(sa.func.min(col(Survey.key))).where(
        col(Survey.organisation_id) == organisation_id, col(Survey.key).in_(wanted["survey"]),
        col(Survey.audience) != audience,
    )  # fmt: skip
    if (other := session.execute(rows).scalar()) is not None:
        raise Malformed("audience", f"the survey '{other}' does not ask {audience}.")
    return audience


def _day(name: str, wanted: Mapping[str, list[str]]) -> date | None:
    if not wanted[name]:
        return None
    text = wanted[name][0]
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Malformed(name, f"'{text[:40]}' is not a day such as 2026-03-31, from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _confidence(wanted: Mapping[str, list[str]]) -> float:
    if not wanted["confidence"]:
        return CONFIDENCE
    try:
        value = float(wanted["confidence"][0])
    except ValueError:
        value = 0.0
    if not LEAST_CONFIDENCE <= value <= MOST_CONFIDENCE:
        raise Malformed("confidence", f"a number from {LEAST_CONFIDENCE:.2f} to {MOST_CONFIDENCE} is wanted.")
    return value


def _period(wanted: Mapping[str, list[str]]) -> str | None:
    if not wanted["period"]:
        return None
    if wanted["period"][0] not in PERIODS:
        raise Malformed("period", f"one of {', '.join(PERIODS)} is wanted.")
    return wanted["period"][0]


def _window(wanted: Mapping[str, list[str]]) -> int | None:
    if not wanted["window"]:
        return None
    text = wanted["window"][0]
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= value <= MOST_WINDOW:
        raise Malformed("window", f"a whole number of periods from 1 to {MOST_WINDOW} is wanted.")
    return value
