"""A visit: what the address and the browser say when one of a respondent's pages is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.types import Scope

from app import languages
from app.pages.respondents.held import Pages

STEPS = ("why", "thanks")
SCORES = {str(n): n for n in range(11)}


@dataclass(slots=True)
class Visit:
    """One request. What an address may say is known in advance: all else in it is passed over.

    `chosen` is the language chosen on the page, `browser` the header Accept-Language. A `kiosk` stands where one
    person comes after another.
    """

    token: str
    chosen: str | None
    step: str | None
    score: str | None
    browser: str | None
    pages: Pages
    secrets: Sequence[bytes]
    kiosk: bool = False

    def speak(self, contact: str | None, organisation: str | None) -> str:
        """The language to speak: the one chosen on the page, then the contact's, the browser's, the organisation's."""
        spoken = self.chosen or languages.spoken(contact)
        return spoken or languages.negotiate(*languages.accepted(self.browser), organisation)

    def address(self, **changes: str | None) -> str:
        """A link to the same path, keeping the language chosen; relative, so that it holds behind any proxy."""
        kept = {"lang": self.chosen, "kiosk": "1" if self.kiosk else None} | changes
        return "?" + "&".join(f"{name}={value}" for name, value in kept.items() if value)

    def stay(self, *, score: bool) -> str:
        """What the address says beside the language, as the end of a link to the same page in another one."""
        step = "&kiosk=1" if self.kiosk else ""
        step += f"&step={self.step}" if self.step else ""
        return f"{step}&score={self.score}" if score and self.score else step


def of_scope(scope: Scope, token: str, state: Any) -> Visit:
    """The visit that a request is; `state` is the application's."""
    browser = None
    for name, value in scope["headers"]:
        if name == b"accept-language":
            browser = value.decode("latin-1")
            break
    raw = scope["query_string"]
    asked = dict(parse_qsl(raw.decode("latin-1"))) if raw else {}
    step, score = asked.get("step"), asked.get("score")
    return Visit(
        token,
        languages.spoken(asked.get("lang")),
        step if step in STEPS else None,
        score if score in SCORES else None,
        browser,
        state.pages,
        state.secrets,
        asked.get("kiosk") == "1",
    )


def of(request: Request) -> Visit:
    """The visit of a page that the router leads to."""
    token = request.path_params.get("token") or request.path_params["code"]
    return of_scope(request.scope, token, request.app.state)
