"""Metrics have an address of their own, a port for each process, and are no business of the public."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from app.operations import addresses
from app.operations.scraping import Scraping
from app.settings import Settings
from tests.app.served import served
from tests.conftest import SECRET
from tests.journeys.server import SOUNDINGS, free_port, serving

HOST = "127.0.0.1"


def free_ports(count: int) -> range:
    """Ports in a row that nobody listens on."""
    while True:
        first = free_port()
        if first + count < 2**16 and not addresses.taken(addresses.Address(HOST, range(first, first + count))):
            return range(first, first + count)


def scraped(port: int, path: str = "/metrics") -> httpx.Response:
    return httpx.get(f"http://{HOST}:{port}{path}", timeout=10)


def answering(ports: range, wanted: int) -> list[int]:
    """The ports that give metrics, once there are as many as wanted, or after a minute."""
    deadline = time.monotonic() + 60
    while True:
        there = [port for port in ports if port in addresses.taken(addresses.Address(HOST, ports))]
        if len(there) == wanted or time.monotonic() > deadline:
            return [port for port in there if scraped(port).status_code == 200]
        time.sleep(0.05)


def healthy(port: int) -> int:
    """How many requests to /healthz the process behind this port has counted."""
    counted = re.search(r'^soundings_requests_total\{method="GET",route="/healthz".*\} (\d+)', scraped(port).text, re.M)
    return int(counted[1]) if counted else 0


def test_the_public_port_gives_metrics_only_where_asked_to(settings: Settings) -> None:
    for metrics, status in (("off", 404), ("public", 200)):
        with served(settings.model_copy(update={"metrics": metrics})) as base:
            assert httpx.get(f"{base}/metrics").status_code == status


def test_metrics_are_on_their_own_address_and_nothing_else_is(settings: Settings) -> None:
    (port,) = free_ports(1)
    with served(settings.model_copy(update={"metrics_address": f"{HOST}:{port}"})) as base:
        httpx.get(f"{base}/healthz")
        reply = scraped(port)
        assert reply.headers["content-type"].startswith("text/plain")
        assert re.search(r'soundings_requests_total\{method="GET",route="/healthz",status="200"\} \d', reply.text)
        assert [scraped(port, path).status_code for path in ("/", "/healthz", "/api/v1/waves")] == [404] * 3
        assert httpx.get(f"{base}/metrics").status_code == 404
        with socket.create_connection((HOST, port)):  # somebody who says nothing keeps nobody else waiting
            assert scraped(port).status_code == 200
    assert addresses.taken(addresses.Address(HOST, range(port, port + 1))) == []


def test_each_of_several_processes_has_a_port_of_its_own(sqlite_template: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'soundings.db')}"
    ports = free_ports(2)
    own = {"SOUNDINGS_METRICS_ADDRESS": f"{HOST}:{ports[0]}-{ports[1]}", "SOUNDINGS_MAIL": f"folder:{tmp_path}"}
    with serving(url, SECRET, "--no-worker", "--workers", "2", **own) as base:
        assert answering(ports, 2) == list(ports)
        before = sum(healthy(port) for port in ports)
        for _ in range(20):
            httpx.get(f"{base}/healthz")
        # Each request is counted by one process, so the two are not one that listens twice.
        assert sum(healthy(port) for port in ports) - before == 20
        assert httpx.get(f"{base}/metrics").status_code == 404


@pytest.mark.parametrize(("workers", "count"), [(1, 1), (3, 2)])
def test_a_port_that_is_taken_and_too_few_ports_are_named_before_anything_starts(
    tmp_path: Path, workers: int, count: int
) -> None:
    ports = free_ports(count)
    with socket.create_server((HOST, ports[0])):
        environment = os.environ | {
            "SOUNDINGS_DATABASE_URL": f"sqlite:///{tmp_path}/soundings.db", "SOUNDINGS_SECRET": SECRET,
            "SOUNDINGS_METRICS_ADDRESS": f"{HOST}:{ports[0]}-{ports[-1]}",
        }  # fmt: skip
        command = [str(SOUNDINGS), "serve", "--port", str(free_port()), "--workers", str(workers)]
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
    says = f"need a port each, such as {ports[0]}-{ports[0] + 2}" if workers == 3 else f"listen on {ports[0]} already"
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("SOUNDINGS_METRICS_ADDRESS: ")
    assert says in line


def test_a_process_for_which_no_port_is_left_answers_without(settings: Settings) -> None:
    (port,) = free_ports(1)
    first = Scraping(addresses.read(f"{HOST}:{port}"))
    try:
        with served(settings.model_copy(update={"metrics_address": f"{HOST}:{port}"})) as base:
            assert httpx.get(f"{base}/healthz").status_code == 200
            assert scraped(port).status_code == 200
    finally:
        first.close()


@pytest.mark.parametrize(
    ("text", "host", "ports"),
    [
        ("127.0.0.1:9100", "127.0.0.1", [9100]),
        ("[::1]:9100-9101", "::1", [9100, 9101]),
        ("metrics.internal:65535", "metrics.internal", [65535]),
    ],
)
def test_an_address_is_a_host_and_its_ports(text: str, host: str, ports: list[int]) -> None:
    address = addresses.read(text)
    assert (address.host, list(address.ports)) == (host, ports)


def test_what_is_no_address_is_refused() -> None:
    for text in (
        "9100",
        ":9100",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:9101-9100",
        "h:65536",
        "http://h:1",
        "::1:9100",
    ):
        with pytest.raises(ValueError, match="host:port"):
            addresses.read(text)
