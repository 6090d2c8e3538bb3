"""The waves of the demo: invented staff, asked anonymously by mail as any staff is, who answer by their links."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from app.demo import staff
from app.demo.organisation import MADE_UP
from app.demo.staff import Said
from app.mail.delivery import Delivery
from app.mail.handover import Transport
from app.settings import Settings
from app.storage.database import Database
from app.worker.sweeping import sweep
from surveys.anonymity.seals import Secrets
from surveys.answering.answers import Submission, answer
from surveys.contacts import contacts
from surveys.fieldwork import publications, waves
from surveys.links import Link
from surveys.organisation import units
from surveys.tables import Contact, Invitation
from surveys.tables.columns import core

SURVEY = "staff"
DAY = timedelta(days=1)
ANSWERING_DAYS = 3
LASTS = 14 * DAY
# How long ago each wave opened when the demo starts. The last is open, and whoever has not answered is reminded.
OPENED = {"wave-1": 364 * DAY, "wave-2": 182 * DAY, "wave-3": ANSWERING_DAYS * DAY}
PUBLISHED, OPEN = "wave-2", "wave-3"
NOTE = f"""Each team plans its quarter before it starts, and evening work goes by a rota.

In Operations little has changed. We will ask there what gets in the way, and tell you what we hear.

{MADE_UP}"""


class Forgotten(Transport):
    """Takes the mails of days gone by, which nobody will open any more."""

    def send(self, content: bytes, *, sender: str, recipient: str) -> None:
        """Take one mail."""


def hold(database: Database, settings: Settings, organisation_id: int, now: datetime) -> Iterator[str]:
    """Hire the staff and hold the waves until `now`, telling of each; the survey is there."""
    secrets = settings.secrets
    with database.writing() as session:
        _hire(session, organisation_id, now - max(OPENED.values()))
    for key, answers in staff.answers().items():
        opened_at = now - OPENED[key]
        asked = _open(database, organisation_id, key, opened_at, secrets)
        _send(database, settings, opened_at)
        _answer(database, organisation_id, key, answers, opened_at=opened_at, secrets=secrets)
        if key != OPEN:
            _close(database, organisation_id, key, _closes(opened_at), secrets)
        yield f"{key}: {asked} asked, {len(answers)} answered, {'open' if key == OPEN else 'closed'}, all made up"
    with database.writing() as session:
        publications.publish(session, organisation_id, PUBLISHED, note=NOTE, comments=True, now=now - OPENED[OPEN])


def results(session: Session, organisation_id: int) -> Link | None:
    """The page of results that was published; None where it was withdrawn, or the demo is from before there was one."""
    return publications.link_for(session, organisation_id, PUBLISHED, None)


def _closes(opened_at: datetime) -> datetime:
    """The end of a day, which a mail can say in few words; the organisation of the demo lives in UTC."""
    return (opened_at + LASTS).replace(hour=0, minute=0, second=0, microsecond=0)


def _hire(session: Session, organisation_id: int, at: datetime) -> None:
    for unit in staff.units():
        units.put(session, organisation_id, unit["key"], name=unit["name"], parent=unit.get("parent"))
    contacts.import_contacts(session, organisation_id, [person.contact() for person in staff.people()], at)


def _open(database: Database, organisation_id: int, key: str, at: datetime, secrets: Secrets) -> int:
    """Open a wave, and give how many are asked."""
    with database.writing() as session:
        waves.create(
            session, organisation_id, SURVEY, key, opens_at=at, closes_at=_closes(at), now=at,
            reminders_after_days=[ANSWERING_DAYS],
        )  # fmt: skip
        opened = waves.open_now(session, organisation_id, key, at, secrets)
        return opened.issued.invited if opened else 0


def _send(database: Database, settings: Settings, at: datetime) -> None:
    delivery = Delivery(database, settings, Forgotten(), lambda: at)
    while delivery.deliver():
        pass


def _answer(
    database: Database,
    organisation_id: int,
    key: str,
    answers: Sequence[Said],
    *,
    opened_at: datetime,
    secrets: Secrets,
) -> None:
    """Let everybody answer, over the days before the reminders."""
    with database.reading() as session:
        asked = _asked(session, organisation_id, key)
    for day in range(ANSWERING_DAYS):
        cast = [
            Submission(organisation_id, asked[said.ref], said.score, {"comment": said.comment})
            for said in answers[day::ANSWERING_DAYS]
        ]
        with database.writing() as session:
            answer(session, cast, opened_at + day * DAY, secrets)


def _asked(session: Session, organisation_id: int, key: str) -> dict[str, UUID]:
    """The invitation of each ref in a wave."""
    i, c = core(Invitation).c, core(Contact).c
    rows = session.execute(
        sa.select(c.ref, i.id)
        .join_from(core(Contact), core(Invitation), (i.organisation_id == c.organisation_id) & (i.contact_id == c.id))
        .where(i.organisation_id == organisation_id, i.wave_key == key)
    )
    return {row.ref: row.id for row in rows}


def _close(database: Database, organisation_id: int, key: str, at: datetime, secrets: Secrets) -> None:
    with database.writing() as session:
        waves.close(session, organisation_id, key, at, secrets)
    sweep(database, at)
