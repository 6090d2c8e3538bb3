"""Slow readers: whoever asks for exports and takes nothing keeps nobody else waiting, and is ended."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app import clock
from app.feeds.places import Places
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from tests.app.api.know.stored import store
from tests.app.client import make_key
from tests.app.served import served
from tests.conftest import SECRET
from tests.factories import invited
from tests.journeys.server import serving

ROWS = 12_000
COMMENT = "x" * 1_000  # in all more than the buffers of two sockets hold
EXPORT = "/api/v1/responses?format=csv"


@pytest.fixture
def page(database: Database) -> str:
    """The page of an invitation, beside many answers."""
    with database.writing() as session:
        survey, _, invitation = invited(session)
        invitation.expires_at = clock.now() + timedelta(days=1)
        store(session, survey.key, range(ROWS), comment=COMMENT)
    return f"/s/{links.sign(SECRET.encode(), 'answer', 1, invitation.id)}"


def make_keys(database: Database, count: int) -> list[str]:
    with database.writing() as session:
        return [make_key(session, 1, "analyst") for _ in range(count)]


@pytest.fixture
def key(database: Database, page: str) -> str:
    """A key that may read those answers."""
    return make_keys(database, 1)[0]


@contextmanager
def slow_reader(address: str, key: str) -> Iterator[tuple[int, dict[str, str], socket.socket]]:
    """Ask for an export and read no more than the head of the answer: its status and fields, and the connection."""
    place = urlsplit(address)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect((place.hostname, place.port))
        connection.sendall(f"GET {EXPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        first, *lines = head.decode().strip().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines)
        yield int(first.split()[1]), fields, connection


def test_forty_five_slow_readers_keep_nobody_waiting(database: Database, database_url: str, page: str) -> None:
    key, *others = make_keys(database, 6)
    bearer = {"Authorization": f"Bearer {key}"}
    with serving(database_url, SECRET, "--no-worker") as address, ExitStack() as readers:
        httpx.get(f"{address}/api/v1/scores?survey=nps", headers=bearer, timeout=60)  # which loads what it needs
        replies = [readers.enter_context(slow_reader(address, key)) for _ in range(45)]
        begun = time.monotonic()
        with httpx.Client(base_url=address, headers=bearer, timeout=60) as http:
            statuses = [
                http.get("/api/v1/scores?survey=nps").status_code,
                http.get(page).status_code,
                http.post(page, json={"score": 9}).status_code,
            ]
        assert (statuses, time.monotonic() - begun < 10) == ([200, 200, 201], True)
        assert [status for status, *_ in replies] == [200] * 2 + [429] * 43
        assert int(replies[-1][1]["retry-after"]) > 0
        replies = [readers.enter_context(slow_reader(address, other)) for other in others]
        assert [status for status, *_ in replies] == [200] * 2 + [503] * 3
        assert int(replies[-1][1]["retry-after"]) > 0


@pytest.mark.parametrize(
    "limits",
    [({"stall_seconds": 0.5}, "nothing taken for 0.5 s"), ({"seconds": 1.5}, "not taken within 1.5 s")],
    ids=["nothing taken", "too slow"],
)
def test_a_reader_that_takes_nothing_or_too_little_is_ended_and_its_place_is_free(
    settings: Settings, key: str, limits: tuple[dict[str, Any], str], capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings)
    app.state.places = Places(**limits[0])
    with served(settings, app) as address, ExitStack() as readers:
        for _ in range(2):
            assert readers.enter_context(slow_reader(address, key))[0] == 200
        with slow_reader(address, key) as (status, *_):
            assert status == 429
        deadline = time.monotonic() + 10
        while app.state.database.exports.pool.checkedout() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert app.state.database.exports.pool.checkedout() == 0
        with slow_reader(address, key) as (status, *_):
            assert status == 200
        ended: list[dict[str, Any]] = []
        while len(ended) < 2 and time.monotonic() < deadline + 10:  # the line comes a moment after the connection
            out = capsys.readouterr().out
            ended += [json.loads(line) for line in out.splitlines() if '"download ended"' in line]
            time.sleep(0.05)
    assert [line["reason"] for line in ended[:2]] == [limits[1]] * 2


def test_an_export_that_was_cut_short_cannot_be_taken_for_the_whole(settings: Settings, key: str) -> None:
    app = create_app(settings)
    app.state.places = Places(stall_seconds=0.5)
    with served(settings, app) as address, slow_reader(address, key) as (_, fields, connection):
        assert fields["transfer-encoding"] == "chunked"
        time.sleep(2)
        taken = b""
        while received := connection.recv(1 << 16):
            taken = taken[-16:] + received
    assert not taken.endswith(b"0\r\n\r\n")
