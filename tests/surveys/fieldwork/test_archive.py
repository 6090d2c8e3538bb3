"""Archiving says nothing of who has answered an anonymous survey, and nothing comes to hang on what is archived."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import Session

from app.storage.database import Database
from surveys.answering import open_pages
from surveys.facts import Malformed, Refused
from surveys.fieldwork import archive, waves
from surveys.organisation import touchpoints
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey, make_touchpoint, make_unit
from tests.surveys.staff import LASTS, cast, hire, make_enps, make_units, open_wave, team


def test_a_unit_asked_anonymously_stays_until_the_wave_closes_whoever_has_answered(database: Database) -> None:
    with database.writing() as session:
        organisation = make_organisation(session)
        make_units(session, organisation.id, {"a": None, "b": None})
        staff = [*team("a", 1), *team("b", 12)]
        hire(session, organisation.id, staff)
        invitations = open_wave(session, make_enps(session, organisation.id), "w1", staff)
        cast(session, invitations["a-0"], 9)
        for unit in ("a", "b"):
            with pytest.raises(Refused, match="open invitations"):
                archive.archive_unit(session, organisation.id, unit, NOW)
        waves.close(session, organisation.id, "w1", NOW + LASTS, SECRETS)
        archive.archive_unit(session, organisation.id, "a", NOW + LASTS)


def make_page(session: Session) -> Any:
    return open_pages.make(session, 1, "counter", survey="nps", unit="north", now=NOW)


def bind(session: Session) -> Any:
    return touchpoints.put(
        session, 1, "counter", name="Counter", audience="customers", promise="", unit_key="north", survey_key="nps"
    )


@pytest.mark.parametrize(
    ("archiving", "key", "making"),
    [
        (archive.archive_touchpoint, "counter", make_page),
        (archive.archive_survey, "nps", make_page),
        (archive.archive_unit, "north", make_page),
        (archive.archive_survey, "nps", bind),
        (archive.archive_unit, "north", bind),
    ],
)
def test_what_is_being_archived_gets_no_page_and_no_touchpoint_meanwhile(
    database: Database, archiving: Callable[..., None], key: str, making: Callable[[Session], Any]
) -> None:
    with database.writing() as session:
        make_organisation(session)
        make_unit(session, 1, "north")
        make_survey(session, 1)
        make_touchpoint(session, 1, "counter")

    def make() -> None:
        with database.writing() as session:
            making(session)

    with ThreadPoolExecutor(1) as threads:
        with database.writing() as session:
            archiving(session, 1, key, NOW)
            made = threads.submit(make)
            time.sleep(0.3)  # long enough to be through where nothing makes it wait
        with pytest.raises((Refused, Malformed), match="is archived"):
            made.result(30)
