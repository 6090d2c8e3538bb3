"""The open page of a touchpoint: whoever is there answers, once for each time the page is opened."""

from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import uuid4

import segno
from pydantic import Field, TypeAdapter, ValidationError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive

from app.answering.intake import IntakeFull
from app.answering.replies import AnswerIn, body, busy, reply
from app.edge.problems import Problem, from_fact, malformed
from app.operations.metrics import RECORDED
from app.pages.respondents import form, sheet
from app.pages.respondents.asked import further
from app.pages.respondents.page import HEADERS, Redirect
from app.pages.respondents.visit import Visit
from surveys import links
from surveys.answering import open_pages
from surveys.answering.answers import Outcome, Recorded
from surveys.answering.open_pages import Submission
from surveys.answering.opened import Opened
from surveys.facts import Fact, LinkUnknown, Malformed
from surveys.links import Link

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


async def show(state: Any, visit: Visit) -> Response:
    """The page, with a submission_id of its own; nothing is written."""
    try:
        opened = await _find(state, visit)
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    return _framed(sheet.show_open(visit, replace(opened, submission_id=uuid4().hex)))


async def show_qr(state: Any, visit: Visit) -> Response:
    """The page's link as a QR code (ISO/IEC 18004) that is read even when a sixth of it is worn."""
    try:
        opened = await _find(state, visit)
    except LinkUnknown as fact:
        return from_fact(fact)
    if opened.over is not None:
        return from_fact(opened.over)
    drawn = BytesIO()
    made = segno.make(f"{state.settings.base_url}/q/{visit.token}", error="m", micro=False)
    made.save(drawn, kind="svg", scale=8, dark="#000", light="#fff", title=opened.touchpoint)
    return Response(drawn.getvalue(), headers=PICTURE, media_type="image/svg+xml")


async def take(state: Any, visit: Visit, receive: Receive) -> Response:
    """Record what a JSON body says. As with links, the code alone is the right to answer."""
    try:
        link = _link(state, visit)
        posted = ANSWER.validate_json(await body(receive))
        opened = await _find(state, visit)
        fields = {name: getattr(posted, name) for name in posted.model_fields_set & {"comment", "answers"}}
        said = Submission(posted.submission_id, posted.score, _language(visit, opened), fields)
        return reply(await _record(state, link, said))
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull:
        return busy()
    except Fact as fact:
        return from_fact(fact)


async def answer(state: Any, visit: Visit, receive: Receive) -> Response:
    """Record what the form of the page says."""
    try:
        _link(state, visit)
        fields = form.parse(await body(receive))
        submission_id = form.submission_id(fields)
        opened = await _find(state, visit)
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    except (Malformed, Problem) as unread:
        return await refuse(state, visit, unread)
    return _framed(await _take(state, visit, replace(opened, submission_id=submission_id), fields))


async def refuse(state: Any, visit: Visit, unread: Malformed | Problem) -> Response:
    """Why nothing that was sent could be read, in the language of whoever looks."""
    try:
        opened = await _find(state, visit)
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    return _framed(sheet.over(visit, unread, opened))


async def _take(state: Any, visit: Visit, opened: Opened, fields: form.Fields) -> Response:
    if opened.over:
        return sheet.over(visit, opened.over, opened)
    filled = form.check(fields, further(opened), whole=True)
    if filled.score is None or filled.errors:
        return sheet.score(visit, opened, filled.score, filled.values, filled.errors)
    said = Submission(str(opened.submission_id), filled.score, _language(visit, opened), filled.further)
    try:
        outcome = await _record(state, opened.link, said)
    except IntakeFull as full:
        return sheet.over(visit, full, opened)
    if isinstance(outcome, Fact):
        return sheet.over(visit, outcome, opened)
    return Redirect(visit.address(step="thanks"))


async def _record(state: Any, link: Link, said: Submission) -> Outcome:
    def job(session: Session, now: Any) -> Outcome:
        return open_pages.answer(session, link, said, now)

    outcome: Outcome = await state.intake.run(job)
    if isinstance(outcome, Recorded) and not outcome.corrected:
        RECORDED.labels("page").inc()
    return outcome


async def _find(state: Any, visit: Visit) -> Opened:
    """What the page shows. Raises LinkUnknown."""
    link = _link(state, visit)

    def read() -> Opened:
        with state.database.opening() as session:
            return open_pages.find(session, link)

    return await run_in_threadpool(read)


def _link(state: Any, visit: Visit) -> Link:
    return links.verify(state.secrets, "open", visit.token)


def _language(visit: Visit, opened: Opened) -> str:
    return visit.speak(None, opened.organisation_locale)


def _framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = OPEN["Content-Security-Policy"]
    return response
