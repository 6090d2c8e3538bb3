"""An owner may let a wave forget who took part, and with that all its detail; the rest of the house stays in order."""

from typing import Any

import pytest
import sqlalchemy as sa

from analytics.reports import wave_results
from app.settings import Settings
from app.storage.database import Database
from app.worker.sweeping import sweep
from surveys.anonymity import forgetting, pseudonyms, swept
from surveys.anonymity.statements import statements
from surveys.contacts import erasure
from surveys.facts import PublicationWithdrawn, Refused
from surveys.fieldwork import publications, waves
from surveys.links import Link
from surveys.responses import tallies
from surveys.tables import (
    AnonymousComment,
    AnonymousScore,
    Baseline,
    Cell,
    Invitation,
    MonthTally,
    MonthTurnout,
    Tally,
    Turnout,
    Wave,
    WaveParticipant,
)
from surveys.tables.columns import core
from tests.app.client import ask, make_key
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey
from tests.surveys.results import QUARTER, make_results
from tests.surveys.staff import LASTS, hire, hold_wave, make_enps, open_wave, team

DETAIL = (AnonymousScore, AnonymousComment, Tally, MonthTally, Turnout, MonthTurnout)
LATER = NOW + 3 * QUARTER


def held(database: Database, wave: str) -> dict[str, int]:
    """How many rows each table has of a wave's detail, and how many invitations know somebody erased."""
    cells = sa.select(core(Cell).c.id).where(core(Cell).c.wave_key == wave)
    participants, i = core(WaveParticipant), core(Invitation).c
    with database.reading() as session:
        rows = {t.__tablename__: session.execute(counted(t).where(core(t).c.cell_id.in_(cells))) for t in DETAIL}
        rows["wave_participant"] = session.execute(counted(WaveParticipant).where(participants.c.wave_key == wave))
        named = (i.wave_key == wave, i.former_id.is_not(None))
        rows["former people"] = session.execute(counted(Invitation).where(*named))
        return {name: result.scalar_one() for name, result in rows.items()}


def counted(table: type[Any]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(core(table))


def test_all_detail_goes_with_who_took_part_and_nothing_of_other_waves(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        erasure.erase(session, number, "deck-2", NOW + 2 * QUARTER, SECRETS)
        publications.publish(session, number, "w1", note="", comments=True, now=LATER)
        owner, analyst = make_key(session, number), make_key(session, number, "analyst")
    queries = (("w1", {"wave": ["w1"]}), ("both", {"survey": ["enps"]}), ("w2", {"wave": ["w2"]}))
    for key, query in queries:
        (frozen,) = ask(settings, owner, ("PUT", f"/baselines/{key}", {"query": query}))
        assert frozen.status_code == 201, frozen.text
    before, other = held(database, "w1"), held(database, "w2")
    assert min(before.values()) > 0
    with database.reading() as session:
        stated = statements.of(session, session.get_one(Wave, (number, "w1")))
    (refused,) = ask(settings, analyst, ("DELETE", "/waves/w1/participants"))
    assert (refused.status_code, held(database, "w1")) == (403, before)
    gone, again = ask(settings, owner, ("DELETE", "/waves/w1/participants"), ("DELETE", "/waves/w1/participants"))
    assert gone.json() == {
        "participants": 52, "former_people": 1, "scores": 52, "comments": before["anonymous_comment"],
        "baselines": ["both", "w1"],
    }  # fmt: skip
    assert again.json() == {"participants": 0, "former_people": 0, "scores": 0, "comments": 0, "baselines": []}
    assert set(held(database, "w1").values()) == {0}
    assert held(database, "w2") == other
    with database.reading() as session:
        assert tallies.check(session, number) == []
        wave = session.get_one(Wave, (number, "w1"))
        assert (wave.answered_count, wave.counted_on, wave.swept_at) == (52, None, None)
        assert statements.of(session, wave) == stated
        assert [each.key for each in session.execute(sa.select(Baseline)).scalars()] == ["w2"]
        assert pseudonyms.incomparable(session, number, SECRETS) == []


def test_reports_and_pages_go_on_without_the_wave(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2)
        pages, _ = publications.publish(session, number, "w1", note="", comments=True, now=LATER)
        owner = make_key(session, number)
    paths = (
        "/scores?survey=enps&wave=w1", "/scores?survey=enps", "/trend?survey=enps&period=month",
        "/comments?survey=enps&wave=w1", "/waves/w1/participation", "/waves", "/distribution?survey=enps",
    )  # fmt: skip
    ask(settings, owner, ("DELETE", "/waves/w1/participants"))
    replies = ask(settings, owner, *(("GET", path) for path in paths), ("PUT", "/waves/w1/publication", {}))
    assert [reply.status_code for reply in replies] == [200] * len(paths) + [409]
    alone, all_waves, _, comments, participation, listed, *_ = (reply.json() for reply in replies)
    assert (alone["total"]["responses"], all_waves["total"]["responses"]) == (0, 52)
    assert (comments["items"], participation["items"]) == ([], [])
    first, second = listed["items"]
    assert (first["counted_on"], first["forgotten_at"] is None, first["asked"]) == (None, False, 52)
    assert second["forgotten_at"] is None
    with database.reading() as session:
        rounds = wave_results.rounds(session, number, "enps")
        assert ([wave.key for wave in rounds.released], rounds.few, rounds.alike) == (["w2"], [], [])
    with database.reading() as session, pytest.raises(PublicationWithdrawn):
        publications.find(session, Link(number, pages[0].id))


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_later_wave_is_compared_with_a_wave_unless_that_was_forgotten(database: Database, forgotten: bool) -> None:
    staff, newcomer = team(None, 20), team(None, 1, start=20)
    with database.writing() as session:
        number = make_organisation(session).id
        survey = make_enps(session, number)
        hire(session, number, [*staff, *newcomer])
        hold_wave(session, survey, "w1", staff, {one.ref: 7 for one in staff})
        if forgotten:
            forgetting.forget(session, session.get_one(Wave, (number, "w1")), NOW + LASTS)
        everybody = {one.ref: 7 for one in [*staff, *newcomer]}
        second = hold_wave(session, survey, "w2", [*staff, *newcomer], everybody, now=NOW + QUARTER)
        assert (second.counted_on is not None) == forgotten


def test_open_and_confidential_waves_cannot_be_forgotten(database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        hire(session, number, team(None, 12))
        open_wave(session, make_enps(session, number), "open", team(None, 12))
        open_wave(session, make_survey(session, number, audience="staff", rest_days=0), "named", team(None, 12))
        waves.close(session, number, "named", NOW + LASTS, SECRETS)
        for key in ("open", "named"):
            with pytest.raises(Refused, match="has closed"):
                forgetting.forget(session, session.get_one(Wave, (number, key)), NOW + LASTS)


def test_the_storage_is_swept_again(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
    assert sweep(database, LATER) == 1
    with database.writing() as session:
        forgetting.forget(session, session.get_one(Wave, (number, "w1")), LATER)
        assert swept.unswept(session) == [(number, "w1")]
    assert sweep(database, LATER) == 1
