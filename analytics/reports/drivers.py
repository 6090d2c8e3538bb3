"""Drivers: which further questions on a scale go together with the score. Associated with, not caused by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame, weights
from analytics.counts.query import Query
from analytics.estimation import importance
from analytics.estimation.estimate import INTERVAL_FROM, z_of
from analytics.reports import metrics
from analytics.reports.metrics import Item
from surveys.tables import Answer, Question, Response
from surveys.tables.columns import core

if TYPE_CHECKING:
    import pandas as pd

MOST_RESPONSES = 10_000
MOST_DRIVERS = 30
LEAST_FOR_RANKS, LEAST_PER_DRIVER = 100, 10
OFTEN = 0.5  # a question that fewer were asked would leave too few complete answers
DRAWS = 300
SCORE = "score"


@dataclass(frozen=True, slots=True)
class Driver:
    """One question: its mean, its correlation with the score, and its part of what all explain, in percent."""

    question: str
    text: str
    n: int
    mean: float | None = None
    correlation: float | None = None
    low: float | None = None
    high: float | None = None
    importance_percent: float | None = None
    importance_low: float | None = None
    importance_high: float | None = None
    rank: int | None = None


def drivers(session: Session, query: Query) -> tuple[list[Item], Item]:
    """A driver per further question on a scale, in the order of the questionnaire, and what they explain in all."""
    texts = _questions(session, query)
    table = _answers(session, query, list(texts))
    parts, whole = _importance(table, query)
    ranks = _ranks(parts)
    associated = [
        Driver(
            key, text, n=int(table[key].notna().sum()), **_association(table, key, query.confidence),
            **parts.get(key, {}), rank=ranks.get(key),
        )
        for key, text in texts.items()
    ]  # fmt: skip
    return [metrics.item(metrics.DRIVER, driver) for driver in associated], whole


def fisher(r: float, n: int, confidence: float) -> tuple[float, float]:
    """The interval of a correlation of n pairs by Fisher's z: tanh(atanh r -/+ z / sqrt(n - 3)) (Fisher 1921)."""
    if abs(r) >= 1:
        return r, r
    margin = z_of(confidence) / sqrt(n - 3)
    return tanh(atanh(r) - margin), tanh(atanh(r) + margin)


def _questions(session: Session, query: Query) -> dict[str, str]:
    """The scale questions of the surveys asked about, retired ones too, with a text; at most MOST_DRIVERS."""
    c = core(Question).c
    rows = sa.select(c.key, c.texts).where(c.organisation_id == query.organisation_id, c.kind == "scale")
    if query.surveys:
        rows = rows.where(c.survey_key.in_(query.surveys))
    if query.audience:
        rows = rows.where(c.survey_key.in_(frame.asking(query)))
    wordings: dict[str, str] = {}
    for key, texts in session.execute(rows.order_by(c.survey_key, c.position, c.key)):
        wordings.setdefault(key, texts[min(texts, key=lambda locale: (locale != "en", locale))]["text"])
    return dict(list(wordings.items())[:MOST_DRIVERS])


def _answers(session: Session, query: Query, keys: Sequence[str]) -> pd.DataFrame:
    """A row per response with an answer to one of the questions: the score, and a column per question.

    At most MOST_RESPONSES of them: ids are hashes, so the first by id are a sample by chance, always the same.
    """
    import pandas as pd

    r, a = core(Response).c, core(Answer).c
    of_response = (a.organisation_id == r.organisation_id) & (a.response_id == r.id)
    asked = a.question_key.in_(keys) & a.number.is_not(None)
    ids = frame.cells(session, query).subquery("c")
    chosen = (
        sa.select(r.id, r.score)
        .where(r.organisation_id == query.organisation_id, r.cell_id.in_(sa.select(ids.c.id)), *weights.days(query))
        .where(sa.exists().where(of_response, asked))
        .order_by(r.id)
        .limit(MOST_RESPONSES)
        .subquery("r")
    )
    rows = sa.select(chosen.c.id, chosen.c.score, a.question_key, a.number).where(
        a.organisation_id == query.organisation_id, a.response_id == chosen.c.id, asked
    )
    long = pd.DataFrame([tuple(row) for row in session.execute(rows)], columns=["id", SCORE, "key", "number"])
    wide = long.pivot(index=["id", SCORE], columns="key", values="number").reset_index(level=SCORE)
    # In the order of the ids, so that a resample draws the same persons on every database.
    return wide.sort_index(key=lambda index: index.map(str)).reindex(columns=[SCORE, *keys]).astype("float64")


def _association(table: pd.DataFrame, key: str, confidence: float) -> dict[str, Any]:
    both = table[[SCORE, key]].dropna()
    n = len(both)
    if n < INTERVAL_FROM:
        return {}
    association: dict[str, Any] = {"mean": float(both[key].mean())}
    if both[key].nunique() > 1 and both[SCORE].nunique() > 1:
        association["correlation"] = r = float(both[SCORE].corr(both[key]))
        association["low"], association["high"] = fisher(r, n, confidence)
    return association


def _importance(table: pd.DataFrame, query: Query) -> tuple[dict[str, dict[str, float]], Item]:
    """Each driver's part with its bootstrap interval, in percent of what all explain; none where n is too small."""
    import numpy as np

    keys = [k for k in table.columns[1:] if table[k].notna().mean() >= OFTEN and table[k].nunique() > 1]
    complete = table[[*keys, SCORE]].dropna()
    needed = max(LEAST_FOR_RANKS, LEAST_PER_DRIVER * len(keys))
    whole: Item = {
        "n": len(table), "n_complete": len(complete), "n_needed": needed, "drivers": len(keys),
        "method": importance.method(len(keys)) if keys else None, "r_squared_percent": None,
        "sampled": len(table) == MOST_RESPONSES,
    }  # fmt: skip
    if len(keys) < 2 or len(complete) < needed or complete[SCORE].nunique() < 2:
        return {}, whole
    values = complete.to_numpy()
    parts = importance.importance(importance.correlation(values))
    drawn = importance.importance(importance.bootstrapped(values, DRAWS, _seed(query)))
    shares = 100 * drawn / drawn.sum(axis=1, keepdims=True)
    low, high = np.quantile(shares, [(1 - query.confidence) / 2, (1 + query.confidence) / 2], axis=0)
    explained = float(parts.sum())
    whole["r_squared_percent"] = round(100 * explained, 2)
    return {
        key: {
            "importance_percent": float(100 * parts[i] / explained),
            "importance_low": float(low[i]), "importance_high": float(high[i]),
        }
        for i, key in enumerate(keys)
    }, whole  # fmt: skip


def _ranks(parts: dict[str, dict[str, float]]) -> dict[str, int]:
    """The place of each driver whose interval overlaps with no other's; the rest have none."""
    ordered = sorted(parts, key=lambda key: -parts[key]["importance_percent"])
    return {
        key: place for place, key in enumerate(ordered, 1)
        if all(
            parts[key]["importance_low"] > parts[other]["importance_high"]
            or parts[key]["importance_high"] < parts[other]["importance_low"]
            for other in ordered if other != key
        )
    }  # fmt: skip


def _seed(query: Query) -> int:
    text = json.dumps([query.organisation_id, query.as_parameters()], sort_keys=True)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
