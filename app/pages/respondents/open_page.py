"""The open page of a touchpoint: whoever is there answers, once for each time the page is opened."""

from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import uuid4

import segno
from fastapi import APIRouter, Request
from pydantic import Field, TypeAdapter, ValidationError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.answering.intake import IntakeFull
from app.answering.replies import AnswerIn, body, busy, reply
from app.api.conventions.edge import Opening
from app.edge.problems import Problem, from_fact, malformed, problem
from app.operations.metrics import RECORDED
from app.pages.respondents import form, sheet, visit
from app.pages.respondents.asked import further
from app.pages.respondents.page import HEADERS, Redirect
from surveys import links
from surveys.answering import open_pages
from surveys.answering.answers import Outcome, Recorded
from surveys.answering.open_pages import Submission
from surveys.answering.opened import Opened
from surveys.facts import Fact, LinkUnknown, Malformed
from surveys.links import Link

router = APIRouter()
FORM = "application/x-www-form-urlencoded"
# The page may stand inside another site's: it holds no right that a foreign frame could make a person use.
OPEN = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
}
PICTURE = HEADERS | {"Content-Security-Policy": "default-src 'none'"}


class OpenAnswerIn(AnswerIn):
    """An answer on an open page; the same `submission_id` again, as after a lost reply, is the same answer."""

    submission_id: str = Field(
        pattern=f"^{open_pages.SUBMISSION_ID.pattern}$", description="New for each person, such as a random UUID."
    )


ANSWER = TypeAdapter(OpenAnswerIn)


@router.api_route("/q/{code}", methods=["GET", "HEAD"], include_in_schema=False)
def show(code: str, request: Request, session: Opening) -> Response:
    """The page, with a submission_id of its own; nothing is written."""
    try:
        opened = open_pages.find(session, _link(request, code))
    except LinkUnknown as fact:
        return sheet.over(visit.of(request), fact)
    return _framed(sheet.show_open(visit.of(request), replace(opened, submission_id=uuid4().hex)))


@router.api_route("/q/{code}/qr.svg", methods=["GET", "HEAD"], include_in_schema=False)
def show_qr(code: str, request: Request, session: Opening) -> Response:
    """The page's link as a QR code (ISO/IEC 18004) that is read even when a sixth of it is worn."""
    try:
        opened = open_pages.find(session, _link(request, code))
    except LinkUnknown as fact:
        return from_fact(fact)
    if opened.over is not None:
        return from_fact(opened.over)
    drawn = BytesIO()
    made = segno.make(f"{request.app.state.settings.base_url}/q/{code}", error="m", micro=False)
    made.save(drawn, kind="svg", scale=8, dark="#000", light="#fff", title=opened.touchpoint)
    return Response(drawn.getvalue(), headers=PICTURE, media_type="image/svg+xml")


@router.post("/q/{code}", include_in_schema=False)
async def answer(code: str, request: Request) -> Response:
    """Record what the form of the page, or a JSON body, says. As with links, the code alone is the right to answer."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind == "application/json":
        return await _answer_json(request, code)
    if kind == FORM:
        return _framed(await _answer_form(request, code))
    return problem(415, f"'{kind}' is not understood here. Send application/json or {FORM}.")


async def _answer_json(request: Request, code: str) -> Response:
    try:
        link = _link(request, code)
        answer = ANSWER.validate_json(await body(request.receive))
        opened = await run_in_threadpool(_open, request, link)
        fields = {name: getattr(answer, name) for name in answer.model_fields_set & {"comment", "answers"}}
        said = Submission(answer.submission_id, answer.score, _language(request, opened), fields)
        return reply(await _record(request, link, said))
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull:
        return busy()
    except Fact as fact:
        return from_fact(fact)


async def _answer_form(request: Request, code: str) -> Response:
    try:
        link = _link(request, code)
        fields = form.parse(await body(request.receive))
        submission_id = form.submission_id(fields)
        opened = replace(await run_in_threadpool(_open, request, link), submission_id=submission_id)
    except Fact as fact:
        return sheet.over(visit.of(request), fact)
    except Problem as cut:
        return sheet.over(visit.of(request), Malformed("body", str(cut.detail)), status=cut.status_code)
    return await _take(request, opened, fields)


async def _take(request: Request, opened: Opened, fields: form.Fields) -> Response:
    asked = visit.of(request)
    if opened.over:
        return sheet.over(asked, opened.over, opened)
    filled = form.check(fields, further(opened), whole=True)
    if filled.score is None or filled.errors:
        return sheet.score(asked, opened, filled.score, filled.values, filled.errors)
    said = Submission(str(opened.submission_id), filled.score, _language(request, opened), filled.further)
    try:
        outcome = await _record(request, opened.link, said)
    except IntakeFull as full:
        return sheet.over(asked, full, opened, 503)
    if isinstance(outcome, Fact):
        return sheet.over(asked, outcome, opened)
    return Redirect(asked.address(step="thanks"))


async def _record(request: Request, link: Link, said: Submission) -> Outcome:
    def job(session: Session, now: Any) -> Outcome:
        return open_pages.answer(session, link, said, now)

    outcome: Outcome = await request.app.state.intake.run(job)
    if isinstance(outcome, Recorded) and not outcome.corrected:
        RECORDED.labels("page").inc()
    return outcome


def _open(request: Request, link: Link) -> Opened:
    with request.app.state.database.opening() as session:
        return open_pages.find(session, link)


def _link(request: Request, code: str) -> Link:
    return links.verify(request.app.state.secrets, "open", code)


def _language(request: Request, opened: Opened) -> str:
    return visit.of(request).speak(None, opened.organisation_locale)


def _framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = OPEN["Content-Security-Policy"]
    return response
