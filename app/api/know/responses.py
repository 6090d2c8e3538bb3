"""Responses and comments: the rows behind the figures, newest first."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from analytics.counts import query
from app.access.keys import Caller
from app.api.conventions.edge import Anyone, Reporting, database
from app.api.conventions.lists import FORMATS, Asked, Listed, Page, encode_cursor
from app.api.conventions.routes import Router
from app.feeds import exports, rows, unlinked
from app.feeds.formats import Format, answer, wanted
from app.feeds.headers import left_out
from surveys.facts import Malformed

router = Router(tags=["know"])
OWN = ("limit", "after", "format")
WITH_CONTACT = ("owner", "analyst", "sender")


class CommentOut(BaseModel):
    """One person's words; `contact` is left out for roles that see no contact data.

    Those of an anonymous survey come without score, day and segments, shuffled within each wave.
    """

    id: UUID
    survey: str
    wave: str | None
    touchpoint: str | None
    unit: str | None
    channel: str | None
    locale: str | None
    segments: dict[str, str] = {}
    day: date | None
    answered_at: datetime | None
    score: int | None
    comment: str | None
    contact: str | None = Field(None, json_schema_extra=left_out)


class ResponseOut(CommentOut):
    """One person's answer."""

    answers: dict[str, Any] = {}


def filters(  # noqa: PLR0917 - one parameter for each filter, so that the OpenAPI document names them
    survey: Annotated[list[str] | None, Query(description="Keys; those of customers' surveys where left out.")] = None,
    audience: Annotated[str | None, Query(description="customers or staff, where `survey` names none.")] = None,
    touchpoint: Annotated[list[str] | None, Query()] = None,
    unit: Annotated[list[str] | None, Query(description="With what is below it.")] = None,
    channel: Annotated[list[str] | None, Query()] = None,
    locale: Annotated[list[str] | None, Query()] = None,
    wave: Annotated[list[str] | None, Query()] = None,
    from_: Annotated[str | None, Query(alias="from", description="First day, in the organisation's zone.")] = None,
    to: Annotated[str | None, Query(description="Last day.")] = None,
) -> None:
    """The filters of rows; `segment.<name>` beside them. They are read by `analytics.query`."""


@router.get("/responses", response_model=Listed[ResponseOut], responses=FORMATS, dependencies=[Depends(filters)])
def list_responses(request: Request, caller: Anyone, session: Reporting, page: Page) -> Response:
    """Responses, newest first. CSV and Parquet give all of them unless `limit` is set."""
    return _listed(request, session, caller, page, "responses")


@router.get("/comments", response_model=Listed[CommentOut], responses=FORMATS, dependencies=[Depends(filters)])
def list_comments(request: Request, caller: Anyone, session: Reporting, page: Page) -> Response:
    """Comments, newest first. CSV and Parquet give all of them unless `limit` is set.

    Those of an anonymous survey are shown where `survey` names it: from cells with enough responses only.
    """
    return _listed(request, session, caller, page, "comments")


def _listed(
    request: Request, session: Session, caller: Caller, page: Asked, name: Literal["responses", "comments"]
) -> Response:
    parameters = request.query_params
    for parameter in ("by", "confidence"):
        if parameter in parameters:
            raise Malformed(parameter, "rows are not grouped; this belongs to /scores.")
    asked = query.parse(session, caller.organisation_id, parameters.multi_items(), within=caller.unit_key, own=OWN)
    if name == "comments" and unlinked.asked(session, asked):
        return _unlinked(request, session, asked, page)
    after = page.behind(datetime, UUID)
    chosen = rows.chosen(session, asked, contact=caller.role in WITH_CONTACT, comments=name == "comments")
    format_ = wanted(request)
    if format_ is not Format.JSON:
        limit = page.limit if "limit" in parameters else None
        limits = {"places": request.app.state.places, "key_id": caller.key_id}
        return exports.export(database(request), chosen, format_, name=name, limit=limit, after=after, **limits)
    items, keys = rows.page(session, chosen, page.limit + 1, after)
    more = len(items) > page.limit
    cursor = encode_cursor([keys[page.limit - 1][0].isoformat(), keys[page.limit - 1][1].hex]) if more else None
    return answer(request, items[: page.limit], name=name, envelope={"next": cursor})


def _unlinked(request: Request, session: Session, asked: query.Query, page: Asked) -> Response:
    after = page.behind(str, UUID)
    whole = wanted(request) is not Format.JSON and "limit" not in request.query_params
    items = unlinked.page(session, asked, None if whole else page.limit + 1, after)
    shown = items if whole else items[: page.limit]
    cursor = encode_cursor([str(part) for part in unlinked.key(shown[-1])]) if len(shown) < len(items) else None
    return answer(request, shown, name="comments", envelope={"next": cursor})
