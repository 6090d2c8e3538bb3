"""An answer at a touchpoint that has a unit counts in that unit where it names none, whichever way it comes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.answering import answers, batches, open_pages
from surveys.answering.imports.plan import prepare
from surveys.answering.imports.run import Run
from surveys.answering.imports.wanted import Wanted
from surveys.fieldwork import interactions, invitations
from surveys.links import Link
from surveys.tables import Cell, Invitation, Response
from tests.conftest import SECRETS
from tests.factories import NOW, make_contact, make_organisation, make_survey, make_touchpoint, make_unit

Answering = Callable[[Session, Path], None]


def answer_all(session: Session) -> None:
    for invitation in session.exec(select(Invitation)).all():
        answers.answer(session, [answers.Submission(1, invitation.id, 9)], NOW, SECRETS)


def by_link(session: Session, _: Path) -> None:
    invitations.invite(session, 1, "nps", contacts="all", touchpoint="quay", deliver="link", now=NOW)
    answer_all(session)


def after_an_interaction(session: Session, _: Path) -> None:
    met = [interactions.Item(row, {"ref": ref}, "quay") for row, ref in enumerate(("ada", "ben"), 1)]
    interactions.record(session, 1, met, NOW)
    answer_all(session)


def in_a_batch(session: Session, _: Path) -> None:
    items = [batches.Item(1, 9, touchpoint="quay"), batches.Item(2, 9, touchpoint="quay", unit="south")]
    assert batches.take(session, 1, "nps", items, NOW).recorded == 2


def on_open_pages(session: Session, _: Path) -> None:
    for unit in (None, "south"):
        page = open_pages.make(session, 1, "quay", survey="nps", unit=unit, now=NOW)
        submission = open_pages.Submission(f"s-{unit}", 9, "en")
        open_pages.answer(session, Link(1, page.id), submission, NOW)


def from_a_file(session: Session, folder: Path) -> None:
    file = folder / "past.csv"
    file.write_text("score,who,where\n9,ada,quay\n9,ben,quay\n")
    wanted = Wanted("score", on=NOW.date(), contact_column="who", touchpoint_column="where")
    run = Run(prepare(session, 1, "nps", file, wanted, now=NOW), NOW, stores=True)
    for chunk in run.chunks():
        run.take(session, chunk)


@pytest.mark.parametrize("answering", [by_link, after_an_interaction, in_a_batch, on_open_pages, from_a_file])
def test_an_answer_without_a_unit_counts_in_that_of_its_touchpoint(
    database: Database, answering: Answering, tmp_path: Path
) -> None:
    with database.writing() as session:
        make_survey(session, make_organisation(session).id, rest_days=0)
        for key in ("north", "south"):
            make_unit(session, 1, key)
        make_touchpoint(session, 1, "quay", unit_key="north", survey_key="nps")
        make_contact(session, 1, "ada")
        make_contact(session, 1, "ben", unit_key="south")
        answering(session, tmp_path)
        counted = session.execute(
            sa.select(col(Cell.touchpoint_key), col(Cell.unit_key))
            .join(Response, col(Response.cell_id) == col(Cell.id))
            .order_by(col(Cell.unit_key))
        ).all()
    assert [tuple(row) for row in counted] == [("quay", "north"), ("quay", "south")]
