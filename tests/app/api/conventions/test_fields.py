"""Fields of bodies have one spelling, as the OpenAPI document says: whatever a library would also read is refused."""

from typing import Any

import pytest

from app.settings import Settings
from app.storage.database import Database
from tests.app.client import ask, make_key
from tests.conftest import SECRET
from tests.factories import make_organisation, make_survey, make_touchpoint

OPENS = "2026-03-01T00:00:00Z"
WAVE = {"key": "spring", "opens_at": OPENS, "closes_at": "2035-01-01T00:00:00Z"}
TOUCHPOINT = {"name": "Desk", "audience": "customers"}
COURSE = {"name": "Course", "kind": "instruct", "scope": {}, "starts_on": "2025-09-03"}
CALLS: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/surveys/nps/waves", WAVE | {"opens_at": 1772323200}, "opens_at"),
    ("POST", "/surveys/nps/waves", WAVE | {"opens_at": "1772323200"}, "opens_at"),
    ("POST", "/surveys/nps/waves", WAVE | {"closes_at": "2035-01-01 00:00:00Z"}, "closes_at"),
    ("POST", "/surveys/nps/waves", WAVE | {"sample": "0.5"}, "sample"),
    ("POST", "/surveys/nps/waves", WAVE | {"reminders_after_days": ["3"]}, "reminders_after_days.0"),
    ("POST", "/surveys/nps/invitations", {"contacts": "all", "send_at": 1772323200}, "send_at"),
    ("PUT", "/waves/spring/publication", {"comments": "yes"}, "comments"),
    ("PUT", "/initiatives/course", COURSE | {"starts_on": 0}, "starts_on"),
    ("PUT", "/initiatives/course", COURSE | {"ends_on": "2026-01-01T00:00:00"}, "ends_on"),
    ("PUT", "/touchpoints/desk", TOUCHPOINT | {"survey": "nps", "delay_hours": True}, "delay_hours"),
    ("PUT", "/baselines/then", {"query": {"channel": 5}}, "query.channel"),
    ("PUT", "/baselines/then", {"query": {"confidence": "0.9"}}, "query.confidence"),
    ("PUT", "/baselines/then", {"query": {"confidence": [True]}}, "query.confidence"),
    ("PATCH", "/organisation", {"locale": "AA_000*"}, "locale"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), CALLS)
def test_a_spelling_that_the_document_does_not_have_is_refused_by_its_field(
    database_url: str, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    database = Database(database_url)
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        make_touchpoint(session, organisation.id, "desk")
        key = make_key(session, organisation.id)
    database.close()
    (reply,) = ask(Settings(secret=SECRET, database_url=database_url), key, (method, path, body))
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]


def test_a_whole_number_may_be_written_with_a_point_as_json_schema_has_it(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as session:
        organisation = make_organisation(session)
        make_survey(session, organisation.id)
        key = make_key(session, organisation.id)
    database.close()
    items = {"items": [{"score": 9.0}]}
    (reply,) = ask(Settings(secret=SECRET, database_url=database_url), key, ("POST", "/surveys/nps/responses", items))
    assert reply.json()["recorded"] == 1
