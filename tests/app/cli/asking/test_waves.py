"""`soundings wave forget` asks to be sure, and says what went."""

from app.storage.database import Database
from surveys.facts import Refused, Unknown
from surveys.tables import Wave
from tests.app.cli.commands import run
from tests.surveys.results import make_results


def test_a_wave_forgets_only_where_that_was_said_twice(database: Database, database_url: str) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
    for command, fact in ((["w1"], Refused), (["w9", "--yes"], Unknown)):
        assert isinstance(run(database_url, "wave", "forget", *command).exception, fact)
    with database.reading() as session:
        assert session.get_one(Wave, (number, "w1")).forgotten_at is None
    done = run(database_url, "wave", "forget", "w1", "--yes")
    assert done.stdout == (
        "Gone of 'w1': 52 participants, 0 former people, 52 scores, 4 comments, 0 baselines (none).\n"
    )  # fmt: skip
    with database.reading() as session:
        assert session.get_one(Wave, (number, "w1")).forgotten_at is not None
