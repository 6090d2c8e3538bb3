"""What an anonymous wave shows: participation while it is open, whole cells once it is closed, never who."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.anonymity import participation
from surveys.tables import AnonymousComment, AnonymousScore, Ballot, Survey
from tests.app.client import ask, make_key
from tests.factories import make_organisation
from tests.surveys.staff import cast, hire, hold_wave, make_enps, make_units, open_wave, team

STAFF = [*team("a", 3), *team("b", 20), *team("c", 17)]
TREE = {"dept": None, "a": "dept", "b": "dept", "c": "dept"}
WORDS = {one.ref: f"words of {one.ref}" for one in STAFF}


@pytest.fixture
def keys(database: Database) -> dict[str, str]:
    """Keys by role, of an organisation with a department of three teams."""
    with database.writing() as session:
        made = make_organisation(session)
        make_units(session, made.id, TREE)
        make_enps(session, made.id)
        hire(session, made.id, STAFF)
        return {
            role: make_key(session, made.id, role, "b" if role == "manager" else None)
            for role in ("owner", "analyst", "sender", "manager", "reader")
        }


def enps(session: Session) -> Any:
    return session.get_one(Survey, (1, "enps"))


def test_an_open_wave_shows_participation_of_ten_or_more_and_nothing_else(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        yesterday = clock.now() - timedelta(days=1)
        invitations = open_wave(session, enps(session), "w1", STAFF, yesterday)
        for ref in ("a-0", "a-1", "a-2", "b-0", "c-0", "c-1"):
            cast(session, invitations[ref], 9, WORDS[ref], yesterday)
        assert participation.count_due(session, clock.now()) == 1
        cast(session, invitations["b-1"], 9, now=clock.now())  # told tomorrow
    told, scores, comments, listed, data = ask(
        settings,
        keys["owner"],
        ("GET", "/waves/w1/participation"),
        ("GET", "/scores?survey=enps&by=unit"),
        ("GET", "/comments?survey=enps"),
        ("GET", "/invitations?survey=enps&limit=1000"),
        ("GET", "/contacts/a-0/data"),
    )
    assert told.json()["items"] == [
        {"unit": "b", "invited": 20, "undelivered": 0, "answered": 1, "response_rate_percent": 5.0},
        {"unit": "dept", "invited": 20, "undelivered": 0, "answered": 5, "response_rate_percent": 25.0},
    ]
    assert (told.json()["total"]["invited"], told.json()["total"]["answered"]) == (40, 6)
    assert (scores.json()["items"], comments.json()["items"]) == ([], [])
    assert {(i["state"], i["send_at"], i["reminders_sent"], i["answered_at"]) for i in listed.json()["items"]} == {
        ("sent", None, None, None)
    }
    assert "answered_on" not in data.text
    (own,) = ask(settings, keys["manager"], ("GET", "/waves/w1/participation"))
    assert [item["unit"] for item in own.json()["items"]] == ["b"]


def test_a_closed_wave_shows_whole_cells_and_comments_without_score_or_date(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        scores = {one.ref: n % 11 for n, one in enumerate(STAFF)}
        hold_wave(session, enps(session), "w1", STAFF, scores, now=clock.now() - timedelta(days=9), comments=WORDS)
    by_unit, distribution, comments, csv, sliced, rows = ask(
        settings,
        keys["reader"],
        ("GET", "/scores?survey=enps&by=unit"),
        ("GET", "/distribution?survey=enps&unit=a"),
        ("GET", "/comments?survey=enps&limit=1000"),
        ("GET", "/comments?survey=enps&format=csv"),
        ("GET", "/comments?survey=enps&locale=en"),
        ("GET", "/responses?survey=enps"),
    )
    released = {i["group"]["unit"]: (i["responses"], i["invited"]) for i in by_unit.json()["items"] if i["responses"]}
    assert released == {"b": (20, 20), "dept": (20, 20)}
    assert not any(item["responses"] for item in distribution.json()["items"])
    items = comments.json()["items"]
    assert sorted(item["comment"] for item in items) == sorted(WORDS.values())
    assert {(item["score"], item["day"], item["answered_at"]) for item in items} == {(None, None, None)}
    assert [item["comment"] for item in items] != sorted(WORDS.values())
    assert len(csv.text.splitlines()) == 41
    assert (sliced.status_code, sliced.json()["errors"][0]["field"]) == (422, "locale")
    assert rows.json()["items"] == []


def test_a_wave_that_keeps_groups_says_so_and_gives_three_counts_in_every_format(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        scores = {one.ref: n % 11 for n, one in enumerate(STAFF)}
        hold_wave(session, enps(session), "w1", STAFF, scores, now=clock.now() - timedelta(days=9))
    waves, surveys, spread, csv, figure = ask(
        settings, keys["analyst"], ("GET", "/waves"), ("GET", "/surveys/enps"), ("GET", "/distribution?survey=enps"),
        ("GET", "/distribution?survey=enps&format=csv"), ("GET", "/charts/distribution?survey=enps"),
    )  # fmt: skip
    assert (waves.json()["items"][0]["scores"], "scores" in surveys.json()) == ("groups", False)
    (item,) = spread.json()["items"]
    sides = {"promoters": 6, "passives": 6, "detractors": 28}  # 0 to 6 four times each, 7 to 10 three times
    assert item == {
        "group": {}, "responses": 40, "counts": None, "without_scores": True, "suppressed": False,
        "at_least_percent": None, **sides,
    }  # fmt: skip
    heads, row = (line.split(",") for line in csv.text.splitlines())
    assert {head: int(n) for head, n in zip(heads, row, strict=True) if head in sides} == sides
    assert not any(head.startswith("counts.") for head in heads)
    assert [trace["customdata"] for trace in figure.json()["data"]] == [[28], [6], [6]]


def test_comments_are_paged_without_losing_or_repeating_one(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        scores = dict.fromkeys(WORDS, 5)
        hold_wave(session, enps(session), "w1", STAFF, scores, now=clock.now() - timedelta(days=9), comments=WORDS)
    seen, path = [], "/comments?survey=enps&limit=15"
    while path:
        (reply,) = ask(settings, keys["analyst"], ("GET", path))
        seen += [item["comment"] for item in reply.json()["items"]]
        after = reply.json()["next"]
        path = f"/comments?survey=enps&limit=15&after={after}" if after else ""
    assert sorted(seen) == sorted(WORDS.values())


def test_comments_of_small_cells_are_deleted(database: Database, settings: Settings, keys: dict[str, str]) -> None:
    few = [*team("b", 7), *team("c", 12)]
    with database.writing() as session:
        scores = {one.ref: 8 for one in few}
        hold_wave(session, enps(session), "w1", few, scores, now=clock.now() - timedelta(days=9), comments=WORDS)
    scores_by_unit, comments = ask(
        settings, keys["owner"], ("GET", "/scores?survey=enps&by=unit"), ("GET", "/comments?survey=enps")
    )
    assert {i["group"]["unit"]: i["responses"] for i in scores_by_unit.json()["items"]} == {"b": 7, "c": 12}
    assert {item["unit"] for item in comments.json()["items"]} == {"c"}


def test_fewer_than_the_floor_release_nothing_and_leave_nothing(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        four = {one.ref: 3 for one in STAFF[:4]}
        wave = hold_wave(session, enps(session), "w1", STAFF, four, now=clock.now() - timedelta(days=9), comments=WORDS)
        assert wave.counted_on is None
        for table in (Ballot, AnonymousScore, AnonymousComment):
            assert session.exec(select(table)).all() == []
    scores, waves = ask(settings, keys["owner"], ("GET", "/scores?survey=enps"), ("GET", "/waves"))
    assert (scores.json()["total"]["responses"], scores.json()["total"]["nps"]) == (0, None)
    assert (waves.json()["items"][0]["closed_at"] is not None, waves.json()["items"][0]["counted_on"]) == (True, None)


def test_who_was_asked_is_named_to_those_who_see_contacts_only(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        open_wave(session, enps(session), "w1", STAFF, clock.now())
    for role, key in keys.items():
        (listed,) = ask(settings, key, ("GET", "/waves"))
        assert ("a-0" in listed.text) == (role in {"owner", "analyst", "sender"}), role


def test_a_lost_secret_stops_the_next_wave_until_an_owner_says_so(
    database: Database, settings: Settings, keys: dict[str, str]
) -> None:
    with database.writing() as session:
        scores = dict.fromkeys(WORDS, 5)
        hold_wave(session, enps(session), "w1", STAFF, scores, now=clock.now() - timedelta(days=9))
    now = clock.now()
    planned = {"key": "w2", "opens_at": now.isoformat(), "closes_at": (now + timedelta(days=7)).isoformat()}
    path, waived = "/surveys/enps/waves", planned | {"without_comparison": True}
    lost = settings.model_copy(update={"secret": "another-secret-that-nobody-signed-with-0123456789"})
    (refused,) = ask(lost, keys["sender"], ("POST", path, planned))
    assert (refused.status_code, "w1" in refused.json()["detail"]) == (409, True)
    assert ask(lost, keys["sender"], ("POST", path, waived))[0].status_code == 403
    kept = settings.model_copy(update={"secret": f"{lost.secret},{settings.secret}"})
    assert ask(kept, keys["sender"], ("POST", path, planned))[0].status_code == 201
    assert ask(lost, keys["owner"], ("POST", path, waived | {"key": "w3"}))[0].status_code == 201
