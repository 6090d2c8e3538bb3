"""Rows of responses and comments: which ones, in which columns, newest first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session

from analytics.counts import frame
from analytics.counts.query import Query
from surveys.tables import Answer, Cell, Contact, Question, Response, Survey
from surveys.tables.columns import UtcDateTime, core

R, C, P, A = (core(table).c for table in (Response, Cell, Contact, Answer))
DIMENSIONS = {"survey": C.survey_key, "wave": C.wave_key, "touchpoint": C.touchpoint_key, "unit": C.unit_key} | {
    "channel": C.channel,
    "locale": C.locale,
}


@dataclass(frozen=True)
class Column:
    """One column of the rows: its name, the Python type of its values, and where it comes from."""

    name: str
    kind: type
    source: sa.ColumnElement[Any]


@dataclass(frozen=True)
class Rows:
    """What is read: the answers a query lets through, as these columns, from each of these surveys.

    `nested` are the parts of an item that hold further names, each a column.
    """

    columns: tuple[Column, ...]
    surveys: tuple[str, ...]
    nested: tuple[str, ...]
    where: tuple[sa.ColumnElement[bool], ...]

    def statement(
        self, sources: Sequence[sa.ColumnElement[Any]], limit: int | None = None, after: tuple[Any, ...] | None = None
    ) -> sa.Select[Any]:
        """The rows newest first, from behind `after` (instant and id of a row), at most `limit`.

        Each survey is read along its own index and the readings are merged, so that no page sorts them all.
        """
        read = sa.select(*(source.label(f"c{n}") for n, source in enumerate([*sources, R.answered_at, R.id])))
        read = read.select_from(_joined()).where(*self.where)
        if after is not None:
            key = (sa.literal(after[0], UtcDateTime), sa.literal(after[1], sa.Uuid()))
            read = read.where(sa.tuple_(R.answered_at, R.id) < sa.tuple_(*key))
        each = [read.where(R.survey_key == survey) for survey in self.surveys or ("",)]
        if len(each) == 1:
            only = each[0].with_only_columns(*list(each[0].selected_columns)[: len(sources)])
            return only.order_by(R.answered_at.desc(), R.id.desc()).limit(limit)
        merged = list((all_of_them := sa.union_all(*each).subquery()).c)
        shown, order = merged[: len(sources)], merged[len(sources) :]
        return sa.select(*shown).select_from(all_of_them).order_by(*(c.desc() for c in order)).limit(limit)


def _joined() -> Any:
    response, cell, contact = (core(table) for table in (Response, Cell, Contact))
    with_cell = response.join(cell, (C.organisation_id == R.organisation_id) & (C.id == R.cell_id))
    return with_cell.outerjoin(contact, (P.organisation_id == R.organisation_id) & (P.id == R.contact_id))


def chosen(session: Session, query: Query, *, contact: bool, comments: bool = False) -> Rows:
    """The rows that `query` lets through; with `contact` who answered, with `comments` only those with words.

    Columns are the same for every page and export of one query: segments and questions come from its surveys.
    """
    surveys = _surveys(session, query)
    columns = [Column("id", UUID, R.id), *(Column(name, str, source) for name, source in DIMENSIONS.items())]
    columns += [Column(f"segments.{name}", str, C.segments[name].as_string()) for name in _segments(surveys)]
    columns += [Column("day", date, R.day), Column("answered_at", datetime, R.answered_at)]
    columns += [Column("score", int, R.score), Column("comment", str, R.comment)]
    if not comments:
        columns += [_answer(key, kinds) for key, kinds in _questions(session, query, surveys).items()]
    if contact:
        columns.append(Column("contact", str, P.ref))
    nested = ("segments",) if comments else ("segments", "answers")
    return Rows(tuple(columns), tuple(s.key for s in surveys), nested, tuple(_where(session, query, comments)))


def _where(session: Session, query: Query, comments: bool) -> list[sa.ColumnElement[bool]]:
    where = [R.organisation_id == query.organisation_id]
    if any((query.touchpoints, query.units, query.channels, query.locales, query.waves, query.segments)):
        where.append(R.cell_id.in_(frame.cells(session, query).with_only_columns(C.id).correlate(None)))
    if query.from_on:
        where.append(R.day >= query.from_on)
    if query.to_on:
        where.append(R.day <= query.to_on)
    if comments:
        where.append(R.comment.is_not(None))
    return where


def _surveys(session: Session, query: Query) -> list[Survey]:
    table = core(Survey).c
    surveys = sa.select(Survey).where(table.organisation_id == query.organisation_id).order_by(table.key)
    if query.surveys:
        surveys = surveys.where(table.key.in_(query.surveys))
    if query.audience:
        surveys = surveys.where(table.audience == query.audience)
    return list(session.execute(surveys).scalars())


def _segments(surveys: Sequence[Survey]) -> list[str]:
    return sorted({name for survey in surveys for name in survey.segments})


def _questions(session: Session, query: Query, surveys: Sequence[Survey]) -> dict[str, set[str]]:
    """The keys of further questions, retired ones too, with the kinds they have in these surveys."""
    table = core(Question).c
    kinds: dict[str, set[str]] = defaultdict(set)
    for key, kind in session.execute(
        sa.select(table.key, table.kind)
        .where(table.organisation_id == query.organisation_id, table.survey_key.in_([s.key for s in surveys]))
        .where(table.kind != "score", table.key != "comment")
        .order_by(table.key)
    ):
        kinds[key].add(kind)
    return kinds


def _answer(key: str, kinds: set[str]) -> Column:
    number = kinds == {"scale"}
    value = A.number if number else sa.func.coalesce(A.text, sa.cast(A.number, sa.Text))
    own = sa.select(value).where(A.organisation_id == R.organisation_id, A.response_id == R.id, A.question_key == key)
    source = own.correlate(core(Response)).scalar_subquery()
    return Column(f"answers.{key}", float if number else list if kinds == {"choices"} else str, source)


def page(
    session: Session, rows: Rows, limit: int, after: tuple[Any, ...] | None
) -> tuple[list[dict[str, Any]], list[tuple[datetime, UUID]]]:
    """At most `limit` items as nested dicts, and beside each the key that the next page may start behind."""
    sources = [*(column.source for column in rows.columns), R.answered_at, R.id]
    read = session.execute(rows.statement(sources, limit, after)).all()
    return [_item(rows, row) for row in read], [(row[-2], row[-1]) for row in read]


def _item(rows: Rows, row: Any) -> dict[str, Any]:
    """A row as nested dicts; what is nested is there even where the row has nothing of it."""
    item: dict[str, Any] = {}
    for column, value in zip(rows.columns, row[: len(rows.columns)], strict=True):
        group, dot, name = column.name.partition(".")
        if not dot:
            item[group] = value
        elif value is not None:
            item.setdefault(group, {})[name] = from_json(value) if column.kind is list else value
    for group in rows.nested:
        item.setdefault(group, {})
    return item
