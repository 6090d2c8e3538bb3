"""Comments of anonymous surveys: the words released when their waves closed, and nothing else of who wrote them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame
from analytics.counts.query import Query
from surveys.facts import Malformed
from surveys.tables import AnonymousComment, Cell, Survey, Wave
from surveys.tables.columns import core

A, C, W = (core(table).c for table in (AnonymousComment, Cell, Wave))
FURTHER = ("channels", "locales")


def asked(session: Session, query: Query) -> bool:
    """Whether the query names anonymous surveys. Raises Malformed where it names confidential ones beside them."""
    s = core(Survey).c
    rows = sa.select(s.key).where(s.organisation_id == query.organisation_id, s.key.in_(query.surveys))
    anonymous = set(session.execute(rows.where(s.mode == "anonymous")).scalars())
    if anonymous and (linked := sorted(set(query.surveys) - anonymous)):
        message = f"'{linked[0]}' is confidential and '{min(anonymous)}' anonymous; ask for their comments apart."
        raise Malformed("survey", message)
    return bool(anonymous)


def page(session: Session, query: Query, limit: int | None, after: Sequence[Any] | None) -> list[dict[str, Any]]:
    """At most `limit` comments behind `after` (wave and id of a comment), wave by wave, shuffled within each.

    They are listed by wave and unit only: without score and date, and not by segment. Raises Malformed naming a
    filter that would slice further.
    """
    _check(query)
    comments = (
        sa.select(
            A.id, C.survey_key.label("survey"), C.wave_key.label("wave"), C.touchpoint_key.label("touchpoint"),
            C.unit_key.label("unit"), A.comment,
        )
        .join_from(core(AnonymousComment), core(Cell), (C.organisation_id == A.organisation_id) & (C.id == A.cell_id))
        .where(A.organisation_id == query.organisation_id)
        .where(A.cell_id.in_(frame.cells(session, query).with_only_columns(C.id).correlate(None)))
        .order_by(C.wave_key, A.id)
        .limit(limit)
    )  # fmt: skip
    if query.from_on or query.to_on:
        comments = comments.join(core(Wave), (W.organisation_id == C.organisation_id) & (W.key == C.wave_key))
        comments = comments.where(W.counted_on >= query.from_on) if query.from_on else comments
        comments = comments.where(W.counted_on <= query.to_on) if query.to_on else comments
    if after is not None:
        comments = comments.where(
            sa.tuple_(C.wave_key, A.id) > sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid()))
        )
    return [_item(row) for row in session.execute(comments).mappings()]


def words(session: Session, query: Query) -> list[str]:
    """All comments of a query, as they were written and without anything else."""
    return [item["comment"] for item in page(session, query, None, None)]


def key(item: dict[str, Any]) -> tuple[str, UUID]:
    """What the next page may start behind."""
    return item["wave"], item["id"]


def _check(query: Query) -> None:
    message = "comments of anonymous surveys are listed by wave and unit only."
    for name in FURTHER:
        if getattr(query, name):
            raise Malformed(name.removesuffix("s"), message)
    if query.segments:
        raise Malformed(f"segment.{query.segments[0][0]}", message)


def _item(row: Any) -> dict[str, Any]:
    """A comment in the shape all comments have, with nothing where nothing is known."""
    unknown = dict.fromkeys(("channel", "locale", "day", "answered_at", "score"))
    return {**row, **unknown, "segments": {}}
