"""The log holds the type and the place of an exception, once, and never its text, which may quote a person's row."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.tables import RememberedRequest
from tests.app.client import make_key
from tests.app.pages.setting import poll
from tests.app.served import served
from tests.conftest import SECRET
from tests.journeys.server import SOUNDINGS

CANARY = "canary-7f3a"


def refuse(database: Database, operation: str, table: str) -> None:
    """Let the database refuse every change of this kind in words that quote the row."""
    if database.dialect == "sqlite":
        statements = [
            f"CREATE TRIGGER refusing_{table} BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, '{CANARY}'); END"
        ]
    else:
        statements = [
            f"CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{CANARY}' USING DETAIL = 'Key (name)=({CANARY})'; END $$",
            f"CREATE TRIGGER refusing BEFORE {operation} ON {table} EXECUTE FUNCTION refuse_{table}()",
        ]
    with database.writing() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def faults(out: str, event: str = "fault") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def test_what_the_database_quotes_of_a_row_is_in_no_log(
    settings: Settings, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    person, other, *_ = poll(database)
    with database.writing() as session:
        key = make_key(session, 1)
    for table in ("unit", "ballot"):
        refuse(database, "INSERT", table)
    with served(settings) as address, httpx.Client(base_url=address) as http:
        replies = [
            http.put("/api/v1/units/fresh", json={"name": CANARY}, headers={"Authorization": f"Bearer {key}"}),
            http.post(person.page, json={"score": 9, "comment": CANARY}),
            http.post(other.page, data={"score": "9", "comment": CANARY}),
        ]
    out, err = capfd.readouterr()
    assert [reply.status_code for reply in replies] == [500, 500, 500]
    assert CANARY not in out + err + "".join(reply.text for reply in replies)
    assert "Traceback" not in out + err
    (unit, *links) = faults(out)
    assert (unit["method"], unit["route"]) == ("PUT", "/api/v1/units/{key}")
    assert unit["at"][-1].startswith(("surveys/", "app/"))
    assert len(links) + len(faults(out, "answer not stored")) <= 4


def test_a_worker_that_meets_a_fault_writes_down_nothing_of_the_row(
    settings: Settings, database: Database, database_url: str
) -> None:
    poll(database)
    with database.writing() as session:
        long_ago = clock.now() - timedelta(days=2)
        kept: dict[str, Any] = {"request_sha256": b"", "status": 200, "answer": {}, "created_at": long_ago}
        session.add(RememberedRequest(organisation_id=1, idempotency_key=CANARY, **kept))
    refuse(database, "DELETE", "remembered_request")
    environment = os.environ | {
        "SOUNDINGS_DATABASE_URL": database_url, "SOUNDINGS_SECRET": SECRET, "SOUNDINGS_MAIL": settings.mail,
    }  # fmt: skip
    command = [str(SOUNDINGS), "worker", "--once"]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(faults(done.stdout)) == 1


LIBRARIES = f"""
import asyncio, logging, traceback, structlog
from app.operations import logs

def fall():
    raise ValueError("{CANARY}")

async def lose():
    asyncio.get_running_loop().call_exception_handler({{"message": "lost", "exception": ValueError("{CANARY}")}})

logs.configure("INFO")
logs.take_uncaught()
try:
    fall()
except ValueError as error:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\\n", exc_info=error)
    logging.getLogger("any").exception("with %s", error)
    logging.getLogger("uvicorn.error").error(traceback.format_exc())
    logging.getLogger("any").error("wrong number %s %s", error)
    structlog.get_logger().exception("own")
asyncio.run(lose())
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, as the log is one for a process."""
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)


def test_no_library_writes_down_the_text_of_an_exception() -> None:
    done = run(LIBRARIES)
    assert done.returncode == 0
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception in ASGI application error=ValueError at=" in done.stderr
    assert "lost error=ValueError" in done.stderr
    assert [line["error"] for line in faults(done.stdout, "own")] == ["ValueError"]


@pytest.mark.parametrize("thread", [False, True])
def test_what_nothing_catches_is_a_line_like_any_other(thread: bool) -> None:
    fall = f"def fall(): raise ValueError('{CANARY}')\n"
    call = "threading.Thread(target=fall).start()" if thread else "fall()"
    done = run(
        f"import threading\nfrom app.operations import logs\nlogs.configure('INFO')\nlogs.take_uncaught()\n{fall}{call}"
    )
    assert CANARY not in done.stdout + done.stderr
    assert [line["error"] for line in faults(done.stdout)] == ["ValueError"]
