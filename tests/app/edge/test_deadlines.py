"""Slow, unfinished and too many connections: each wait has an end, and others are answered meanwhile."""

import os
import re
import resource
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn

from app.edge.deadlines import Deadlines
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from tests.app.client import make_key
from tests.conftest import SECRET
from tests.factories import make_organisation, make_survey
from tests.journeys.server import SOUNDINGS, free_port, kill

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
OPEN_FILES = 700
CONNECTIONS = OPEN_FILES - 400


class Quick(Deadlines):
    """The same in a fraction of the time."""

    HEAD_SECONDS = 0.6
    BODY_SECONDS = 0.6
    READER_SECONDS = 0.6
    LOOK_SECONDS = 0.1


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    """Settings of a service that is asked for nothing it stores."""
    return Settings(secret=SECRET, database_url=f"sqlite:///{tmp_path / 'soundings.db'}")


@contextmanager
def quick(settings: Settings) -> Iterator[tuple[str, int]]:
    """Host and port of a service with short deadlines."""
    config = uvicorn.Config(create_app(settings), port=0, log_level="warning", ws="none", http=Quick)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join()


def closed_after(connection: socket.socket, within: float) -> float | None:
    """Seconds until the server ends the connection, or None where it did not in time."""
    begun = time.monotonic()
    connection.settimeout(within)
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return None
    return time.monotonic() - begun


@pytest.mark.parametrize(
    "sent", [b"", b"GET /heal", HEAD, HEAD + b"Content-Length: 100\r\n\r\nkey=", GET, b"\r\n", GET + b"\r\n"]
)
def test_a_client_that_keeps_us_waiting_is_let_go(plain: Settings, sent: bytes) -> None:
    with quick(plain) as address, socket.create_connection(address) as connection:
        connection.sendall(sent)
        assert closed_after(connection, 7.0) is not None
        assert httpx.get("http://{}:{}/healthz".format(*address)).status_code == 200


@pytest.mark.parametrize("head", [HEAD, HEAD + b"Content-Length: 100000\r\n\r\n"])
def test_a_byte_now_and_then_buys_no_time(plain: Settings, head: bytes) -> None:
    with quick(plain) as address, socket.create_connection(address) as connection:
        connection.sendall(head)
        sent = 0
        with suppress(ConnectionError):
            for _ in range(100):
                sent += connection.send(b"x")
                time.sleep(0.05)
        assert sent < 60


def test_a_head_without_an_end_is_cut_off(plain: Settings) -> None:
    with quick(plain) as address, socket.create_connection(address) as connection:
        connection.sendall(HEAD + b"X-Long: ")
        sent = 0
        with suppress(ConnectionError):
            for _ in range(64):
                sent += connection.send(b"x" * (1 << 20))
        assert sent < 48 << 20


def test_a_body_at_a_fair_pace_and_requests_on_one_connection_are_served(plain: Settings) -> None:
    with quick(plain) as address, socket.create_connection(address) as connection:
        connection.sendall(HEAD + b"Content-Length: 120000\r\n\r\n")
        for _ in range(12):  # 1.2 seconds, twice the time that the first byte has
            connection.sendall(b"x" * 10_000)
            time.sleep(0.1)
        connection.settimeout(5)
        assert b" 403 " in connection.recv(65_536)  # no form of ours, and read to its end
    with quick(plain) as address, httpx.Client(base_url="http://{}:{}".format(*address)) as http:
        for _ in range(8):
            assert http.get("/healthz").status_code == 200
            time.sleep(0.2)


def test_a_reader_that_takes_nothing_is_let_go(plain: Settings) -> None:
    with quick(plain) as address, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(address)
        connection.sendall(b"GET /static/manage/plotly.js HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(2)
        received = 0
        with suppress(ConnectionError):
            while piece := connection.recv(1 << 20):
                received += len(piece)
        assert received < 4 << 20


@pytest.fixture
def serving(database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`soundings serve` as an operator runs it, allowed 700 open files."""
    port = free_port()
    command = f"ulimit -n {OPEN_FILES}; exec {shlex.quote(str(SOUNDINGS))} serve --no-worker --port {port}"
    environment = os.environ | {"SOUNDINGS_DATABASE_URL": database_url, "SOUNDINGS_SECRET": SECRET}
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None
                time.sleep(0.1)
        yield process, port
    finally:
        kill(process)


def test_unfinished_heads_stop_nobody(serving: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = serving
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2_000)), hard))
    with ExitStack() as opened:
        for _ in range(OPEN_FILES + 50):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            connection.sendall(HEAD)
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/sign-in", 200), ("/api/v1/units", 401)):
            assert httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == status


def test_more_requests_than_a_process_takes_are_put_off(serving: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = serving
    unfinished = HEAD + b"Content-Length: 10\r\n\r\nkey="
    with ExitStack() as opened:
        for _ in range(CONNECTIONS):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            connection.sendall(unfinished)
        time.sleep(0.5)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
        refused = httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=5)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:soundings:problem:busy")
    assert refused.headers["retry-after"] == "2"


def test_uploads_without_a_key_take_no_memory(serving: tuple[subprocess.Popen[bytes], int], database: Database) -> None:
    process, port = serving
    with database.writing() as session:
        make_survey(session, make_organisation(session).id)
        key = make_key(session, 1)
    url = f"http://127.0.0.1:{port}/api/v1/surveys/nps/responses"
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as http:  # what the route needs itself is loaded
        assert http.post(url, json={"items": [{"score": 9}]}).status_code == 200
    before = peak(process)
    statuses: list[int] = []

    def upload() -> None:
        body = (b" " * (1 << 20) for _ in range(30))
        headers = {"Content-Type": "application/json", "Content-Length": str(30 << 20)}
        statuses.append(httpx.post(url, content=body, headers=headers, timeout=60).status_code)

    threads = [threading.Thread(target=upload) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [401] * 12
    assert peak(process) - before < 40


def peak(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process had so far, in MiB."""
    (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    return int(kib) / 1024
