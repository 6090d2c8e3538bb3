"""The survey page: one link, one answer. It is reached by the short path, without router and middleware."""

from typing import Any

from starlette.responses import Response
from starlette.types import Receive

from app.answering.intake import IntakeFull
from app.answering.replies import body
from app.edge.problems import Problem
from app.pages.respondents import asked, form, sheet
from app.pages.respondents.page import Redirect
from app.pages.respondents.visit import Visit
from surveys import links
from surveys.answering.answers import Submission
from surveys.answering.opened import Opened
from surveys.facts import Fact, LinkUnknown, Malformed


async def show(state: Any, visit: Visit) -> Response:
    """The page. Mail scanners open every link, so nothing is written; a score in the address only preselects."""
    try:
        opened = await state.openings.find(links.verify(state.secrets, "answer", visit.token))
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    return sheet.show(visit, opened)


async def answer(state: Any, visit: Visit, receive: Receive) -> Response:
    """Record what the form of the page says, or correct it.

    There is no anti-forgery token: no cookie or other ambient right is involved, the link alone is the right
    to answer, and whoever could forge the post would have to hold it.
    """
    try:
        link = links.verify(state.secrets, "answer", visit.token)
        fields = form.parse(await body(receive))
        opened = await state.openings.find(link)
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    except (Malformed, Problem) as unread:
        return await refuse(state, visit, unread)
    if opened.over:
        return sheet.over(visit, opened.over, opened)
    return await _record(state, visit, opened, fields)


async def refuse(state: Any, visit: Visit, unread: Malformed | Problem) -> Response:
    """Why nothing that was sent could be read, in the language of whoever the link is for."""
    try:
        opened = await state.openings.find(links.verify(state.secrets, "answer", visit.token))
    except LinkUnknown as fact:
        return sheet.over(visit, fact)
    return sheet.over(visit, unread, opened)


async def _record(state: Any, visit: Visit, opened: Opened, fields: form.Fields) -> Response:
    questions = asked.further(opened)
    second = visit.step == "why" and sheet.two_steps(opened)
    whole = second or not sheet.two_steps(opened)
    filled = form.check(fields, questions, whole=whole)
    if filled.score is None or (filled.errors and not second):
        return sheet.score(visit, opened, filled.score, filled.values, filled.errors)
    if filled.errors:
        return sheet.why(visit, opened, filled.score, filled.values, filled.errors)
    link = opened.link
    submission = Submission(link.organisation_id, link.id, filled.score, filled.further)
    try:
        outcome = await state.intake.submit(submission)
    except IntakeFull as full:
        return sheet.over(visit, full, opened)
    if isinstance(outcome, Fact):
        return sheet.over(visit, outcome, opened)
    return Redirect(visit.address(step="thanks" if whole or not asked else "why"))
