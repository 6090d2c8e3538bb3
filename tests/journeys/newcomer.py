"""What a newcomer does with the demo: start it, paste its commands, wait for its mails."""

import os
import re
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.server import answering, free_port, stop

MAIL_SECONDS = 30


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """What a demo printed that runs in this folder; the environment names a database that it must not use."""
    port, told = free_port(), folder / "told"
    with told.open("wb") as output:
        process = answering(
            port, os.environ | {"SOUNDINGS_DATABASE_URL": "sqlite:////nowhere/else.db"}, "demo", "--port", str(port),
            "--folder", str(folder), output=output,
        )  # fmt: skip
    try:
        yield told.read_text(encoding="utf-8")
    finally:
        stop(process)


def commands(told: str) -> list[str]:
    """The curl commands, in their order."""
    return re.findall(r"^   (curl(?:.*\\\n)*.*)$", told, re.MULTILINE)


def addresses(told: str) -> list[str]:
    """The addresses that stand in lines of their own, in their order."""
    return re.findall(r"^   (http\S+)$", told, re.MULTILINE)


def pasted(command: str) -> httpx.Response:
    """What a curl command of the guide gets: its method, headers, data and address, sent from here."""
    command = re.sub(r"\$\(cat (\S+)\)", lambda found: Path(found[1]).read_text(encoding="utf-8"), command)
    words = iter(shlex.split(command)[2:])  # curl -s
    headers, data, method, address = {}, None, None, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = next(words)
        elif word in ("-d", "--data-binary"):
            given = next(words)
            data = Path(given[1:]).read_bytes() if given.startswith("@") else given.encode()
        else:
            address = word
    method = method or ("POST" if data else "GET")
    answer = httpx.request(method, address, headers=headers, content=data, timeout=30)
    assert answer.is_success, answer.text
    return answer


def mailed(folder: Path, *recipients: str) -> list[Any]:
    """The mail to each of these addresses, once all are there."""
    deadline = time.monotonic() + MAIL_SECONDS
    while missing := set(recipients) - (found := _mails(folder)).keys():
        assert time.monotonic() < deadline, f"no mail to {missing} after {MAIL_SECONDS} s"
        time.sleep(0.1)
    return [found[recipient] for recipient in recipients]


def _mails(folder: Path) -> dict[str, Any]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (folder / "mail").glob("*.eml")]
    return {mail["To"].addresses[0].addr_spec: mail for mail in mails}
