"""Tokens of survey links: signed, so that the database holds nothing that opens one."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from surveys.facts import LinkUnknown

Purpose = Literal["answer", "unsubscribe", "open", "results"]
TOKEN_LENGTH = 48
SIGNED = 20
MAC = 16


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for: a row of an organisation, most often an invitation, as its purpose says."""

    organisation_id: int
    id: UUID


def sign(secret: bytes, purpose: Purpose, organisation_id: int, id_: UUID) -> str:
    """The token for one purpose: base64url of 4 + 16 bytes and the first 16 of their HMAC-SHA256 (RFC 2104)."""
    body = organisation_id.to_bytes(4, "big") + id_.bytes
    return base64.urlsafe_b64encode(body + _mac(secret, purpose, body)).decode()


def verify(secrets: Sequence[bytes], purpose: Purpose, token: str) -> Link:
    """Read a token signed with any of `secrets`. Raises LinkUnknown for everything else."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        raise LinkUnknown
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise LinkUnknown from None
    body, mac = raw[:SIGNED], raw[SIGNED:]
    if not any(hmac.compare_digest(mac, _mac(secret, purpose, body)) for secret in secrets):
        raise LinkUnknown
    return Link(int.from_bytes(body[:4], "big"), UUID(bytes=body[4:]))


def _mac(secret: bytes, purpose: Purpose, body: bytes) -> bytes:
    mac = _prepared(secret, purpose).copy()
    mac.update(body)
    return mac.digest()[:MAC]


@lru_cache(maxsize=32)
def _prepared(secret: bytes, purpose: Purpose) -> hmac.HMAC:
    """The HMAC after secret and purpose, so that each link costs its own twenty bytes only."""
    return hmac.new(secret, purpose.encode() + b"\0", sha256)
