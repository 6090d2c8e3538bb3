"""The survey page: one link, one answer."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import clock
from app.answering.intake import IntakeFull
from app.answering.path import body
from app.api.conventions.edge import Now, Reading
from app.pages.respondents import form, sheet
from app.pages.respondents.page import HEADERS, address
from app.problems import Problem, problem
from surveys import links
from surveys.answering import opened as opening
from surveys.answering.answers import Submission
from surveys.answering.opened import Opened
from surveys.facts import Fact, LinkUnknown, Malformed
from surveys.links import Link

router = APIRouter()


@router.api_route("/s/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def show(token: str, request: Request, session: Reading, now: Now) -> Response:
    """The page. Mail scanners open every link, so nothing is written; a score in the address only preselects."""
    try:
        opened = opening.find(session, links.verify(request.app.state.secrets, "answer", token), now)
    except LinkUnknown as fact:
        return sheet.over(request, fact)
    return sheet.show(request, opened)


@router.post("/s/{token}", include_in_schema=False)
async def answer(token: str, request: Request) -> Response:
    """Record what the form of the page says, or correct it; JSON is taken by app.answers before it gets here.

    There is no anti-forgery token: no cookie or other ambient right is involved, the link alone is the right
    to answer, and whoever could forge the post would have to hold it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        wanted = "application/json or application/x-www-form-urlencoded"
        return problem(415, f"'{kind}' is not understood here. Send {wanted}.")
    try:
        link = links.verify(request.app.state.secrets, "answer", token)
        fields = form.parse(await body(request.receive))
        opened = await run_in_threadpool(_open, request, link)
    except Fact as fact:
        return sheet.over(request, fact)
    except Problem as told:
        return sheet.over(request, Malformed("body", str(told.detail)), status=told.status_code)
    if opened.over:
        return sheet.over(request, opened.over, opened)
    return await _record(request, opened, fields)


def _open(request: Request, link: Link) -> Opened:
    with request.app.state.database.reading() as session:
        return opening.find(session, link, clock.now())


async def _record(request: Request, opened: Opened, fields: form.Fields) -> Response:
    asked = sheet.further(opened)
    second = request.query_params.get("step") == "why" and sheet.two_steps(opened)
    whole = second or not sheet.two_steps(opened)
    filled = form.check(fields, asked, whole=whole)
    if filled.score is None or (filled.errors and not second):
        return sheet.score(request, opened, filled.score, filled.values, filled.errors)
    if filled.errors:
        return sheet.why(request, opened, filled.score, filled.values, filled.errors)
    link = opened.link
    submission = Submission(link.organisation_id, link.id, filled.score, filled.given)
    try:
        outcome = await request.app.state.intake.submit(submission)
    except IntakeFull as full:
        return sheet.over(request, full, opened, 503)
    if isinstance(outcome, Fact):
        return sheet.over(request, outcome, opened)
    step = "thanks" if whole or not asked else "why"
    return Response(status_code=303, headers=HEADERS | {"Location": address(request, step=step)})
