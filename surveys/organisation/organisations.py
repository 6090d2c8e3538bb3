"""Organisations: the tenants, and their calendar."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from babel import Locale, UnknownLocaleError
from sqlmodel import Session, col, select

from surveys.facts import Malformed, Refused, Unknown
from surveys.keys import check_key
from surveys.names import check_name
from surveys.tables import Organisation, Wave
from surveys.tables.columns import core

TAG = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{1,8})*")


def create(session: Session, key: str, *, name: str, time_zone: str, locale: str, now: datetime) -> Organisation:
    """Make a tenant. Raises Malformed for a wrong key, name, zone or locale, Refused where the key is taken."""
    check_key("key", key)
    check_name("name", name)
    check_time_zone(time_zone)
    check_locale(locale)
    if session.execute(sa.select(col(Organisation.id)).where(col(Organisation.key) == key)).first():
        raise Refused(f"There is an organisation '{key}' already.")
    number = session.execute(sa.select(sa.func.coalesce(sa.func.max(col(Organisation.id)), 0))).scalar_one() + 1
    made = Organisation(id=number, key=key, name=name, locale=locale, time_zone=time_zone, created_at=now)
    session.add(made)
    session.flush()
    return made


def get(session: Session, organisation_id: int) -> Organisation:
    """The tenant with this number. Raises Unknown."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise Unknown("organisation")
    return organisation


def change(session: Session, organisation_id: int, **columns: str) -> Organisation:
    """Change name, locale or time zone of a tenant.

    Raises Malformed for a name of several lines, an unknown zone or locale, Refused for another zone while an
    anonymous wave is open: another day would begin, and participation would show answers of this minute.
    """
    if "name" in columns:
        check_name("name", columns["name"])
    if "time_zone" in columns:
        check_time_zone(columns["time_zone"])
    if "locale" in columns:
        check_locale(columns["locale"])
    organisation = get(session, organisation_id)
    if columns.get("time_zone", organisation.time_zone) != organisation.time_zone:
        take_turn(session, organisation_id)  # nobody opens a wave meanwhile
        w = core(Wave).c
        open_ = (w.organisation_id == organisation_id, Wave.anonymous, w.closed_at.is_(None))
        if session.execute(sa.select(w.key).where(*open_).limit(1)).first():
            raise Refused("An anonymous wave is open; the time zone stays as it is until it closes.")
    for name, value in columns.items():
        setattr(organisation, name, value)
    session.flush()
    return organisation


def by_key(session: Session, key: str) -> Organisation:
    """The tenant with this key. Raises Unknown."""
    organisation = session.exec(select(Organisation).where(Organisation.key == key)).one_or_none()
    if organisation is None:
        raise Unknown("organisation", key)
    return organisation


def day_of(instant: datetime, time_zone: str) -> date:
    """The calendar day of an instant in the tenant's zone (IANA name)."""
    return instant.astimezone(zone(time_zone)).date()


def end_of_day(instant: datetime, time_zone: str) -> datetime:
    """The first instant (UTC) of the day after the one that `instant` lies in, in the tenant's zone."""
    next_day = day_of(instant, time_zone) + timedelta(days=1)
    return datetime.combine(next_day, time(), zone(time_zone)).astimezone(UTC)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name."""
    return ZoneInfo(name)


def check_time_zone(name: str) -> None:
    """Raise Malformed unless `name` is an IANA zone."""
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError, PermissionError):
        raise Malformed("time_zone", f"'{name}' is not an IANA time zone such as Europe/Copenhagen.") from None


def check_locale(tag: str, field: str = "locale") -> None:
    """Raise Malformed unless `tag` is a language tag (BCP 47) that CLDR knows."""
    try:
        if not TAG.fullmatch(tag):  # CLDR's reader takes what follows the region as it comes
            raise ValueError
        Locale.parse(tag, sep="-" if "-" in tag else "_")
    except (ValueError, UnknownLocaleError):
        raise Malformed(field, f"'{tag}' is not a language tag such as en or pt-BR.") from None


def take_turn(session: Session, organisation_id: int) -> None:
    """Wait until nobody else imports contacts, issues or erases for this tenant; held until the transaction ends.

    Two of them at once could each find a contact not invited yet, or not there yet. The lock lets foreign keys
    to the tenant through, so answers do not wait for it. SQLite has one writer at a time anyway.
    """
    session.execute(
        sa.select(col(Organisation.id)).where(col(Organisation.id) == organisation_id).with_for_update(key_share=True)
    )
