"""API keys: made once, shown once, stored as a hash."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, select
from uuid_utils.compat import uuid7

from surveys.facts import Malformed, Refused, Unknown
from surveys.names import check_line
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
    """Make a key, and its text, which is stored nowhere. A manager's key needs a unit. Raises Malformed."""
    if role not in ROLES:
        raise Malformed("role", f"one of {', '.join(ROLES)} is wanted.")
    if (role == "manager") != (unit is not None):
        raise Malformed("unit", "a manager's key, and no other, is limited to a unit.")
    if unit is not None and not units.known(session, organisation_id, [unit]):
        raise Malformed("unit", f"there is no unit '{unit[:64]}'.")
    check_line("name", name)
    if expires_on is not None and expires_on < day_of(now, session.get_one(Organisation, organisation_id).time_zone):
        raise Malformed("expires_on", f"{expires_on} has passed; name today or a later day.")
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
    return key, _encode(raw)


def revoke(
    session: Session, organisation_id: int, key_id: UUID, now: datetime, *, last_owner_too: bool = False
) -> None:
    """Refuse the key from now on. Raises Unknown, and Refused where nobody would be left to make another owner."""
    owners = session.exec(
        select(ApiKey)
        .where(ApiKey.organisation_id == organisation_id, ApiKey.role == "owner", col(ApiKey.revoked_at).is_(None))
        .order_by(col(ApiKey.id))
        .with_for_update()  # two owners who revoke each other at once would both see the other one left
    ).all()
    key = session.get(ApiKey, (organisation_id, key_id))
    if key is None:
        raise Unknown("key", key_id)
    if key in owners and not last_owner_too:
        today = day_of(now, session.get_one(Organisation, organisation_id).time_zone)
        valid = [owner for owner in owners if owner.expires_on is None or owner.expires_on >= today]
        if valid == [key]:
            raise Refused("This is the last key of an owner; make another one first, or nobody could make keys.")
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
    """What the text of a key holds; None unless it is spelt as `create` spells it, bits that mean nothing included."""
    if not text.startswith(PREFIX) or not text.isascii():
        return None
    body = text.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 4 + 16 + SECRET_BYTES and _encode(raw) == text else None


def _encode(raw: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")
