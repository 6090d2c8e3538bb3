"""Waves: dated rounds of a survey, opened when they are due and closed for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys import keys
from surveys.anonymity import closing, participation, pseudonyms, roll, seals
from surveys.anonymity.seals import Seal, Secrets
from surveys.facts import Refused, Unknown
from surveys.fieldwork import invitations, selection
from surveys.fieldwork.invitations import Issued
from surveys.fieldwork.planning import confirmation, sufficiency, times
from surveys.fieldwork.selection import Choice
from surveys.organisation import organisations
from surveys.questionnaire import definitions
from surveys.tables import Invitation, Wave
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

SCORES_FROM = 100  # asked: whoever knows who answered several waves solves for scores more often where fewer are


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
    made_by: UUID | None = None,
) -> Wave:
    """Plan a round of a survey; its invitations go out by mail from `opens_at` on, when `open_due` is called.

    `contacts` is chosen when the wave opens, as selection.choose reads it. `made_by` is the key that plans it, None
    where an administrator does on the machine itself; an anonymous wave may need a second one to confirm it. Raises
    Unknown for the survey, Refused where it is archived or the key is taken, Malformed for what cannot be.
    """
    organisations.take_turn(session, organisation_id)  # before the survey is read: it may be on its way to the archive
    survey = definitions.get_offered(session, organisation_id, survey_key)
    times.check(survey, opens_at, closes_at, now)
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
        "reminders_after_days": times.reminders(reminders_after_days),
        "without_comparison": without_comparison,
        "made_by": made_by,
    }
    wave, made = keys.make(session, Wave, organisation_id, key, columns)
    if not made:
        raise Refused(f"There is a wave '{key}' already.")
    wave.needs_confirmation = confirmation.needed(session, wave, survey, now)
    session.flush()
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
            ~Wave.awaits_confirmation,
        )
        .order_by(col(Wave.opens_at), col(Wave.organisation_id), col(Wave.key))
    )
    for organisation_id, key in session.execute(due).all():
        opened = open_now(session, organisation_id, key, now, secrets)
        if opened is not None:
            return opened
    return None


def check_known(session: Session, wave: Wave, now: datetime, secrets: Secrets) -> None:
    """Raise Refused where too few of those an anonymous wave would ask are known, so that nothing could be released."""
    sufficiency.check(session, wave, definitions.get(session, wave.organisation_id, wave.survey_key), now, secrets)


def confirm(session: Session, organisation_id: int, key: str, by: UUID, now: datetime) -> Wave:
    """Let a wave open that waits for a second key, which `by` is. Raises Unknown, Refused."""
    organisations.take_turn(session, organisation_id)
    wave = get(session, organisation_id, key)
    confirmation.confirm(session, wave, by, now)
    return wave


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

    None too, and it stays unopened, where it could not be compared with earlier ones, as check_comparable says, or a
    second key has to confirm it.
    """
    organisations.take_turn(session, organisation_id)  # before the wave, as whoever closes one does
    if not _may_open(session, get(session, organisation_id, key), now, secrets):
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
        wave.closes_at = max(wave.closes_at, now + times.SHORTEST)
        wave.floor, wave.comment_floor, wave.segments = survey.floor, survey.comment_floor, survey.segments
        wave.always_release_total, wave.known_days = survey.always_release_total, survey.known_days
        wave.secret_check = seals.check_of(secrets[0], organisation_id, key)
        session.flush()
    issued = invitations.invite(
        session, organisation_id, wave.survey_key, contacts=wave.contacts, touchpoint=wave.touchpoint_key,
        wave=key, sample=wave.sample, strict=False, now=now,
    )  # fmt: skip
    if survey.mode == "anonymous":
        wave.scores = survey.scores or ("groups" if issued.invited < SCORES_FROM else "scores")
        roll.freeze(session, wave, Seal(secrets[0], organisation_id, key))
        participation.freeze(session, wave)
        participation.count(session, wave, now)
    return WaveOpening(wave, issued)


def _may_open(session: Session, wave: Wave, now: datetime, secrets: Secrets) -> bool:
    """Whether nothing keeps a wave from opening. Who it asks may have become few since it was planned."""
    try:
        check_comparable(session, wave, secrets)
    except Refused:
        return False
    survey = definitions.get(session, wave.organisation_id, wave.survey_key)
    if not wave.needs_confirmation and confirmation.needed(session, wave, survey, now):
        wave.needs_confirmation = True
        session.flush()
    return not wave.awaits_confirmation


def close(session: Session, organisation_id: int, key: str, now: datetime, secrets: Secrets) -> Wave:
    """Take no more answers from now on and send no more mail; an anonymous wave is counted, as `closing` says.

    Closing again changes nothing. Raises Unknown, and Refused for an anonymous wave that opened less than a day ago.
    """
    wave = get(session, organisation_id, key)
    times.check_closing(wave, now)
    return _close(session, wave, now, secrets)


def _close(session: Session, wave: Wave, now: datetime, secrets: Secrets) -> Wave:
    organisation_id = wave.organisation_id
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
    return wave and _close(session, wave, wave.closes_at, secrets)


def _stop_mail(session: Session, wave: Wave) -> None:
    i = core(Invitation)
    own = of_wave(i.c, wave)
    session.execute(sa.select(i.c.id).where(*own).order_by(i.c.id).with_for_update()).all()
    session.execute(sa.update(i).where(*own, i.c.send_at.is_not(None)).values(send_at=None))
