"""An anonymous wave of few people, or of people who were picked, opens once a second key has seen whom it asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from app import clock
from app.checkup import anonymity
from app.checkup.finding import Finding
from app.settings import Settings
from app.storage.database import Database
from surveys.contacts import erasure
from surveys.fieldwork import waves
from surveys.tables import Contact, Wave
from tests.app.client import ask, make_key
from tests.app.pages.report_pages import plain, shown
from tests.conftest import SECRETS
from tests.factories import make_organisation
from tests.surveys.staff import Employee, backdate, hire, make_enps, team

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
ROLES = ("owner", "analyst", "sender", "reader")
PATH = "/surveys/enps/waves"
Keys = dict[str, str]


@pytest.fixture(name="keys")
def organisation_of_forty(database: Database) -> Keys:
    """Keys by role of an organisation of forty, of whom twelve are on nights."""
    with database.writing() as session:
        number = make_organisation(session).id
        make_enps(session, number)
        hire(session, number, [*team(None, 28), *team(None, 12, 28, shift="night")])
        return {role: make_key(session, number, role) for role in ROLES}


def wave(key: str = "w1", opens_in: timedelta = -DAY, lasts: timedelta = WEEK, **fields: Any) -> dict[str, Any]:
    now = clock.now()
    return {"key": key, "opens_at": f"{now + opens_in:%Y-%m-%dT%H:%M:%SZ}",
            "closes_at": f"{now + lasts:%Y-%m-%dT%H:%M:%SZ}"} | fields  # fmt: skip


REFS = [f"nobody-{n}" for n in range(12)]
PICKED = [{"contacts": REFS}, {"contacts": {"attributes": {"shift": "night"}}}, {"sample": 0.7}]


@pytest.mark.parametrize("fields", PICKED)
@pytest.mark.parametrize("maker", ["sender", "owner"])
def test_a_wave_of_few_or_of_picked_people_waits_for_another_owner_or_analyst(
    settings: Settings, keys: Keys, maker: str, fields: dict[str, Any]
) -> None:
    confirmer = "analyst" if maker == "owner" else "owner"
    confirm = ("POST", "/waves/w1/confirm")
    made, own = ask(settings, keys[maker], ("POST", PATH, wave(**fields)), confirm)
    assert (made.status_code, made.json()["awaiting_confirmation"], made.json()["invited_at"]) == (201, True, None)
    assert own.status_code == (403 if maker == "sender" else 409)
    for role in ("sender", "reader"):
        assert ask(settings, keys[role], confirm)[0].status_code == 403
    listed, confirmed, again, seen = ask(
        settings, keys[confirmer], ("GET", "/waves"), confirm, confirm, ("GET", "/waves/w1")
    )
    assert listed.json()["items"][0]["awaiting_confirmation"] is True
    assert (confirmed.status_code, again.status_code) == (200, 409)
    assert (seen.json()["awaiting_confirmation"], seen.json()["asked"] in (12, 27, 28)) == (False, True)
    assert seen.json()["confirmed_at"] is not None


@pytest.mark.parametrize("fields", [{}, {"sample": 0.8}, {"contacts": {"audience": "staff"}}])
def test_a_wave_of_thirty_or_more_who_were_not_picked_opens_by_itself(
    settings: Settings, keys: Keys, fields: dict[str, Any]
) -> None:
    (made,) = ask(settings, keys["sender"], ("POST", PATH, wave(**fields)))
    assert (made.status_code, made.json()["awaiting_confirmation"]) == (201, False)
    assert made.json()["asked"] in range(30, 41)
    assert ask(settings, keys["owner"], ("POST", "/waves/w1/confirm"))[0].status_code == 409


def test_where_there_is_no_second_key_that_works_none_is_waited_for(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_enps(session, number)
        hire(session, number, team(None, 12))
        owner = make_key(session, number)
        make_key(session, number, "sender")
    (made,) = ask(settings, owner, ("POST", PATH, wave()))
    assert (made.json()["awaiting_confirmation"], made.json()["asked"]) == (False, 12)


def test_a_wave_that_nobody_confirms_does_not_open_and_doctor_and_report_say_so(
    database: Database, settings: Settings, keys: Keys
) -> None:
    (made,) = ask(settings, keys["sender"], ("POST", PATH, wave(opens_in=DAY, contacts=REFS)))
    assert made.json()["awaiting_confirmation"] is True
    assert "The wave “w1” is awaiting confirmation" in plain(shown(settings, keys["owner"]).text)
    with database.writing() as session:
        assert waves.open_due(session, clock.now() + 2 * DAY, SECRETS) is None
        assert [one.detail for one in _warnings(session, clock.now())] == []
        assert any("w1 should have opened" in one.detail for one in _warnings(session, clock.now() + 2 * DAY))
    ask(settings, keys["owner"], ("POST", "/waves/w1/confirm"))
    with database.writing() as session:
        assert waves.open_due(session, clock.now(), SECRETS) is None
        assert waves.open_due(session, clock.now() + 2 * DAY, SECRETS) is not None


def _warnings(session: Session, now: datetime) -> list[Finding]:
    return [one for one in anonymity.findings(session, now, SECRETS) if one.name == "waves"]


def test_a_wave_whose_people_have_become_few_waits_when_its_time_comes(
    database: Database, settings: Settings, keys: Keys
) -> None:
    (made,) = ask(settings, keys["sender"], ("POST", PATH, wave(opens_in=DAY)))
    assert made.json()["awaiting_confirmation"] is False
    with database.writing() as session:
        for n in range(15):
            erasure.erase(session, 1, f"nobody-{n}", clock.now(), SECRETS)
        assert waves.open_due(session, clock.now() + DAY, SECRETS) is None
        assert waves.get(session, 1, "w1").awaits_confirmation


def test_a_wave_of_which_too_few_are_known_is_refused_with_the_day_from_which_enough_are(
    database: Database, settings: Settings, keys: Keys
) -> None:
    """Break 4 begins with it: nine people made up since, and one who is real."""
    now = clock.now().replace(microsecond=0)
    with database.writing() as session:
        hire(session, 1, [Employee(f"invented-{n}") for n in range(9)], since=now - DAY)
    picked: dict[str, Any] = {"contacts": ["nobody-0", *(f"invented-{n}" for n in range(9))]}
    (refused,) = ask(settings, keys["sender"], ("POST", PATH, wave(**picked)))
    assert refused.status_code == 409
    for part in ("10 people", "1 are known", "5 known people", f"{now + 13 * DAY:%Y-%m-%dT%H:%M:%SZ}", "known_days"):
        assert part in refused.json()["detail"]
    (few,) = ask(settings, keys["sender"], ("POST", PATH, wave(contacts=REFS[:4])))
    assert (few.status_code, "more people" in few.json()["detail"]) == (409, True)
    asked = wave(opens_in=13 * DAY + timedelta(minutes=1), lasts=20 * DAY, **picked)
    assert ask(settings, keys["sender"], ("POST", PATH, asked))[0].status_code == 201


def test_a_survey_may_know_people_at_once_and_says_so(database: Database, settings: Settings, keys: Keys) -> None:
    body = {"template": "enps", "name": "eNPS"}
    with database.writing() as session:
        session.execute(sa.update(Contact).values(created_at=clock.now()))
    planned = ("POST", PATH, wave())
    refused, high, put, made = ask(
        settings, keys["owner"], planned, ("PUT", "/surveys/enps", body | {"known_days": 366}),
        ("PUT", "/surveys/enps", body | {"known_days": 0}), planned,
    )  # fmt: skip
    assert (refused.status_code, high.status_code, put.json()["known_days"]) == (409, 422, 0)
    assert (made.status_code, made.json()["known_days"], made.json()["known"], made.json()["added"]) == (201, 0, 40, 40)


def test_an_anonymous_wave_lasts_at_least_a_day(database: Database, settings: Settings, keys: Keys) -> None:
    """One that opens late, too: it stays open for longer then."""
    short, made, closed = ask(
        settings, keys["owner"], ("POST", PATH, wave(lasts=timedelta(hours=23))), ("POST", PATH, wave()),
        ("POST", "/waves/w1/closure"),
    )  # fmt: skip
    assert (short.status_code, [error["field"] for error in short.json()["errors"]]) == (422, ["closes_at"])
    opened_at = datetime.fromisoformat(made.json()["invited_at"])
    assert (closed.status_code, f"{opened_at + DAY:%Y-%m-%dT%H:%M:%SZ}" in closed.json()["detail"]) == (409, True)
    with database.writing() as session:
        backdate(session, "w1", DAY)
    assert ask(settings, keys["owner"], ("POST", "/waves/w1/closure"))[0].status_code == 200
    ask(settings, keys["owner"], ("POST", PATH, wave("w2", opens_in=DAY, lasts=2 * DAY)))
    late = clock.now() + 2 * DAY - timedelta(hours=1)
    with database.writing() as session:
        session.execute(sa.update(Contact).values(unsubscribed_at=None))
        opened = waves.open_due(session, late, SECRETS)
        assert opened is not None
        closes_at = session.execute(sa.select(col(Wave.closes_at)).where(col(Wave.key) == "w2")).scalar_one()
    assert closes_at == late + DAY
