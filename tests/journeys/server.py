"""`soundings serve` as a process of its own, the way an operator runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

SOUNDINGS = Path(sys.executable).parent / "soundings"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    url: str, secret: str, port: int, *options: str, output: int | IO[bytes] = subprocess.DEVNULL, **settings: str
) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers; whoever starts it ends it. Its log and errors go to `output`."""
    environment = os.environ | {"SOUNDINGS_DATABASE_URL": url, "SOUNDINGS_SECRET": secret} | settings
    return answering(port, environment, "serve", "--port", str(port), *options, output=output, errors=output)


def answering(
    port: int,
    environment: Mapping[str, str],
    *command: str,
    output: int | IO[bytes] = subprocess.DEVNULL,
    errors: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a command of `soundings` and wait until it answers on the port; whoever starts it ends it."""
    process = subprocess.Popen(
        [str(SOUNDINGS), *command], env=environment, stdout=output, stderr=errors, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return process
        except httpx.TransportError:
            if process.poll() is not None:
                raise RuntimeError(f"soundings {command[0]} ended with {process.returncode}") from None
            time.sleep(0.05)
    kill(process)
    raise RuntimeError(f"soundings {command[0]} did not answer within a minute")


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the server and every process it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def serving(url: str, secret: str, *options: str, **settings: str) -> Iterator[str]:
    """The address of a running server, stopped in good order afterwards."""
    port = free_port()
    process = start(url, secret, port, *options, output=subprocess.DEVNULL, **settings)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it in good order, or after half a minute in any."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        kill(process)
