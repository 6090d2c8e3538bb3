"""Waves: dated rounds of a survey, opened when they are due and closed for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys import keys
from surveys.anonymity import closing, participation, pseudonyms, roll, seals
from surveys.anonymity.seals import Seal, Secrets
from surveys.facts import Malformed, Refused, Unknown
from surveys.fieldwork import invitations, selection
from surveys.fieldwork.invitations import Issued
from surveys.fieldwork.selection import Choice
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.tables import Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

REMINDERS_LIMIT = 5
REACH = timedelta(days=3653)
REMINDER_DAYS = range(1, 366)


@dataclass(frozen=True, slots=True)
class WaveOpening:
    """A wave whose invitations were issued."""

    wave: Wave
    issued: Issued


def create(
    session: Session,
    organisation_id: int,
    survey_key: str,
    key: str,
    *,
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    contacts: Choice = "all",
    sample: float | None = None,
    touchpoint: str | None = None,
    reminders_after_days: Sequence[int] = (),
    without_comparison: bool = False,
) -> Wave:
    """Plan a round of a survey; its invitations go out by mail from `opens_at` on, when `open_due` is called.

    `contacts` is chosen when the wave opens, as selection.choose reads it. Raises Unknown for the survey, Refused
    where it is archived or the key is taken, Malformed for what cannot be.
    """
    organisations.take_turn(session, organisation_id)  # before the survey is read: it may be on its way to the archive
    survey = definitions.get_offered(session, organisation_id, survey_key)
    if not max(opens_at, now) < closes_at:
        raise Malformed("closes_at", "a wave closes after it opens, and in the future.")
    if opens_at < now - REACH or closes_at > now + REACH:
        raise Malformed("opens_at" if opens_at < now - REACH else "closes_at", "this is more than ten years away.")
    invitations.check(session, organisation_id, touchpoint, sample=sample)
    chosen = selection.choose(contacts)
    selection.check(session, organisation_id, chosen)
    columns = {
        "survey_key": survey.key,
        "touchpoint_key": touchpoint,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "sample": sample,
        "contacts": chosen.stored(),
        "reminders_after_days": _reminders(reminders_after_days),
        "without_comparison": without_comparison,
    }
    wave, made = keys.make(session, Wave, organisation_id, key, columns)
    if not made:
        raise Refused(f"There is a wave '{key}' already.")
    return wave


def get(session: Session, organisation_id: int, key: str) -> Wave:
    """The wave with this key. Raises Unknown."""
    wave = session.get(Wave, (organisation_id, key))
    if wave is None:
        raise Unknown("wave", key)
    return wave


def keys_of(session: Session, organisation_id: int, survey_key: str | None) -> set[str]:
    """The keys of a survey's waves; none where no survey is named."""
    mine = (col(Wave.organisation_id) == organisation_id, col(Wave.survey_key) == survey_key)
    return set(session.execute(sa.select(col(Wave.key)).where(*mine)).scalars())


def open_due(session: Session, now: datetime, secrets: Secrets) -> WaveOpening | None:
    """Issue the invitations of one wave that is due, whosever it is; None where none is. Call it until then.

    Of several callers at once one gets the wave: the claim is a conditional update.
    """
    due = (
        sa.select(col(Wave.organisation_id), col(Wave.key))
        .where(
            col(Wave.invited_at).is_(None),
            col(Wave.closed_at).is_(None),
            col(Wave.opens_at) <= now,
            col(Wave.closes_at) > now,
        )
        .order_by(col(Wave.opens_at), col(Wave.organisation_id), col(Wave.key))
    )
    for organisation_id, key in session.execute(due).all():
        opened = open_now(session, organisation_id, key, now, secrets)
        if opened is not None:
            return opened
    return None


def check_comparable(session: Session, wave: Wave, secrets: Secrets) -> None:
    """Raise Refused where an anonymous wave could not be compared with earlier ones, unless the owner has said so."""
    survey = definitions.get(session, wave.organisation_id, wave.survey_key)
    if survey.mode != "anonymous" or wave.without_comparison:
        return
    if lost := pseudonyms.incomparable(session, wave.organisation_id, secrets):
        raise Refused(
            f"No wave can be compared with {', '.join(lost)} any more: the secret of that time is lost, or who "
            "answered was not kept. Put the secret back behind the others, or say without_comparison as an owner."
        )


def open_now(session: Session, organisation_id: int, key: str, now: datetime, secrets: Secrets) -> WaveOpening | None:
    """Issue the invitations of this wave unless that was done, or it was closed, meanwhile.

    None too, and it stays unopened, where it could not be compared with earlier ones, as check_comparable says.
    """
    organisations.take_turn(session, organisation_id)  # before the wave, as whoever closes one does
    try:
        check_comparable(session, get(session, organisation_id, key), secrets)
    except Refused:
        return None
    table = core(Wave)
    claimed = session.connection().execute(
        sa.update(table)
        .where(table.c.organisation_id == organisation_id, table.c.key == key)
        .where(table.c.invited_at.is_(None), table.c.closed_at.is_(None))
        .values(invited_at=now)
    )
    if claimed.rowcount == 0:
        return None
    wave = session.get_one(Wave, (organisation_id, key), populate_existing=True)
    survey = definitions.get(session, organisation_id, wave.survey_key)
    if survey.mode == "anonymous":
        wave.floor, wave.comment_floor, wave.segments = survey.floor, survey.comment_floor, survey.segments
        wave.always_release_total, wave.known_days = survey.always_release_total, survey.known_days
        wave.secret_check = seals.check_of(secrets[0], organisation_id, key)
        session.flush()
    issued = invitations.invite(
        session, organisation_id, wave.survey_key, contacts=wave.contacts, touchpoint=wave.touchpoint_key,
        wave=key, sample=wave.sample, strict=False, now=now,
    )  # fmt: skip
    if survey.mode == "anonymous":
        roll.freeze(session, wave, Seal(secrets[0], organisation_id))
        participation.freeze(session, wave)
        participation.count(session, wave, now)
    return WaveOpening(wave, issued)


def close(session: Session, organisation_id: int, key: str, now: datetime, secrets: Secrets) -> Wave:
    """Take no more answers from now on and send no more mail; an anonymous wave is counted, as `closing` says.

    Closing again changes nothing. Raises Unknown.
    """
    wave = get(session, organisation_id, key)
    if wave.closed_at is None:
        # One wave at a time: two that close at once would not be compared with each other.
        organisations.take_turn(session, organisation_id)
        # As whoever claims mails or answers does, the invitations are locked first and the wave after them.
        _stop_mail(session, wave)
        session.refresh(wave, with_for_update=True)
    if wave.closed_at is None and wave.anonymous:
        closing.close(session, wave, now, secrets)
    elif wave.closed_at is None:
        wave.closed_at = now
    session.flush()
    return wave


def close_due(session: Session, now: datetime, secrets: Secrets) -> Wave | None:
    """Close one wave whose time is over, whosever it is, and give it; None where none is. Call it until then."""
    over = sa.select(Wave).where(col(Wave.closed_at).is_(None), col(Wave.closes_at) <= now)
    first = over.order_by(col(Wave.closes_at), col(Wave.organisation_id), col(Wave.key)).limit(1)
    wave = session.execute(first).scalar_one_or_none()
    return wave and close(session, wave.organisation_id, wave.key, wave.closes_at, secrets)


def _stop_mail(session: Session, wave: Wave) -> None:
    i = core(Invitation)
    own = of_wave(i.c, wave)
    session.execute(sa.select(i.c.id).where(*own).order_by(i.c.id).with_for_update()).all()
    session.execute(sa.update(i).where(*own, i.c.send_at.is_not(None)).values(send_at=None))


def _reminders(after_days: Sequence[int]) -> list[int]:
    days = sorted(set(after_days))
    if len(days) > REMINDERS_LIMIT or any(day not in REMINDER_DAYS for day in days):
        raise Malformed("reminders_after_days", f"up to {REMINDERS_LIMIT} whole days from 1 to 365 are possible.")
    return days
