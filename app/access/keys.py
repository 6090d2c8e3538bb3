"""API keys: made once, shown once, stored as a hash."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session
from uuid_utils.compat import uuid7

from surveys.facts import Malformed, Unknown
from surveys.organisation import units
from surveys.organisation.organisations import day_of
from surveys.tables import ApiKey, Organisation
from surveys.tables.organisations import ROLES

PREFIX = "snd_"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: one key of one organisation. `unit_key` bounds what a manager sees."""

    organisation_id: int
    key_id: UUID
    role: str
    unit_key: str | None
    time_zone: str
    locale: str


def create(
    session: Session,
    organisation_id: int,
    *,
    role: str,
    now: datetime,
    unit: str | None = None,
    name: str = "",
    expires_on: date | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and give it with its text, which is stored nowhere. A manager's key needs a unit."""
    if role not in ROLES:
        raise Malformed("role", f"one of {', '.join(ROLES)} is wanted.")
    if (role == "manager") != (unit is not None):
        raise Malformed("unit", "a manager's key, and no other, is limited to a unit.")
    if unit is not None:
        units.get(session, organisation_id, unit)
    secret = secrets.token_bytes(SECRET_BYTES)
    key = ApiKey(
        organisation_id=organisation_id,
        id=uuid7(),
        name=name,
        role=role,
        unit_key=unit,
        secret_sha256=sha256(secret).digest(),
        created_at=now,
        expires_on=expires_on,
    )
    session.add(key)
    session.flush()
    raw = organisation_id.to_bytes(4, "big") + key.id.bytes + secret
    return key, PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def revoke(session: Session, organisation_id: int, key_id: UUID, now: datetime) -> None:
    """Refuse the key from now on. Raises Unknown."""
    key = session.get(ApiKey, (organisation_id, key_id))
    if key is None:
        raise Unknown("key", key_id)
    key.revoked_at = key.revoked_at or now
    session.flush()


def authenticate(session: Session, text: str, now: datetime) -> Caller | None:
    """Who holds this key, or None where it is malformed, unknown, expired or revoked."""
    raw = _decode(text)
    if raw is None:
        return None
    key = session.get(ApiKey, (int.from_bytes(raw[:4], "big"), UUID(bytes=raw[4:20])))
    if key is None or not hmac.compare_digest(key.secret_sha256, sha256(raw[20:]).digest()):
        return None
    return _caller(session, key, now)


def known(session: Session, organisation_id: int, key_id: UUID, now: datetime) -> Caller | None:
    """Who a key belongs to that was checked before, or None where it is unknown, expired or revoked by now."""
    key = session.get(ApiKey, (organisation_id, key_id))
    return None if key is None else _caller(session, key, now)


def _caller(session: Session, key: ApiKey, now: datetime) -> Caller | None:
    organisation = session.get_one(Organisation, key.organisation_id)
    if key.revoked_at is not None or (key.expires_on and day_of(now, organisation.time_zone) > key.expires_on):
        return None
    return Caller(key.organisation_id, key.id, key.role, key.unit_key, organisation.time_zone, organisation.locale)


def _decode(text: str) -> bytes | None:
    if not text.startswith(PREFIX) or not text.isascii():
        return None
    body = text.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 4 + 16 + SECRET_BYTES else None
