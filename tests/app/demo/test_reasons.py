"""The demo shows what goes together with the score: real agreements with statements about a training."""

from datetime import datetime

from sqlmodel import Session, func, select

from analytics.counts import query
from analytics.reports import drivers
from app.demo import history, organisation, reasons
from app.storage.database import Database
from surveys.tables import Answer


def stored(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Answer)).one()


def test_the_training_has_five_statements_that_go_together_with_the_score(database: Database, now: datetime) -> None:
    """Of the 889 with a score more than 800 said how far they agree with each; a second demo adds none."""
    with database.writing() as session:
        number = organisation.make(session, now).id
        for key in organisation.SURVEYS:
            organisation.make_survey(session, number, key, now)
    answers = []
    for _ in range(2):
        list(history.bring(database, number))
        with database.reading() as session:
            answers.append(stored(session))
    assert answers[0] == answers[1] > 4 * 800
    with database.reading() as session:
        asked = query.parse(session, number, [("survey", reasons.SURVEY)])
        items, whole = drivers.drivers(session, asked)
    assert {item["question"] for item in items} == set(reasons.STATEMENTS)
    assert all(item["n"] > 800 and item["correlation"] > 0.2 for item in items)
    assert all(1 <= item["mean"] <= 5 for item in items)
    assert whole["n_complete"] > whole["n_needed"]
