"""Sign-in for pages: a signed cookie that names an API key, which is looked up at each request."""

import secrets as random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session

from app.access import keys
from app.access.keys import Caller

COOKIE = "soundings_session"
FORM_COOKIE = "soundings_form"
LASTS_SECONDS = 12 * 3600


def seal(secrets: Sequence[bytes], caller: Caller) -> str:
    """The cookie's content: organisation and key id, signed; nothing that opens the API."""
    return _signer(secrets, "session").dumps([caller.organisation_id, caller.key_id.hex])


def caller_of(session: Session, secrets: Sequence[bytes], cookie: str | None, now: datetime) -> Caller | None:
    """Who signed in, or None where the cookie is absent, forged or old, or the key is revoked or expired."""
    try:
        number, key = _signer(secrets, "session").loads(cookie or "", max_age=LASTS_SECONDS)
    except BadSignature:
        return None
    return keys.known(session, number, UUID(hex=key), now)


def new_nonce() -> str:
    """What a browser keeps in a cookie of its own, so that only our forms can be posted by it."""
    return random.token_urlsafe(24)


def form_token(secrets: Sequence[bytes], nonce: str) -> str:
    """The hidden field of a form, made for the browser that holds the nonce."""
    return _signer(secrets, "form").dumps(nonce)


def form_is_ours(secrets: Sequence[bytes], nonce: str | None, token: str) -> bool:
    """Whether a posted form was made for the browser that posted it, within the life of a session."""
    try:
        made_for: object = _signer(secrets, "form").loads(token, max_age=LASTS_SECONDS)
    except BadSignature:
        return False
    return bool(nonce) and made_for == nonce


def _signer(secrets: Sequence[bytes], purpose: str) -> URLSafeTimedSerializer:
    # The library signs with the last and accepts all; ours are newest first.
    return URLSafeTimedSerializer(list(reversed(secrets)), salt=f"soundings.{purpose}")
