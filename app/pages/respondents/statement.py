"""The signed statement of a closed anonymous wave: on pages, as JSON beside a link, and the keys to check it with."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import JSONResponse, Response

from app import languages
from app.api.conventions.edge import Now, Opening, Reading
from app.pages.respondents import sheet
from surveys import links
from surveys.anonymity.statements import statements
from surveys.answering import opened as opening
from surveys.facts import Unknown
from surveys.fieldwork import publications

router = APIRouter()
FILE = "statement.json"
COUNTS = ("asked", "known", "added", "erased", "answered", "cells", "floor", "comment_floor")
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


class PublicKey(BaseModel):
    """A public key (RFC 8037); `kid` is its thumbprint (RFC 7638), by which a statement names it."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class PublicKeys(BaseModel):
    """A set of keys (RFC 7517)."""

    keys: list[PublicKey] = Field(description="Of every secret in use, the one that signs now first.")


@router.get("/.well-known/soundings-statement-keys.json", tags=["run"])
def public_keys(request: Request) -> PublicKeys:
    """The public keys that signed statements of anonymous waves are checked with."""
    return PublicKeys(keys=[PublicKey(**key) for key in statements.keys(request.app.state.secrets)])


@router.api_route("/s/{token}/" + FILE, methods=["GET", "HEAD"], include_in_schema=False)
def beside_link(token: str, request: Request, session: Opening, now: Now) -> Response:
    """The statement for whoever was asked."""
    secrets = request.app.state.secrets
    opened = opening.find(session, links.verify(secrets, "answer", token), now, secrets)
    if opened.over and not isinstance(opened.over, sheet.READABLE):
        raise opened.over
    return _file(statements.behind(session, opened.link.organisation_id, opened.link.id))


@router.api_route("/r/{token}/" + FILE, methods=["GET", "HEAD"], include_in_schema=False)
def beside_results(token: str, request: Request, session: Reading) -> Response:
    """The statement for whoever reads the published results."""
    published = publications.find(session, links.verify(request.app.state.secrets, "results", token))
    return _file(statements.find(session, published.organisation_id, published.wave_key))


def _file(signed: dict[str, Any] | None) -> Response:
    if signed is None:
        raise Unknown("statement yet")
    return JSONResponse(signed, headers=HEADERS)


def behind(
    session: Session, organisation_id: int, invitation_id: Any, language: str, zone: str
) -> dict[str, Any] | None:
    """What the page about the answers says of the statement; None before there is one. The file lies beside it."""
    return in_words(statements.behind(session, organisation_id, invitation_id), FILE, language, zone)


def in_words(signed: dict[str, Any] | None, file: str, language: str, zone: str) -> dict[str, Any] | None:
    """A statement with its numbers and days as they are written in a language."""
    if signed is None:
        return None
    content = signed["statement"]
    counts = {name: content[name] for name in COUNTS}
    words = {name: count and languages.number_in_words(count, language) for name, count in counts.items()}
    days = {name: _day(content[f"{name}_at"], language, zone) for name in ("opened", "closed")}
    return words | days | {"file": file}


def _day(instant: str, language: str, zone: str) -> str:
    return languages.day_in_words(datetime.fromisoformat(instant), language, zone)
