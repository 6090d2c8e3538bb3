"""Closing compares a wave with all earlier ones together: three chosen waves show nobody, whoever was erased since."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.anonymity import differencing, pseudonyms, seals
from surveys.anonymity.differencing import Comparison
from surveys.anonymity.merging import ROOT, Merging, Size, Tree
from surveys.answering.answers import Submission, answer
from surveys.contacts import erasure
from surveys.fieldwork import waves
from surveys.tables import Cell, Invitation, Survey, Wave, WaveParticipant
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, Employee, hire, make_enps

ROTATED = [b"another-secret-that-came-after-it-0123456789", *SECRETS]


def people(group: str, count: int) -> list[Employee]:
    return [Employee(f"{group}-{n}", None, {"group": group}) for n in range(count)]


A, B, TARGET = people("a", 8), people("b", 8), people("target", 1)


@pytest.fixture(name="survey")
def made_survey(database: Database) -> Survey:
    with database.writing() as session:
        number = make_organisation(session).id
        hire(session, number, [*A, *B, *TARGET])
        return make_enps(session, number)


def held(session: Session, number: int, choice: Any, secrets: Sequence[bytes] = SECRETS) -> list[bool]:
    """Hold a wave that all answer; whether it would be released were it compared in pairs alone, and whether it is."""
    key, now = f"w{number}", NOW + 2 * number * LASTS
    waves.create(session, 1, "enps", key, opens_at=now, closes_at=now + LASTS, now=now, contacts=choice)
    waves.open_now(session, 1, key, now, secrets)
    ids = session.execute(sa.select(col(Invitation.id)).where(col(Invitation.wave_key) == key)).scalars()
    answer(session, [Submission(1, id_, 9) for id_ in ids], now, secrets)
    in_pairs = apart_in_pairs(session, waves.get(session, 1, key), secrets)
    return [in_pairs, waves.close(session, 1, key, now + LASTS, secrets).counted_on is not None]


def apart_in_pairs(session: Session, wave: Wave, secrets: Sequence[bytes]) -> bool:
    """What closing comes to, put together of its pieces without the comparison of series."""
    seal = seals.of(wave, secrets)
    assert seal is not None
    answered = pseudonyms.answered(session, wave, seal)
    cells = session.execute(sa.select(col(Cell.id)).where(col(Cell.wave_key) == wave.key)).scalars()
    fine, sizes = dict.fromkeys(cells, ROOT), {ROOT: Size(len(answered), len(answered))}
    compared = differencing.comparisons(session, wave, fine, sizes, answered=answered, secrets=secrets)
    pairs = [each for each in compared if isinstance(each, Comparison)]
    return differencing.part(Merging(Tree({}, ()), sizes, wave.floor or 0), pairs)


def chosen(*groups: list[Employee]) -> list[str]:
    return [one.ref for group in groups for one in group]


@pytest.mark.parametrize("by", ["ref", "attribute"])
def test_the_whole_less_both_its_parts_shows_nobody(database: Database, survey: Survey, by: str) -> None:
    parts = [{"attributes": {"group": group}} for group in "ab"] if by == "attribute" else [chosen(A), chosen(B)]
    with database.writing() as session:
        assert held(session, 0, "all") == [True, True]
        assert held(session, 1, parts[0]) == [True, True]
        assert held(session, 2, parts[1]) == [True, False]


def test_overlaps_that_are_added_up_and_taken_twice_show_nobody(database: Database, survey: Survey) -> None:
    c = people("c", 8)
    with database.writing() as session:
        hire(session, 1, c)
        assert held(session, 0, chosen(A, B, c, TARGET)) == [True, True]
        assert held(session, 1, chosen(A, B)) == [True, True]
        assert held(session, 2, chosen(B, c)) == [True, True]
        assert held(session, 3, chosen(A, c)) == [True, False]


def test_parts_that_make_up_the_whole_are_released(database: Database, survey: Survey) -> None:
    with database.writing() as session:
        assert [held(session, n, choice) for n, choice in enumerate((chosen(A, B), chosen(A), chosen(B)))] == [
            [True, True]
        ] * 3


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("secrets", [SECRETS, ROTATED])
def test_erasing_people_between_waves_hides_nobody(
    database: Database, survey: Survey, secrets: Sequence[bytes], again: bool
) -> None:
    """Those of the first part are erased after it closed; or those of the second, and imported again."""
    with database.writing() as session:
        assert held(session, 0, "all") == [True, True]
        assert held(session, 1, chosen(A)) == [True, True]
        for one in B if again else A:
            erasure.erase(session, 1, one.ref, NOW + 3 * LASTS, SECRETS)
        if again:
            hire(session, 1, B, since=NOW + 3 * LASTS)
        assert not held(session, 2, chosen(B), secrets)[1]


@pytest.mark.parametrize(("then", "erasing"), [(ROTATED, ROTATED), (SECRETS, ROTATED[:1])])
def test_erased_people_who_cannot_be_told_apart_hide_nobody(
    database: Database, survey: Survey, then: Sequence[bytes], erasing: Sequence[bytes]
) -> None:
    """They answered under two secrets, and each says something else of who they were; or the secret was away."""
    with database.writing() as session:
        assert held(session, 0, "all") == [True, True]
        assert held(session, 1, chosen(A), then) == [True, True]
        for one in A:
            erasure.erase(session, 1, one.ref, NOW + 3 * LASTS, erasing)
        assert held(session, 2, chosen(B), ROTATED) == [True, False]


def test_people_erased_since_count_as_they_did(database: Database, survey: Survey) -> None:
    """What is left are eight of them; else everybody's leaving would take later waves with it."""
    gone = people("gone", 8)
    with database.writing() as session:
        hire(session, 1, gone)
        assert held(session, 0, chosen(A, B, gone)) == held(session, 1, chosen(A)) == [True, True]
        for one in gone:
            erasure.erase(session, 1, one.ref, NOW + 3 * LASTS, SECRETS)
        assert held(session, 2, chosen(B)) == [True, True]


def test_people_made_up_and_erased_while_a_wave_is_open_hide_nobody(database: Database, survey: Survey) -> None:
    dummies = people("dummy", 9)
    with database.writing() as session:
        assert held(session, 0, chosen(A, B, TARGET)) == [True, True]
        assert held(session, 1, chosen(A)) == [True, True]
        hire(session, 1, dummies, since=NOW + 3 * LASTS)
        assert held(session, 2, chosen(B, dummies)) == [True, False]


def test_nobody_stands_under_the_same_hash_in_two_waves(database: Database, survey: Survey) -> None:
    """Which waves somebody answered would name them, laid beside the lists of those asked, who are in the database."""
    with database.writing() as session:
        assert held(session, 0, chosen(A, B)) == held(session, 1, chosen(A, B)) == [True, True]
        persons = session.exec(select(col(WaveParticipant.person))).all()
    assert len(persons) == len(set(persons)) == 2 * len([*A, *B])
