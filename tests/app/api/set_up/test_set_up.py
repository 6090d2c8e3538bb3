"""An owner sets up units, touchpoints, surveys and keys, and reads them back in every format."""

import csv
import io
from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import ask, make_key
from tests.factories import SCORE, make_organisation


@pytest.fixture
def owner(database: Database) -> str:
    with database.writing() as session:
        return make_key(session, make_organisation(session).id)


def test_the_organisation_is_read_and_changed(settings: Settings, owner: str) -> None:
    read, changed, zone, locale, unknown = ask(
        settings,
        owner,
        ("GET", "/organisation"),
        ("PATCH", "/organisation", {"name": "Fjord Line"}),
        ("PATCH", "/organisation", {"time_zone": "Mars/Olympus"}),
        ("PATCH", "/organisation", {"locale": "xx-nowhere"}),
        ("PATCH", "/organisation", {"key": "other"}),
    )
    assert read.json() | {"created_at": ""} == {
        "key": "fjord", "name": "Fjord Ferries", "locale": "en", "time_zone": "Europe/Copenhagen", "created_at": "",
    }  # fmt: skip
    assert changed.json()["name"] == "Fjord Line"
    assert [(r.status_code, r.json()["errors"][0]["field"]) for r in (zone, locale, unknown)] == [
        (422, "time_zone"), (422, "locale"), (422, "key"),
    ]  # fmt: skip


def test_units_and_touchpoints_are_made_changed_and_listed(settings: Settings, owner: str) -> None:
    phone = {"name": "Phone", "audience": "customers", "promise": "Answered in a minute", "target_nps": 40}
    top, below, lost, made, again, units, touchpoints = ask(
        settings,
        owner,
        ("PUT", "/units/north", {"name": "North", "parent": None}),
        ("PUT", "/units/harbour", {"name": "Harbour", "parent": "north"}),
        ("PUT", "/touchpoints/phone", phone | {"unit": "nowhere"}),
        ("PUT", "/touchpoints/phone", phone | {"unit": "north"}),
        ("PUT", "/touchpoints/phone", phone | {"unit": "harbour", "target_nps": None}),
        ("GET", "/units?limit=1"),
        ("GET", "/touchpoints?format=csv"),
    )
    assert [r.status_code for r in (top, below, lost, made, again)] == [201, 201, 422, 201, 200]
    assert lost.json()["errors"][0]["field"] == "unit"
    assert units.json()["items"] == [{"key": "harbour", "name": "Harbour", "parent": "north", "archived_at": None}]
    (rest,) = ask(settings, owner, ("GET", f"/units?limit=1&after={units.json()['next']}"))
    north = {"key": "north", "name": "North", "parent": None, "archived_at": None}
    assert rest.json() == {"items": [north], "next": None}
    (row,) = csv.DictReader(io.StringIO(touchpoints.text))
    assert row == {
        "key": "phone", "name": "Phone", "audience": "customers", "promise": "Answered in a minute",
        "target_nps": "", "unit": "harbour", "survey": "", "delay_hours": "", "archived_at": "",
    }  # fmt: skip


def test_a_survey_takes_the_questions_of_its_template(settings: Settings, owner: str) -> None:
    templates, made, changed, listed = ask(
        settings,
        owner,
        ("GET", "/survey-templates"),
        ("PUT", "/surveys/spring", {"template": "nps", "name": "Spring"}),
        ("PUT", "/surveys/spring", {"template": "nps", "name": "Spring", "segments": ["plan"], "rest_days": 0}),
        ("GET", "/surveys"),
    )
    by_key = {t["key"]: t for t in templates.json()["items"]}
    assert {"nps", "nps-touchpoint", "enps"} <= by_key.keys()
    assert (made.status_code, changed.status_code) == (201, 200)
    assert made.json()["questions"] == by_key["nps"]["questions"]
    assert (made.json()["rest_days"], made.json()["edit_hours"], made.json()["expires_days"]) == (30, 48, 30)
    assert [(s["segments"], s["rest_days"]) for s in listed.json()["items"]] == [(["plan"], 0)]


def test_an_anonymous_survey_has_floors_and_is_asked_in_waves_only(settings: Settings, owner: str) -> None:
    staff = {"template": "enps", "name": "Staff"}
    made, always, grouped, too_low, unknown, invited, recorded, paged, bound = ask(
        settings,
        owner,
        ("PUT", "/surveys/staff", staff | {"floor": 8}),
        ("PUT", "/surveys/third", staff | {"always_release_total": True}),
        ("PUT", "/surveys/fourth", staff | {"scores": "groups"}),
        ("PUT", "/surveys/other", staff | {"floor": 2}),
        ("PUT", "/surveys/other", staff | {"scores": "bins"}),
        ("POST", "/surveys/staff/invitations", {"contacts": "all"}),
        ("POST", "/surveys/staff/responses", {"items": [{"score": 9, "id": "1"}]}),
        ("POST", "/touchpoints/support/pages", {"survey": "staff"}),
        ("PUT", "/touchpoints/support", {"name": "Support", "audience": "customers", "survey": "staff"}),
    )
    told = made.json()
    assert (made.status_code, told["mode"], told["floor"], told["comment_floor"]) == (201, "anonymous", 8, 10)
    assert (told["always_release_total"], always.json()["always_release_total"]) == (False, True)
    assert (told.get("scores"), grouped.json()["scores"]) == (None, "groups")
    assert (too_low.status_code, too_low.json()["errors"][0]["field"]) == (422, "floor")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "scores")
    assert (invited.status_code, recorded.status_code) == (409, 409)
    assert (paged.status_code, bound.status_code) == (404, 422)


def test_an_anonymous_survey_asks_the_score_and_a_comment_only(settings: Settings, owner: str) -> None:
    asked = [SCORE, CHOICE]
    (refused,) = ask(settings, owner, ("PUT", "/surveys/staff", {"template": "enps", "name": "S", "questions": asked}))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "questions.1")


CHOICE = {"key": "why", "kind": "choice", "texts": {"en": {"text": "Why?", "choices": {"a": "A", "b": "B"}}}}


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ([], "questions"),
        ([CHOICE], "questions"),
        ([SCORE, SCORE | {"key": "again"}], "questions.1.kind"),
        ([SCORE, CHOICE, CHOICE], "questions.2.key"),
        ([SCORE, CHOICE | {"key": "Not A Key"}], "questions.1.key"),
        ([SCORE, CHOICE | {"kind": "stars"}], "questions.1.kind"),
        ([SCORE, CHOICE | {"texts": {"da": CHOICE["texts"]["en"]}}], "questions.1.texts"),  # type: ignore[index]
        ([SCORE | {"texts": {"xx-nowhere": {"text": "?"}}}], "questions.0.texts.xx-nowhere"),
        ([SCORE | {"texts": {}}], "questions.0.texts"),
        ([SCORE, CHOICE | {"texts": {"en": {"text": "Why?"}}}], "questions.1.texts.en.choices"),
        ([SCORE, CHOICE | {"kind": "text"}], "questions.1.texts.en.choices"),
        ([SCORE | {"texts": {"en": {"text": "?", "colour": "red"}}}], "questions.0.texts.en.colour"),
    ],
)
def test_questions_that_could_not_be_asked_are_refused_by_name(
    settings: Settings, owner: str, questions: list[Any], field: str
) -> None:
    body = {"name": "Own", "audience": "customers", "mode": "confidential", "questions": questions}
    reply, listed = ask(settings, owner, ("PUT", "/surveys/own", body), ("GET", "/surveys"))
    assert reply.status_code == 422
    assert [e["field"] for e in reply.json()["errors"]] == [field]
    assert listed.json()["items"] == []


def test_a_key_is_shown_once_and_revoked_for_good(settings: Settings, owner: str) -> None:
    made, listed = ask(settings, owner, ("POST", "/keys", {"role": "reader", "name": "BI"}), ("GET", "/keys"))
    assert made.status_code == 201
    reader = made.json()["key"]
    assert all("key" not in item and "secret_sha256" not in item for item in listed.json()["items"])
    before, forbidden = ask(settings, reader, ("GET", "/organisation"), ("GET", "/keys"))
    (revoked,) = ask(settings, owner, ("DELETE", f"/keys/{made.json()['id']}"))
    (after,) = ask(settings, reader, ("GET", "/organisation"))
    assert [r.status_code for r in (before, forbidden, revoked, after)] == [200, 403, 204, 401]


def test_another_organisations_things_are_not_there(database: Database, settings: Settings, owner: str) -> None:
    (made,) = ask(settings, owner, ("POST", "/keys", {"role": "reader"}))
    ask(settings, owner, ("PUT", "/surveys/spring", {"template": "nps", "name": "Spring"}))
    with database.writing() as session:
        other = make_key(session, make_organisation(session, "other").id)
    survey, key = ask(settings, other, ("GET", "/surveys/spring"), ("DELETE", f"/keys/{made.json()['id']}"))
    assert (survey.status_code, key.status_code) == (404, 404)
