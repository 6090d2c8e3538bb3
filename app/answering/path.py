"""The short path of respondents' links: pages, forms and posted JSON, from the wire without a detour.

It stands before router and middleware because those cost more than storing an answer or filling in a page does;
docs/decisions/0002-group-commit.md and 0013-held-pages.md have the measurements.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.answering import repeats
from app.answering.intake import IntakeFull
from app.answering.replies import ANSWER, body, busy, reply
from app.edge import slashes, unavailable
from app.edge.faults import described
from app.edge.problems import Problem, from_fact, malformed, problem, refusal
from app.pages import lost
from app.pages.respondents import about, open_page, survey
from app.pages.respondents.visit import Visit, of_scope
from app.storage.outages import RETRY_AFTER
from surveys import links
from surveys.answering.answers import Submission
from surveys.facts import Fact

SURVEY, OPEN = "/s/", "/q/"
ADDRESS = re.compile(r"(/s/|/q/)([^/]*)(/about|/qr\.svg)?/?")
PAGES: dict[tuple[str, str | None], Callable[[Any, Visit], Awaitable[Response]]] = {
    (SURVEY, None): survey.show,
    (SURVEY, "/about"): about.show,
    (OPEN, None): open_page.show,
    (OPEN, "/qr.svg"): open_page.show_qr,
}
FORMS = {SURVEY: survey.answer, OPEN: open_page.answer}
REFUSALS = {SURVEY: survey.refuse, OPEN: open_page.refuse}
FORM = b"application/x-www-form-urlencoded"
JSON = (b"application/json", b"")
READ = "application/json or application/x-www-form-urlencoded"

log = structlog.get_logger()


def leads(scope: Scope) -> str | None:
    """The kind of link, `/s/` or `/q/`, where the request is for a page of this path."""
    if scope["type"] != "http" or not scope["path"].startswith((SURVEY, OPEN)):
        return None
    address = ADDRESS.fullmatch(scope["path"])
    return address[1] if address is not None and (address[1], address[3]) in PAGES else None


class ShortPath:
    """Answers requests for which it `leads`. What a page raises is for whoever stands around to tell."""

    def __init__(self, state: Any) -> None:
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (await self.respond(scope, receive))(scope, receive, send)

    async def respond(self, scope: Scope, receive: Receive) -> Response:
        """The answer to one request, as a whole; that of an outage where there is one."""
        try:
            return await self._respond(scope, receive)
        except Exception as error:
            if not self.state.database.outages.met(error):
                raise
            return unavailable.answer(Request(scope))

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        if (way := slashes.away(scope)) is not None:
            return way
        address = ADDRESS.fullmatch(scope["path"])
        assert address is not None  # noqa: S101 - it leads here
        method, (kind, token, leaf) = scope["method"], address.groups()
        if method in ("GET", "HEAD"):
            return await PAGES[kind, leaf](self.state, of_scope(scope, token, self.state))
        if method == "POST" and leaf is None:
            return await self._post(kind, token, scope, receive)
        methods = "GET, HEAD" if leaf else "GET, HEAD, POST"
        return refusal(scope, 405, f"Here is {methods}, and not {method}.", headers={"Allow": methods})

    async def _post(self, kind: str, token: str, scope: Scope, receive: Receive) -> Response:
        media = _media(scope)
        if media in JSON and kind == SURVEY:
            return await self._take(_store(self.state, token, receive, repeats.key_of(scope)))
        visit = of_scope(scope, token, self.state)
        if media == FORM:
            return await FORMS[kind](self.state, visit, receive)
        if media in JSON:
            return await self._take(open_page.take(self.state, visit, receive))
        detail = f"'{media.decode('latin-1')}' is not understood here. Send {READ}."
        if lost.is_person(scope):
            return await REFUSALS[kind](self.state, visit, Problem(415, detail))
        return problem(415, detail)

    async def _take(self, storing: Awaitable[Response]) -> Response:
        """Store what came as JSON; whatever fails is said as a problem, and the answer is not stored."""
        try:
            return await storing
        except Problem as over:
            return problem(over.status_code, str(over.detail), headers=dict(over.headers or {}))
        except Exception as error:
            if self.state.database.outages.met(error):
                return problem(503, unavailable.DETAIL, headers=RETRY_AFTER)
            log.error("answer not stored", **described(error))
            return problem(500, "Something went wrong here; your answer is not stored. Please try again.")


def _media(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-type":
            media: bytes = value.split(b";", 1)[0].strip().lower()
            return media
    return b""


async def _store(state: Any, token: str, receive: Receive, key: str | None) -> Response:
    try:
        link = links.verify(state.secrets, "answer", token)
        raw = await body(receive)
        answer = ANSWER.validate_json(raw)
        fields = {name: getattr(answer, name) for name in answer.model_fields_set if name != "score"}
        submission = Submission(link.organisation_id, link.id, answer.score, fields)
        if key is not None:
            return await repeats.take(state, submission, key, raw, reply)
        outcome = await state.intake.submit(submission)
    except ValidationError as error:
        return malformed(error.errors())
    except IntakeFull as full:
        state.database.outages.note(full)
        return busy()
    except Fact as fact:
        return from_fact(fact)
    return reply(outcome)
