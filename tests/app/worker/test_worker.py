"""Due mail gets out through real servers, whatever happens to the worker or the server on the way."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from sqlmodel import select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker
from surveys.fieldwork import dispositions, outbox, waves
from surveys.tables import Contact, Invitation, Organisation, RememberedRequest
from tests.app.client import client
from tests.app.mail.server import Inbox, free_port, mail_server
from tests.factories import make_contact, make_invitation, make_organisation, make_survey
from tests.known import known

LATER = timedelta(hours=1)


def issue(database: Database, count: int) -> list[str]:
    """Invitations due now; the addresses of those invited."""
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        contacts = [make_contact(session, organisation.id, f"contact{n}") for n in range(count)]
        for contact in contacts:
            make_invitation(session, survey, contact, created_at=now)
        return sorted(str(c.email) for c in contacts)


def through(settings: Settings, inbox: Inbox) -> Settings:
    return settings.model_copy(update={"mail": f"smtp://127.0.0.1:{inbox.port}"})


def invitations(database: Database) -> list[Invitation]:
    with database.reading() as session:
        return list(session.exec(select(Invitation)))


def at(instant: datetime, database: Database, settings: Settings) -> Worker:
    return Worker(database, settings, now=lambda: instant)


def test_due_mail_is_sent_over_one_connection_and_recorded(database: Database, settings: Settings) -> None:
    addresses = issue(database, 25)
    with mail_server() as inbox:
        done = Worker(database, through(settings, inbox), batch=10).run(once=True)
    assert (done.sent, done.refused, done.trouble) == (25, 0, None)
    assert sorted(inbox.recipients) == addresses
    assert inbox.connections == 1
    assert all(i.sent_at and i.send_at is None and i.attempts == 0 for i in invitations(database))
    mail = message_from_bytes(inbox.mails[0][2], policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == inbox.recipients[0]
    assert mail["List-Unsubscribe"].startswith("<http://soundings.test/u/")
    assert "http://soundings.test/s/" in known(mail.get_body(("plain",))).get_content()


def test_mail_into_a_folder_is_one_file_each(database: Database, settings: Settings, tmp_path: Path) -> None:
    issue(database, 3)
    Worker(database, settings).run(once=True)
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3


def test_an_invitation_whose_mail_cannot_be_written_fails_and_says_why(database: Database, settings: Settings) -> None:
    issue(database, 1)
    with database.writing() as session:  # as it may stand in a database from before names were checked
        session.exec(select(Organisation)).one().name = "Fjord\nLine"
    with mail_server() as inbox:
        done = Worker(database, through(settings, inbox)).run(once=True)
    assert (done.sent, done.refused, inbox.recipients) == (0, 1, [])
    with database.reading() as session:
        (listed,) = dispositions.listed(session, 1, now=clock.now(), limit=9)
    assert (listed["state"], listed["send_at"]) == ("failed", None)
    assert listed["reason"].startswith("Subject: a mail header is one line")


def test_a_mail_refused_for_now_goes_out_later(database: Database, settings: Settings) -> None:
    (address,) = issue(database, 1)
    with mail_server(recipient_replies=["451 4.7.1 Greylisted"]) as inbox:
        first = Worker(database, through(settings, inbox)).run(once=True)
        (waiting,) = invitations(database)
        with database.reading() as session:
            (listed,) = dispositions.listed(session, 1, now=clock.now(), limit=9)
        second = at(clock.now() + LATER, database, through(settings, inbox)).run(once=True)
    assert (first.sent, first.refused, second.sent) == (0, 1, 1)
    assert (waiting.attempts, waiting.failure, waiting.failed_at) == (1, "451 4.7.1 Greylisted", None)
    assert (listed["state"], listed["reason"]) == ("waiting", "451 4.7.1 Greylisted")
    assert waiting.send_at is not None
    assert clock.now() < waiting.send_at < clock.now() + timedelta(minutes=1)
    assert inbox.recipients == [address]
    (sent,) = invitations(database)
    assert (sent.attempts, sent.failure, sent.send_at) == (0, None, None)


def test_an_unknown_recipient_has_failed_and_is_never_written_to_again(database: Database, settings: Settings) -> None:
    issue(database, 2)
    with mail_server(recipient_replies=["550 5.1.1 No such user"]) as inbox:
        done = Worker(database, through(settings, inbox)).run(once=True)
    assert (done.sent, done.refused) == (1, 1)
    failed = [i for i in invitations(database) if i.failed_at]
    assert [(i.failure, i.send_at, i.sent_at) for i in failed] == [("550 5.1.1 No such user", None, None)]
    with database.reading() as session:
        bounced = [c.id for c in session.exec(select(Contact)) if c.bounced_at]
    assert bounced == [failed[0].contact_id]


def test_a_rejection_by_policy_fails_the_mail_and_not_the_contact(database: Database, settings: Settings) -> None:
    issue(database, 1)
    with mail_server(recipient_replies=["550 5.7.1 Not today"]) as inbox:
        Worker(database, through(settings, inbox)).run(once=True)
    (failed,) = invitations(database)
    assert failed.failed_at is not None
    with database.reading() as session:
        assert session.exec(select(Contact)).one().bounced_at is None


def test_a_server_that_is_away_puts_everything_off_and_counts_one_try(database: Database, settings: Settings) -> None:
    addresses = issue(database, 5)
    port = free_port()
    settings = settings.model_copy(update={"mail": f"smtp://127.0.0.1:{port}"})
    done = Worker(database, settings).run(once=True)
    assert "refused" in str(done.trouble)
    waiting = invitations(database)
    assert sorted(i.attempts for i in waiting) == [0, 0, 0, 0, 1]
    assert all(i.send_at and i.send_at > clock.now() and i.failure and i.failed_at is None for i in waiting)
    with mail_server(port=port) as inbox:
        at(clock.now() + LATER, database, settings).run(once=True)
    assert sorted(inbox.recipients) == addresses


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(database: Database, settings: Settings) -> None:
    issue(database, 3)
    with database.writing() as session:
        session.exec(select(Contact).limit(1)).one().name = "Ada\r\nBcc: eve@example.org"
    with mail_server() as inbox:
        done = Worker(database, through(settings, inbox)).run(once=True)
    assert (done.sent, done.refused, len(inbox.mails)) == (2, 1, 2)
    assert [i.failed_at is not None for i in invitations(database)].count(True) == 1


def test_two_workers_at_once_send_each_mail_once(database: Database, database_url: str, settings: Settings) -> None:
    addresses = issue(database, 60)
    other = Database(database_url)
    with mail_server() as inbox, ThreadPoolExecutor(2) as threads:
        workers = [Worker(d, through(settings, inbox), batch=7) for d in (database, other)]
        done = [f.result() for f in [threads.submit(w.run, once=True) for w in workers]]
    other.close()
    assert sorted(inbox.recipients) == addresses
    assert sum(d.sent for d in done) == 60


@contextmanager
def worker_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`soundings worker` as a process of its own; killed at the end where it still runs."""
    names = ("database_url", "secret", "base_url", "mail")
    environment = os.environ | {f"SOUNDINGS_{name.upper()}": getattr(settings, name) for name in names}
    command = [sys.executable, "-c", "from app.cli import main; main()", "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_a_killed_worker_held_is_sent_by_another_after_the_lease(database: Database, settings: Settings) -> None:
    addresses = issue(database, 45)
    with mail_server(hold_at=30) as inbox:
        settings = through(settings, inbox)
        with worker_process(settings) as process:
            assert inbox.held.wait(60)
            process.send_signal(signal.SIGKILL)
        inbox.release.set()
        within = Worker(database, settings).run(once=True)
        after = at(clock.now() + outbox.LEASE, database, settings).run(once=True)
    assert within.sent == 0
    assert after.sent == 25  # 20 of the 30 were recorded before the kill
    assert sorted(set(inbox.recipients)) == addresses
    assert len(inbox.recipients) == 55
    assert len(set(zip(inbox.recipients, inbox.message_ids, strict=True))) == 45
    assert all(i.sent_at and i.send_at is None for i in invitations(database))


def test_a_worker_told_to_stop_records_what_is_sent_and_hands_back_the_rest(
    database: Database, settings: Settings
) -> None:
    issue(database, 10)
    with mail_server(hold_at=4) as inbox, worker_process(through(settings, inbox)) as process:
        assert inbox.held.wait(60)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # the signal must be there before the server's reply
        inbox.release.set()
        assert process.wait(30) == 0
    left = [i for i in invitations(database) if i.sent_at is None]
    assert len(inbox.mails) == 4
    assert len(left) == 6
    assert all(i.attempts == 0 and i.send_at and i.send_at <= clock.now() for i in left)


def test_the_serving_process_sends_mail_where_it_is_told_to(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    issue(database, 2)

    async def serve() -> None:
        async with client(settings.model_copy(update={"worker": True})):
            while len(list((tmp_path / "mail").glob("*.eml"))) < 2:
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(serve(), 30))
    assert all(i.sent_at for i in invitations(database))


def test_remembered_requests_are_forgotten_after_a_day(database: Database, settings: Settings) -> None:
    now = clock.now()
    with database.writing() as session:
        make_organisation(session)
        for hours in (23, 25):
            session.add(
                RememberedRequest(
                    organisation_id=1, idempotency_key=str(hours), request_sha256=b"", status=200, answer={},
                    created_at=now - timedelta(hours=hours),
                )
            )  # fmt: skip
    at(now, database, settings).run(once=True)
    with database.reading() as session:
        assert [r.idempotency_key for r in session.exec(select(RememberedRequest))] == ["23"]


def test_a_wave_that_is_due_is_opened_once_and_its_mail_goes_out(
    database: Database, database_url: str, settings: Settings
) -> None:
    now = clock.now()
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        for n in range(30):
            make_contact(session, organisation.id, f"contact{n}")
        waves.create(
            session, organisation.id, survey.key, "spring", opens_at=now, closes_at=now + timedelta(days=9), now=now
        )
    other = Database(database_url)
    with mail_server() as inbox, ThreadPoolExecutor(2) as threads:
        workers = [Worker(d, through(settings, inbox)) for d in (database, other)]
        for done in [threads.submit(w.run, once=True) for w in workers]:
            done.result()
        Worker(database, through(settings, inbox)).run(once=True)
    other.close()
    assert len(inbox.recipients) == len(set(inbox.recipients)) == 30


def test_waves_open_after_the_clock_was_set_back(database: Database, settings: Settings) -> None:
    now = clock.now()
    clocks = [now + timedelta(hours=2)]
    with database.writing() as session:
        organisation = make_organisation(session)
        survey = make_survey(session, organisation.id)
        make_contact(session, organisation.id)
    worker = Worker(database, settings, now=lambda: clocks[-1], chores_every=timedelta(milliseconds=1))
    worker.run(once=True)
    clocks.append(now)
    with database.writing() as session:
        waves.create(
            session, organisation.id, survey.key, "spring", opens_at=now, closes_at=now + timedelta(days=9), now=now
        )
    time.sleep(0.01)
    assert worker.run(once=True).sent == 1
