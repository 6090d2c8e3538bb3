"""`soundings survey create` and `soundings touchpoint create` make what is not there yet, and change nothing."""

import pytest
from sqlmodel import select

from app.storage.database import Database
from surveys.facts import Malformed, Refused
from surveys.questionnaire import definitions, library
from surveys.tables import Survey, Touchpoint
from tests.app.cli.commands import run
from tests.factories import make_organisation, make_unit


@pytest.fixture(autouse=True)
def organisation(database: Database) -> None:
    """The only one, with a unit."""
    with database.writing() as session:
        make_unit(session, make_organisation(session).id, "north")


@pytest.mark.parametrize("template", [template.key for template in library.templates()])
def test_a_survey_is_made_from_its_template(database: Database, database_url: str, template: str) -> None:
    chosen = library.template(template)
    done = run(database_url, "survey", "create", "mine", "--template", template)
    assert done.stdout.startswith(f"Survey 'mine' is made: {chosen.mode}, for {chosen.audience}, in da, ")
    with database.reading() as session:
        survey = definitions.get(session, 1, "mine")
        assert (survey.name, survey.audience, survey.mode) == (chosen.name, chosen.audience, chosen.mode)
        assert survey.address == chosen.address
        asked = definitions.questions(session, 1, "mine")
        assert [(q.key, q.texts) for q in asked] == [(q["key"], q["texts"]) for q in chosen.questions]


@pytest.mark.parametrize("address", ["formal", "informal"])
def test_a_survey_addresses_people_as_it_is_told(database: Database, database_url: str, address: str) -> None:
    assert run(database_url, "survey", "create", "nps", "--address", address).exit_code == 0
    with database.reading() as session:
        assert definitions.get(session, 1, "nps").address == address
        score, *_ = definitions.questions(session, 1, "nps")
        assert score.texts == library.template("nps", address).questions[0]["texts"]


def test_a_survey_takes_what_is_said_of_it_and_no_second_one_its_key(database: Database, database_url: str) -> None:
    options = ("--name", "After a crossing", "--segment", "plan", "--segment", "ship", "--rest-days", "7")
    assert run(database_url, "survey", "create", "nps", *options, "--expires-days", "3").exit_code == 0
    assert isinstance(run(database_url, "survey", "create", "nps").exception, Refused)
    for field, command in (
        ("--template", ["other", "--template", "csat"]),
        ("key", ["No Slug"]),
    ):
        refused = run(database_url, "survey", "create", *command).exception
        assert isinstance(refused, Malformed)
        assert refused.field == field
    with database.reading() as session:
        (survey,) = session.exec(select(Survey)).all()
    assert (survey.name, survey.segments) == ("After a crossing", ["plan", "ship"])
    assert (survey.rest_days, survey.edit_hours, survey.expires_days) == (7, 48, 3)


def test_a_touchpoint_is_made_once(database: Database, database_url: str) -> None:
    create = ("touchpoint", "create", "phone", "--name", "On the phone")
    options = ("--promise", "Answered at once.", "--target-nps", "40.5", "--unit", "north")
    assert run(database_url, *create, *options).stdout == "Touchpoint 'phone' is made.\n"
    assert isinstance(run(database_url, *create).exception, Refused)
    for field, command in (
        ("--unit", ["other", "--name", "Other", "--unit", "south"]),
        ("--audience", ["other", "--name", "Other", "--audience", "dogs"]),
        ("key", ["No Slug", "--name", "Other"]),
    ):
        refused = run(database_url, "touchpoint", "create", *command).exception
        assert isinstance(refused, Malformed)
        assert refused.field == field
    with database.reading() as session:
        (touchpoint,) = session.exec(select(Touchpoint)).all()
    assert (touchpoint.name, touchpoint.audience, touchpoint.promise) == (
        "On the phone", "customers", "Answered at once.",
    )  # fmt: skip
    assert (touchpoint.target_nps, touchpoint.unit_key) == (40.5, "north")
