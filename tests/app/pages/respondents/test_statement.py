"""The signed statement of a closed wave is where everybody who was asked can read it, and check it without us."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app import clock
from app.languages import LANGUAGES
from app.settings import Settings
from app.storage.database import Database
from surveys import links
from surveys.fieldwork import publications, waves
from tests.app.client import ask, make_key
from tests.app.pages.plain_http import call
from tests.app.pages.setting import poll
from tests.conftest import SECRET, SECRETS
from tests.factories import NOW
from tests.surveys.results import make_results
from tests.surveys.staff import LASTS

KEYS = "/.well-known/soundings-statement-keys.json"
DOCS = Path(__file__).resolve().parents[4] / "docs" / "anonymity.md"
NEW = "another-secret-that-only-this-test-knows-0123456789"


def get(settings: Settings, *paths: str) -> list[httpx.Response]:
    return call(settings, *(("GET", path, {}) for path in paths))


def closed(database: Database) -> str:
    """The page behind the link of somebody whose wave has closed, without a result."""
    one, *_ = poll(database, now=clock.now())
    with database.writing() as session:
        waves.close(session, 1, "w1", clock.now() + LASTS, SECRETS)
    return one.page


def script() -> str:
    """The program of the manual that checks a statement."""
    (program,) = re.findall(r"```python\n(import base64.*?)```", DOCS.read_text(), re.DOTALL)
    assert len([line for line in program.splitlines() if line]) <= 10
    return str(program)


def checked(folder: Path, signed: object, keys: object) -> subprocess.CompletedProcess[str]:
    """What that program says of a statement and of keys, run by itself."""
    for name, content in (
        ("check.py", script()),
        ("statement.json", json.dumps(signed)),
        ("keys.json", json.dumps(keys)),
    ):
        (folder / name).write_text(content)
    command = [sys.executable, "check.py", "statement.json", "keys.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_whoever_was_asked_can_check_the_statement_with_the_program_of_the_manual(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    page = closed(database)
    signed, keys = (reply.json() for reply in get(settings, f"{page}/statement.json", KEYS))
    done = checked(tmp_path, signed, keys)
    assert (done.returncode, done.stdout.startswith("signed with ")) == (0, True), done.stderr
    assert json.loads(done.stdout.partition(": ")[2]) == signed["statement"]
    signed["statement"]["asked"] += 1
    forged = checked(tmp_path, signed, keys)
    assert (forged.returncode, "InvalidSignature" in forged.stderr) == (1, True)


def test_the_keys_of_all_secrets_are_published_and_a_statement_stays_good_under_a_newer_one(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    page = closed(database)
    rotated = settings.model_copy(update={"secret": f"{NEW},{SECRET}"})
    (before,) = get(settings, KEYS)
    signed, after = (reply.json() for reply in get(rotated, f"{page}/statement.json", KEYS))
    assert after["keys"][1:] == before.json()["keys"]
    assert checked(tmp_path, signed, after).returncode == 0
    alone = get(settings.model_copy(update={"secret": NEW}), KEYS)[0].json()
    assert checked(tmp_path, signed, alone).returncode != 0
    assert [set(key) for key in after["keys"]] == [{"kty", "crv", "x", "kid", "alg", "use"}] * 2
    assert SECRET not in json.dumps(after)


def test_the_page_about_the_answers_states_the_counts_in_every_language_once_closed(
    settings: Settings, database: Database
) -> None:
    one, *_ = poll(database, now=clock.now())
    before, none = get(settings, f"{one.page}/about", f"{one.page}/statement.json")
    assert ("statement.json" in before.text, none.status_code) == (False, 404)
    with database.writing() as session:
        waves.close(session, 1, "w1", clock.now() + LASTS, SECRETS)
    pages = get(settings, *(f"{one.page}/about?lang={language}" for language in LANGUAGES))
    headings = set()
    for page in pages:
        stated = page.text.partition('href="statement.json"')[0].rpartition("<h2>")[2]
        assert stated.count("<li>") == 8
        headings.add(stated.partition("</h2>")[0])
    assert len(headings) == len(LANGUAGES)
    assert "No result was released." in pages[LANGUAGES.index("en")].text


def test_published_results_come_with_the_statement(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=1)
        pages, _ = publications.publish(session, number, "w1", note="", comments=False, now=NOW)
        token = links.sign(SECRETS[0], "results", number, pages[0].id)
    page, signed = get(settings, f"/r/{token}", f"/r/{token}/statement.json")
    counted = signed.json()["statement"]
    assert (counted["released"], counted["answered"]) == (True, 52)
    assert f'href="{token}/statement.json"' in page.text
    for words in ("People asked: 52", "Answers: 52", f"Groups that were counted: {counted['cells']}"):
        assert words in page.text


def test_any_key_reads_it_over_the_api_and_no_link_opens_that_of_another_wave(
    settings: Settings, database: Database
) -> None:
    page = closed(database)
    with database.writing() as session:
        reader = make_key(session, 1, "reader")
    own, unknown = ask(settings, reader, ("GET", "/waves/w1/statement"), ("GET", "/waves/w2/statement"))
    behind, forged = get(settings, f"{page}/statement.json", f"/s/{'A' * 48}/statement.json")
    assert own.json() == behind.json()
    assert (unknown.status_code, forged.status_code) == (404, 404)
    assert forged.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["statement.json", "about"])
def test_whoever_reads_the_statement_leaves_no_line_in_the_log(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    page = closed(database)
    capsys.readouterr()
    assert get(settings, f"{page}/{path}")[0].status_code == 200
    assert "/s/" not in capsys.readouterr().out
