"""Weights: the NPS of answers that do not all stand for equally many people."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame
from analytics.counts.query import Query
from analytics.estimation.estimate import INTERVAL_FROM, adjusted, z_of
from surveys.tables import Response
from surveys.tables.columns import core

Group = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of the weights of promoters, passives and detractors, of all their squares, and how many answers."""

    promoters: float = 0.0
    passives: float = 0.0
    detractors: float = 0.0
    squares: float = 0.0
    n: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Weighted:
    """A weighted NPS in points with its interval; null where there is none. `effective_responses` is Kish's."""

    nps: float | None
    low: float | None
    high: float | None
    effective_responses: float
    design_effect: float | None


def estimate(sums: Sums, confidence: float = 0.95) -> Weighted:
    """The weighted NPS with the adjusted Wald interval of its effective number of answers.

    That number is (sum of weights)^2 / (sum of squared weights) (L. Kish, Survey Sampling, 1965); the weights are
    taken as known. No interval below 5 effective answers.
    """
    total = sums.promoters + sums.passives + sums.detractors
    if not total:
        return Weighted(None, None, None, 0.0, None)
    effective = total * total / sums.squares
    nps = 100 * (sums.promoters - sums.detractors) / total
    low = high = None
    if effective >= INTERVAL_FROM:
        shares = (sums.promoters / total, sums.passives / total, sums.detractors / total)
        centre = adjusted(*(effective * share for share in shares))
        margin = 100 * z_of(confidence) * sqrt(centre.variance_of_mean)
        low = max(-100.0, min(nps, 100 * centre.mean - margin))
        high = min(100.0, max(nps, 100 * centre.mean + margin))
    return Weighted(nps, low, high, effective, sums.n / effective)


def sums(session: Session, query: Query) -> dict[Group, Sums]:
    """The weights per group, read from the responses: a tally does not hold them. One without a weight counts 1."""
    wanted = frame.cells(session, query).subquery("c")
    r = core(Response).c
    weight = sa.func.coalesce(r.weight, 1.0)
    kinds = [r.score >= 9, r.score.between(7, 8), r.score <= 6]
    added: list[Any] = [sa.func.sum(sa.case((kind, weight), else_=0.0)) for kind in kinds]
    groups = [wanted.c[f"g{i}"] for i in range(len(query.by))]
    rows = sa.select(*groups, *added, sa.func.sum(weight * weight), sa.func.count()).select_from(
        core(Response).join(wanted, wanted.c.id == r.cell_id)
    )
    rows = rows.where(r.organisation_id == query.organisation_id, *days(query)).group_by(*groups)
    size = len(groups)
    return {tuple(row[:size]): Sums(*row[size:]) for row in session.execute(rows) if row[-1]}


def days(query: Query) -> list[sa.ColumnElement[bool]]:
    """The conditions that a response's day lies in the query's days."""
    day = core(Response).c.day
    return [
        *([day >= query.from_on] if query.from_on else []),
        *([day <= query.to_on] if query.to_on else []),
    ]
