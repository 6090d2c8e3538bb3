"""Once: a POST repeated with the same Idempotency-Key within 24 hours is answered as the first was.

The answer is stored in the transaction of the effect, so neither is there without the other. It may hold a
link or a key, so it is sealed with a secret that the database does not hold.
"""

import hmac
import json
import secrets as randomness
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session
from starlette.responses import Response

from surveys.facts import Malformed, Refused
from surveys.tables import RememberedRequest
from surveys.tables.bulk import dialect
from surveys.tables.columns import core

KEPT = timedelta(hours=24)
KEY_LENGTH = 200
MARK_BYTES = 16
FIELD = "Idempotency-Key"


class Repeated(Exception):
    """The request was answered before; carries that answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that wants to take effect once: whose it is, under which key, and what it says.

    `by_day` keeps no nearer time of it than the end of the day.
    """

    organisation_id: int
    api_key_id: UUID
    key: str
    request_sha256: bytes
    secrets: Sequence[bytes]
    by_day: bool = False

    @property
    def stored_key(self) -> str:
        """The key as it is stored, apart for each API key."""
        return f"{self.api_key_id.hex}:{self.key}"


def check(key: str) -> None:
    """Raise Malformed unless `key` is 1 to 200 printable ASCII characters."""
    if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise Malformed(FIELD, f"1 to {KEY_LENGTH} printable ASCII characters are wanted.")


def take(session: Session, claim: Claim, now: datetime) -> Response | None:
    """Take the key for this request, or give the answer it had; a repeat meanwhile waits for the first to end.

    Raises Malformed where the key came with another request.
    """
    c = core(RememberedRequest).c
    own = (c.organisation_id == claim.organisation_id, c.idempotency_key == claim.stored_key)
    session.execute(
        sa.delete(RememberedRequest).where(c.organisation_id == claim.organisation_id, c.created_at < now - KEPT)
    )
    mark = randomness.token_hex(MARK_BYTES)
    row = {
        "organisation_id": claim.organisation_id,
        "idempotency_key": claim.stored_key,
        "request_sha256": claim.request_sha256,
        "status": 0,
        "answer": {"mark": mark},
        "created_at": now.replace(hour=23, minute=59, second=59, microsecond=0) if claim.by_day else now,
    }
    dialects = {"sqlite": sqlite, "postgresql": postgresql}
    insert = dialects[dialect(session)].insert(core(RememberedRequest))
    session.execute(insert.on_conflict_do_nothing(), row)
    stored = session.execute(sa.select(c.request_sha256, c.status, c.answer).where(*own)).one()
    if stored.answer.get("mark") == mark:
        return None
    if not hmac.compare_digest(stored.request_sha256, claim.request_sha256):
        raise Malformed(FIELD, "this key came with another request within 24 hours; give each request its own.")
    media, body = _opened(claim, stored.answer["sealed"])
    return Response(body, stored.status, {"Idempotent-Replayed": "true"}, media_type=media)


def remember(session: Session, claim: Claim, answer: Response) -> None:
    """Keep how the request was answered, in the transaction that holds its effect."""
    c = core(RememberedRequest).c
    sealed = _sealed(claim, answer.headers.get("content-type"), bytes(answer.body))
    session.execute(
        sa.update(RememberedRequest)
        .where(c.organisation_id == claim.organisation_id, c.idempotency_key == claim.stored_key)
        .values(status=answer.status_code, answer={"sealed": sealed})
    )


def _sealed(claim: Claim, media: str | None, body: bytes) -> str:
    # The time that a token of Fernet has in clear would be that of an anonymous answer.
    return _seal(claim).encrypt_at_time(json.dumps([media, body.decode()]).encode(), 0).decode()


def _opened(claim: Claim, sealed: str) -> tuple[str | None, str]:
    try:
        media, body = json.loads(_seal(claim).decrypt(sealed))
    except InvalidToken:
        gone = "This request was answered before, under a secret that is gone; use a new Idempotency-Key."
        raise Refused(gone) from None
    return media, body


def _seal(claim: Claim) -> MultiFernet:
    """Authenticated encryption under keys that only this request has; the newest secret seals."""
    context = b"remembered\0" + claim.stored_key.encode()
    return MultiFernet(Fernet(urlsafe_b64encode(hmac.digest(s, context, sha256))) for s in claim.secrets)
