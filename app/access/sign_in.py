"""Sign-in for pages: a signed cookie that names a row, which is looked up at each request and goes with sign-out."""

import secrets as random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session

from app.access import keys
from app.access.keys import Caller
from surveys.tables import SignIn
from surveys.tables.columns import core

COOKIE = "soundings_session"
FORM_COOKIE = "soundings_form"
LASTS_SECONDS = 12 * 3600


def start(session: Session, secrets: Sequence[bytes], caller: Caller, now: datetime) -> str:
    """Sign a caller in: the content of the cookie, which names the sign-in and opens nothing of the API."""
    stored = core(SignIn).c
    too_old = stored.signed_in_at < now - timedelta(seconds=LASTS_SECONDS)
    session.execute(sa.delete(SignIn).where(stored.organisation_id == caller.organisation_id, too_old))
    row = SignIn(organisation_id=caller.organisation_id, id=uuid4(), key_id=caller.key_id, signed_in_at=now)
    session.add(row)
    session.flush()
    return _signer(secrets, "session").dumps([row.organisation_id, row.id.hex])


def caller_of(session: Session, secrets: Sequence[bytes], cookie: str | None, now: datetime) -> Caller | None:
    """Who signed in, or None where the cookie is absent, forged or old, or the sign-in or the key has ended."""
    if (row := _row(session, secrets, cookie)) is None or now - row.signed_in_at > timedelta(seconds=LASTS_SECONDS):
        return None
    return keys.known(session, row.organisation_id, row.key_id, now)


def end(session: Session, secrets: Sequence[bytes], cookie: str | None) -> None:
    """Sign out the browser that has this cookie; other browsers stay signed in."""
    if (row := _row(session, secrets, cookie)) is not None:
        session.delete(row)
        session.flush()


def _row(session: Session, secrets: Sequence[bytes], cookie: str | None) -> SignIn | None:
    try:
        number, id_ = _signer(secrets, "session").loads(cookie or "", max_age=LASTS_SECONDS)
    except BadSignature:
        return None
    return session.get(SignIn, (number, UUID(hex=id_)))


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
