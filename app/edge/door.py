"""The door to a survey's link: what `Limits` and `Requests` do around everything else, once a whole answer is there.

They wrap what is received and what is sent, piece by piece, since a download may have no end in sight. An answer of the
short path is there as a whole before any of it is sent, so nothing needs wrapping.
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.edge import limits, requests
from app.edge.limits import Guesses
from app.edge.problems import FAULT, refusal

Respond = Callable[[Scope, Receive], Awaitable[Response]]


class Door:
    """Lets in what is for a survey's link. It leaves no id and no duration, and a line as `tell_of_link` says."""

    def __init__(self, respond: Respond, *, guesses: Guesses, https: bool) -> None:
        self._respond = respond
        self._guesses = guesses
        self._wanted = requests.wanted(https=https, api=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(scope, receive)
        response.raw_headers += requests.missing(response.raw_headers, self._wanted)
        status = response.status_code
        try:
            await response(scope, receive, send)
        except Exception as error:
            requests.note(error, scope)
            status = 500
        requests.tell_of_link(scope["method"], requests.route_of(scope), status)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if limits.holds_nul(scope):
            return refusal(scope, 404, limits.NOWHERE)
        try:
            response = await self._respond(scope, limits.limited(scope, receive))
        except Exception as error:
            requests.note(error, scope)
            return refusal(scope, 500, FAULT)
        if response.status_code == 404 and (wait := self._guesses.wrong(limits.address_of(scope))):
            return refusal(scope, 429, limits.TOO_MANY, headers={"Retry-After": str(wait)})
        return response
