"""Whether somebody has answered is in no row: the key of a ballot alone refuses a second answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from app.storage.database import Database
from surveys.answering import opened
from surveys.answering.answers import Submission, Unlinked, answer
from surveys.contacts import erasure
from surveys.facts import AlreadyAnswered, Refused, WaveClosed
from surveys.fieldwork import outbox, waves
from surveys.links import Link
from surveys.tables import Ballot, Invitation, Survey, WaveParticipant
from surveys.tables.columns import core
from tests.conftest import SECRET
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, hire, make_enps, team

OLD, NEW = SECRET.encode(), b"another-secret-that-came-after-it-0123456789"
STAFF = team(None, 12)
LATER = NOW + 3 * LASTS


@pytest.fixture(name="survey")
def made_survey(database: Database) -> Survey:
    with database.writing() as session:
        number = make_organisation(session).id
        hire(session, number, STAFF)
        return make_enps(session, number)


def open_wave(session: Session, key: str, secrets: list[bytes], now: Any = NOW, **columns: Any) -> list[UUID]:
    """Open a wave for everybody under the first of these secrets; the invitations."""
    waves.create(
        session, 1, "enps", key, opens_at=now, closes_at=now + LASTS, now=now, reminders_after_days=[1, 2, 3],
        **columns,
    )  # fmt: skip
    waves.open_now(session, 1, key, now, secrets)
    i = core(Invitation).c
    return list(session.execute(sa.select(i.id).where(i.wave_key == key).order_by(i.id)).scalars())


def put(session: Session, id_: UUID, secrets: list[bytes], now: Any = NOW) -> Any:
    return answer(session, [Submission(1, id_, 9)], now, secrets)[0]


def versions(session: Session) -> list[Any]:
    """The invitations, with what PostgreSQL keeps of who wrote or locked them last."""
    headers = "xmin::text, xmax::text, ctid::text, " if session.get_bind().dialect.name == "postgresql" else ""
    return list(session.execute(sa.text(f"SELECT {headers}* FROM invitation ORDER BY id")))  # noqa: S608 - our own


def test_an_answer_leaves_no_trace_on_any_invitation(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        ids = open_wave(session, "w1", [OLD])
        outbox.record_sent(session, [(mail, NOW) for mail in outbox.claim(session, NOW, [OLD]) or []])
    with database.reading() as session:
        before = versions(session)
    for id_ in ids[:6]:
        with database.writing() as session:
            assert isinstance(put(session, id_, [OLD]), Unlinked)
    with database.reading() as session:
        assert versions(session) == before
        assert len(session.exec(select(Ballot)).all()) == 6


def test_one_of_two_answers_at_once_is_refused_in_whichever_process(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        ids = open_wave(session, "w1", [OLD])
    begin = Barrier(2)

    def answer_all(secrets: list[bytes]) -> list[Any]:
        outcomes = []
        for id_ in ids:
            begin.wait(30)
            with database.writing() as session:
                outcomes.append(put(session, id_, secrets))
        return outcomes

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(answer_all, secrets) for secrets in ([OLD], [NEW, OLD])]
        outcomes = [each.result() for each in both]
    assert [Counter(map(type, pair)) for pair in zip(*outcomes, strict=True)] == [
        Counter({Unlinked: 1, AlreadyAnswered: 1})
    ] * len(ids)


def test_a_secret_that_came_since_changes_nothing_for_an_open_wave(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        first, second, *_ = open_wave(session, "w1", [OLD])
        put(session, first, [OLD])
        assert isinstance(put(session, first, [NEW, OLD]), AlreadyAnswered)
        assert isinstance(put(session, second, [NEW, OLD]), Unlinked)
        assert isinstance(put(session, second, [OLD]), AlreadyAnswered)
        seen = [opened.find(session, Link(1, id_), NOW, [NEW, OLD]).over for id_ in (first, second)]
    assert [type(over) for over in seen] == [AlreadyAnswered] * 2


def test_reminders_change_who_has_answered_and_who_has_not_alike(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        ids = open_wave(session, "w1", [OLD])
        outbox.record_sent(session, [(mail, NOW) for mail in outbox.claim(session, NOW, [OLD]) or []])
        for id_ in ids[:5]:
            put(session, id_, [OLD])
    tomorrow = NOW + timedelta(days=1)
    with database.writing() as session:
        mails = outbox.claim(session, tomorrow, [NEW, OLD]) or []
    assert {mail.invitation_id for mail in mails} == set(ids[5:])
    with database.writing() as session:
        first, second, *rest = mails
        outbox.record_refused(session, first, "550 no such person", tomorrow, permanent=True)
        outbox.record_dead_address(session, first, tomorrow)
        outbox.record_sent(session, [(second, tomorrow + timedelta(seconds=1))])
    with database.reading() as session:
        assert reminded(session) == {(1, NOW + timedelta(days=2), None, None, 0)}
    with database.writing() as session:
        outbox.hand_back(session, rest, tomorrow + timedelta(hours=1), "the server takes nothing")
    with database.reading() as session:
        assert reminded(session) == {(0, tomorrow + timedelta(hours=1), None, None, 0)}


def reminded(session: Session) -> set[tuple[Any, ...]]:
    """What stands on the invitations of reminders."""
    i = core(Invitation).c
    rows = session.execute(sa.select(i.reminders_sent, i.send_at, i.failed_at, i.failure, i.attempts))
    return {tuple(row) for row in rows}


def test_a_lost_secret_leaves_a_wave_to_be_closed_and_released(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        ids = open_wave(session, "w1", [OLD])
        outbox.record_sent(session, [(mail, NOW) for mail in outbox.claim(session, NOW, [OLD]) or []])
        for id_ in ids[:6]:
            put(session, id_, [OLD])
        assert isinstance(put(session, ids[7], [NEW]), WaveClosed)
        assert outbox.claim(session, NOW + timedelta(days=1), [NEW]) == []
        assert waves.close(session, 1, "w1", NOW + LASTS, [NEW]).counted_on is not None
        with pytest.raises(Refused, match="w1"):
            waves.check_comparable(session, planned(session, "w2"), [NEW])
        waves.check_comparable(session, planned(session, "w3", without_comparison=True), [NEW])


def test_no_wave_opens_that_could_not_be_compared_unless_the_owner_says_so(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        for id_ in open_wave(session, "w1", [OLD]):
            put(session, id_, [OLD])
        waves.close(session, 1, "w1", NOW + LASTS, [OLD])
        planned(session, "w2")
        planned(session, "w3", without_comparison=True)
    with database.writing() as session:
        first = waves.open_due(session, LATER, [NEW])
        assert first is not None
        assert first.wave.key == "w3"
        assert waves.open_due(session, LATER, [NEW]) is None
        second = waves.open_due(session, LATER, [NEW, OLD])
        assert second is not None
        assert second.wave.key == "w2"


def planned(session: Session, key: str, **columns: Any) -> Any:
    return waves.create(
        session, 1, "enps", key, opens_at=LATER, closes_at=LATER + LASTS, now=NOW + LASTS, **columns
    )  # fmt: skip


@pytest.mark.parametrize("secrets", [[OLD], [NEW, OLD]])
def test_who_is_erased_and_imported_again_is_the_same_person(
    database: Database, survey: Survey, secrets: list[bytes]
) -> None:
    """Or a newcomer's wave would be released, as if all others were others too."""
    everybody = [*STAFF, *team("x", 1)]
    with database.writing() as session:
        for id_ in open_wave(session, "w1", [OLD]):
            put(session, id_, [OLD])
        waves.close(session, 1, "w1", NOW + LASTS, [OLD])
        for one in STAFF:
            erasure.erase(session, 1, one.ref, NOW + LASTS, [OLD])
        hire(session, 1, [*STAFF, *(one.__class__(one.ref) for one in everybody[-1:])], since=NOW + LASTS)
        for id_ in open_wave(session, "w2", secrets, LATER):
            put(session, id_, secrets, LATER)
        assert waves.close(session, 1, "w2", LATER + LASTS, secrets).counted_on is None


@pytest.mark.parametrize("erased", ["while it is open", "between two waves", "never"])
def test_people_made_up_do_not_hide_a_newcomer(database: Database, survey: Survey, erased: str) -> None:
    dummies, newcomer = [f"dummy-{n}" for n in range(8)], team(None, 1, 99)
    made_up = [one.__class__(ref) for ref, one in zip(dummies, team("x", 8), strict=True)]
    with database.writing() as session:
        if erased == "between two waves":
            hire(session, 1, made_up, since=NOW)
        for id_ in open_wave(session, "w1", [OLD]):
            put(session, id_, [OLD])
        assert waves.close(session, 1, "w1", NOW + LASTS, [OLD]).counted_on is not None
        if erased == "between two waves":
            for ref in dummies:
                erasure.erase(session, 1, ref, NOW + LASTS, [OLD])
        else:
            hire(session, 1, made_up, since=LATER if erased == "never" else NOW - LASTS * 9)
        hire(session, 1, newcomer)
        for id_ in open_wave(session, "w2", [OLD], LATER):
            put(session, id_, [OLD], LATER)
        if erased == "while it is open":
            for ref in dummies:
                erasure.erase(session, 1, ref, LATER, [OLD])
        assert waves.close(session, 1, "w2", LATER + LASTS, [OLD]).counted_on is None


def test_eight_who_are_known_do_hide_a_newcomer(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        for id_ in open_wave(session, "w1", [OLD]):
            put(session, id_, [OLD])
        waves.close(session, 1, "w1", NOW + LASTS, [OLD])
        hire(session, 1, team(None, 9, 90))
        for id_ in open_wave(session, "w2", [OLD], LATER):
            put(session, id_, [OLD], LATER)
        assert waves.close(session, 1, "w2", LATER + LASTS, [OLD]).counted_on is not None


def test_what_is_left_for_comparison_is_a_hash_and_a_cell(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        for id_ in open_wave(session, "w1", [OLD])[:7]:
            put(session, id_, [OLD])
        waves.close(session, 1, "w1", NOW + LASTS, [OLD])
        left = session.exec(select(WaveParticipant)).all()
        kept = {value for row in versions(session) for value in map(str, row)}
    assert set(WaveParticipant.model_fields) == {"organisation_id", "wave_key", "person", "cell_id", "known"}
    assert len(left) == 7
    assert kept.isdisjoint({form for row in left for form in (str(row.person), row.person.hex)})
