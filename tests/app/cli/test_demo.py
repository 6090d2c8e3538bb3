"""`soundings demo` starts anew each time, or goes on with what is there."""

import socket
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col
from typer.testing import CliRunner

from app.cli import app
from app.database import Database
from surveys import tallies
from surveys.facts import Malformed
from surveys.tables import Baseline, Response, Touchpoint
from tests.factories import make_organisation


def demo(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(app, ["demo", "--no-serve", "--folder", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_holds_every_scored_answer_and_marks_what_is_made_up(tmp_path: Path) -> None:
    told = demo(tmp_path)
    assert "imported 889, blank 78" in told
    assert "Assumed or made up" in told
    database = Database(f"sqlite:///{tmp_path / 'soundings.db'}")
    with database.reading() as session:
        # 889 after training, 124 after sessions, 402 + 134 + 87 months after a workshop.
        assert session.execute(sa.select(sa.func.count()).select_from(Response)).scalar_one() == 889 + 124 + 623
        assert tallies.check(session, 1) == []
        promises = session.execute(sa.select(col(Touchpoint.promise))).scalars().all()
        assert len(promises) == 2 + 35
        assert all("(Made up for this demo.)" in promise for promise in promises)
        assert session.execute(sa.select(col(Baseline.key))).scalars().all() == ["first-year"]
    database.close()


def test_it_starts_anew_or_goes_on_where_asked_to(tmp_path: Path) -> None:
    demo(tmp_path)
    first = {name: (tmp_path / name).read_text() for name in ("secret", "owner.key")}
    database = Database(f"sqlite:///{tmp_path / 'soundings.db'}")
    with database.writing() as session:
        make_organisation(session, "mine")
    database.close()
    assert first["owner.key"] in demo(tmp_path, "--keep")
    assert {name: (tmp_path / name).read_text() for name in first} == first
    assert _organisations(tmp_path) == 2
    assert first["owner.key"] not in demo(tmp_path)
    assert (tmp_path / "secret").read_text() != first["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    assert _organisations(tmp_path) == 1


def test_a_port_in_use_is_told_before_anything_is_replaced(tmp_path: Path) -> None:
    kept = tmp_path / "soundings.db"
    kept.write_text("of another demo")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = CliRunner().invoke(app, ["demo", "--port", port, "--folder", str(tmp_path)])
    assert isinstance(refused.exception, Malformed)
    assert refused.exception.field == "--port"
    assert kept.read_text() == "of another demo"


def _organisations(folder: Path) -> int:
    database = Database(f"sqlite:///{folder / 'soundings.db'}")
    try:
        with database.writer.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one())
    finally:
        database.close()
