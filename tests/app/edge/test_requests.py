"""Around each request: an id, careful headers, a log line without tokens, metrics, and health."""

import asyncio
import json
import re
import socket
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.settings import Settings
from app.storage.database import Database
from surveys import links
from tests.app.client import client, make_key
from tests.app.pages.setting import poll
from tests.app.served import served
from tests.conftest import SECRET
from tests.factories import invited, make_organisation, make_survey

PUBLIC = {"metrics": "public"}
STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def get(settings: Settings, *paths: str, key: str | None = None, **headers: str) -> list[Any]:
    async def run() -> list[Any]:
        async with client(settings, key) as http:
            return [await http.get(path, headers=headers) for path in paths]

    return asyncio.run(run())


def test_the_log_tells_the_route_and_never_a_token_or_a_key(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
        key = make_key(session, 1)
    token = links.sign(b"another secret", "answer", 1, invitation.id)

    async def run() -> None:
        async with client(settings, key) as http:
            await http.post(f"/s/{token}", json={"score": 9})
            await http.get(f"/s/{token}?score=3", headers={"X-Request-Id": "mine-0"})
            await http.get(f"/u/{token}")
            await http.get("/api/v1/surveys/nps", headers={"X-Request-Id": "mine-1"})

    asyncio.run(run())
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines() if '"request"' in line]
    assert [(line["method"], line["route"]) for line in lines] == [
        ("POST", "/s/{token}"),
        ("GET", "/s/{token}"),
        ("GET", "/u/{token}"),
        ("GET", "/api/v1/surveys/{key}"),
    ]
    assert lines[-1]["request_id"] == "mine-1"
    for line in lines[:2]:
        assert line.keys() == {"event", "method", "route", "status", "level", "timestamp"}
    assert token not in out
    assert key not in out


def test_the_log_and_the_metrics_do_not_tell_when_somebody_opened_or_answered(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, *_ = poll(database)
    before = samples(settings)

    async def run() -> None:
        async with client(settings) as http:
            assert (await http.get(one.page)).status_code == 200
            assert (await http.head(one.page)).status_code == 200
            assert (await http.get(f"{one.page}/about")).status_code == 200
            assert (await http.post(one.page, data={"score": "9"})).status_code == 303
            assert (await http.get(f"{one.page}?step=thanks")).status_code == 200
            assert (await http.get(one.page)).status_code == 410
            assert (await http.post(other.page, data={"score": ""})).status_code == 422
            assert (await http.post(other.page, json={"score": "9"})).status_code == 422
            assert (await http.post(other.page, json={"score": 9})).status_code == 201
            assert (await http.post(other.page, json={"score": 9})).status_code == 410

    capsys.readouterr()
    asyncio.run(run())
    assert [line for line in capsys.readouterr().out.splitlines() if "/s/" in line] == []
    after = samples(settings)
    changed = {name for name in after if after[name] != before.get(name) and name.startswith("soundings_")}
    assert any("/s/{token}/about" in name for name in changed)
    assert {re.split("[{ ]", name)[0] for name in changed if "/s/" in name} == {"soundings_requests_total"}
    assert not any("_created" in name for name in after)


def samples(settings: Settings) -> dict[str, str]:
    """The metrics, each with its value."""
    (reply,) = get(settings.model_copy(update=PUBLIC), "/metrics")
    return dict(line.rsplit(" ", 1) for line in reply.text.splitlines() if not line.startswith("#"))


def test_a_fault_on_a_link_leaves_nothing_of_the_answer_in_the_log(
    settings: Settings, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    one, *_ = poll(database)
    with database.writing() as session:
        session.execute(text("DROP TABLE ballot"))
    with served(settings) as address:
        form = {"score": "9", "comment": "words of mine"}
        reply = httpx.post(f"{address}{one.page}", data=form, headers={"X-Request-Id": "mine-2"})
    out, err = capfd.readouterr()
    assert (reply.status_code, reply.json()["type"]) == (500, "urn:soundings:problem:fault")
    assert reply.headers["x-content-type-options"] == "nosniff"
    faults = [json.loads(line) for line in out.splitlines() if '"fault"' in line]
    assert [(f["method"], f["route"]) for f in faults] == [("POST", "/s/{token}")]
    # PostgreSQL's comes as SQLAlchemy's or as the driver's own, by when it arrives.
    assert faults[0]["error"] in ("OperationalError", "ProgrammingError", "UndefinedTable")
    assert "surveys/answering/" in "".join(faults[0]["at"])
    for told in ("words of mine", one.page.removeprefix("/s/"), "mine-2"):
        assert told not in out + err
    assert "Traceback" not in err


def test_answers_of_the_api_carry_careful_headers_and_an_id(settings: Settings) -> None:
    own, forged = get(settings, "/api/v1/organisation", "/healthz", **{"X-Request-Id": "a b\tc"})
    assert own.headers["x-content-type-options"] == "nosniff"
    assert own.headers["cache-control"] == "no-store"
    assert own.headers["content-security-policy"] == STRICT
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", forged.headers["x-request-id"])
    assert "strict-transport-security" not in own.headers
    secure = settings.model_copy(update={"base_url": "https://soundings.test"})
    assert "strict-transport-security" in get(secure, "/healthz")[0].headers


def test_every_answer_is_strict_that_says_nothing_else(settings: Settings) -> None:
    paths = [
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/static/manage/manage.css",
        "/nowhere",
        "/api/v1/nowhere",
        "/s/x",
    ]
    for reply in get(settings.model_copy(update=PUBLIC), *paths):
        assert reply.headers["content-security-policy"].startswith("default-src 'none'"), reply.request.url
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
    assert get(settings, "/healthz")[0].headers["content-security-policy"] == STRICT
    assert "style-src" in get(settings, "/sign-in")[0].headers["content-security-policy"]


def test_ready_means_reachable_and_migrated(settings: Settings, database: Database) -> None:
    health, ready = get(settings, "/healthz", "/readyz")
    assert (health.status_code, ready.status_code) == (200, 200)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    health, ready = get(settings, "/healthz", "/readyz")
    assert (health.status_code, ready.status_code) == (200, 503)
    assert "soundings migrate" in ready.json()["detail"]


def test_metrics_count_requests_by_route_and_answers(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        _, _, invitation = invited(session)
    token = links.sign(SECRET.encode(), "answer", 1, invitation.id)

    async def run() -> str:
        async with client(settings.model_copy(update=PUBLIC)) as http:
            await http.post(f"/s/{token}", json={"score": 9})
            await http.get(f"/s/{token}")
            return (await http.get("/metrics")).text

    text_ = asyncio.run(run())
    assert re.search(r'soundings_requests_total\{method="GET",route="/s/\{token\}",status="\d+"\} \d', text_)
    assert "soundings_intake_batch_size_count" in text_
    assert 'soundings_answers_recorded_total{path="link"}' in text_
    assert token not in text_


def test_a_fault_tells_the_caller_nothing_of_its_inside(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        for table in ("sign_in", "api_key"):
            session.execute(text(f"DROP TABLE {table}"))
    (reply,) = get(settings, "/api/v1/organisation", key="snd_" + "A" * 70)
    assert (reply.status_code, reply.json()["type"]) == (500, "urn:soundings:problem:fault")
    assert "api_key" not in reply.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/surveys/nps/responses", "application/json"),
        ("/api/v1/contacts", "text/csv"),
        ("/s/token", "application/x-www-form-urlencoded"),
        ("/q/code", "application/x-www-form-urlencoded"),
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/sign-in", "multipart/form-data; boundary=x"),
    ],
)
def test_a_client_that_goes_away_in_its_body_is_no_fault(
    settings: Settings, database: Database, capfd: pytest.CaptureFixture[str], path: str, kind: str
) -> None:
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)
        key = make_key(session, 1)
    with served(settings) as address:
        host, port = address.removeprefix("http://").split(":")
        capfd.readouterr()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: 1000\r\n\r\n"
        )
        for begun in (b"", b"--x\r\n", b'{"items": ['):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(head.encode() + begun)
                time.sleep(0.1)
        assert httpx.get(f"{address}/healthz").status_code == 200
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
    assert '"fault"' not in out
    assert '"status":5' not in out
