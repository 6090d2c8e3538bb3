"""`soundings demo` starts anew each time, or goes on with what is there."""

import socket
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from app import clock
from app.cli import app
from app.storage.database import Database
from surveys.facts import Malformed
from surveys.fieldwork import publications
from surveys.responses import tallies
from surveys.tables import (
    AnonymousScore,
    Ballot,
    Baseline,
    Cell,
    Contact,
    Invitation,
    Publication,
    Response,
    Survey,
    Touchpoint,
    Wave,
)
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


def test_its_staff_are_made_up_and_marked_so_and_their_answers_came_in_as_any(tmp_path: Path) -> None:
    demo(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'soundings.db'}")
    with database.reading() as session:
        staff = session.execute(sa.select(Contact).where(col(Contact.audience) == "staff")).scalars().all()
        assert len(staff) == 126
        assert all(one.name and one.name.endswith(" Demo") and one.email.endswith("@example.org") for one in staff)
        assert "made up" in session.get_one(Survey, (1, "staff")).name
        assert {page.note.endswith("(Made up for this demo.)") for page in session.exec(select(Publication))} == {True}
        closed, published, open_ = (session.get_one(Wave, (1, f"wave-{n}")) for n in (1, 2, 3))
        assert (closed.floor, closed.swept_at is not None, published.swept_at is not None) == (5, True, True)
        assert open_.closed_at is None
        # Counted from what staff.answers() gives: the same at every start.
        assert _released(session, "wave-2") == (49, 25, 33)
        # The urn holds no more than the answers to the open wave; each of those asked has had a first mail.
        waves = select(col(Cell.wave_key)).join(Ballot, col(Ballot.cell_id) == col(Cell.id)).distinct()
        assert session.exec(waves).all() == ["wave-3"]
        assert session.exec(select(col(Invitation.id)).where(col(Invitation.sent_at).is_(None))).all() == []
    database.close()


def test_a_demo_that_was_cut_short_begins_anew_and_one_without_results_does_not_tell_of_them(tmp_path: Path) -> None:
    assert "/r/" in demo(tmp_path)
    (tmp_path / "owner.key").unlink()
    assert "wave-3: 126 asked" in demo(tmp_path, "--keep")
    database = Database(f"sqlite:///{tmp_path / 'soundings.db'}")
    with database.writing() as session:
        publications.withdraw(session, 1, "wave-2", clock.now())
    database.close()
    told = demo(tmp_path, "--keep")
    assert "survey=workshop" in told
    assert "STAFF" not in told


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


def _released(session: Session, wave: str) -> tuple[int, ...]:
    """Promoters, passives and detractors, counted from single scores."""
    own = sa.select(col(Cell.id)).where(col(Cell.wave_key) == wave)
    rows = session.exec(select(AnonymousScore.score).where(col(AnonymousScore.cell_id).in_(own))).all()
    scores = [score for score in rows if score is not None]
    return sum(s >= 9 for s in scores), sum(s in (7, 8) for s in scores), sum(s <= 6 for s in scores)


def _organisations(folder: Path) -> int:
    database = Database(f"sqlite:///{folder / 'soundings.db'}")
    try:
        with database.writer.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one())
    finally:
        database.close()
