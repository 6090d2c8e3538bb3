"""Claiming mails, answering and closing wait for each other, and never in a circle."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app import clock
from app.storage.database import Database
from surveys.fieldwork import outbox, waves
from surveys.tables import Invitation
from surveys.tables.columns import core
from tests.conftest import SECRETS
from tests.factories import make_organisation, make_unit
from tests.journeys import crowd
from tests.surveys.staff import make_enps

PEOPLE = 1_200


def at_once(database: Database, wave: str, ids: Sequence[UUID]) -> None:
    """Two claim the mails of a wave over and over and one answers, until a fourth has closed it."""
    begin, closed = threading.Barrier(4), threading.Event()

    def claim() -> None:
        begin.wait(60)
        while not closed.is_set():
            with database.writing() as session:
                outbox.claim(session, clock.now(), SECRETS, lease=timedelta(0))

    def answer() -> None:
        begin.wait(60)
        crowd.fill(database, ids, together=40)

    def close() -> None:
        begin.wait(60)
        time.sleep(0.1)
        try:
            with database.writing() as session:
                waves.close(session, 1, wave, clock.now(), SECRETS)
        finally:
            closed.set()

    with ThreadPoolExecutor(4) as threads:
        for ended in [threads.submit(work) for work in (claim, claim, answer, close)]:
            ended.result()


def test_mails_due_and_answers_meanwhile_keep_no_wave_from_closing(database: Database) -> None:
    i = core(Invitation)
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "crowd")
        make_enps(session, 1)
        crowd.employ(session, "crowd", PEOPLE)
    for wave in ("w1", "w2"):
        ids = crowd.ask(database, wave, "crowd")
        with database.writing() as session:
            session.execute(sa.update(i).where(i.c.wave_key == wave).values(send_at=clock.now()))
        crowd.fill(database, ids[:100])
        at_once(database, wave, ids[100:])
        assert crowd.count(database, wave).is_released
