"""Released results are published once for each unit that has figures, and each link leads where it led before."""

import threading
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlmodel import Session

from app.storage.database import Database
from surveys.facts import LinkUnknown, PublicationWithdrawn, Refused, Unknown
from surveys.fieldwork import publications, waves
from surveys.links import Link
from surveys.tables import Publication
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey
from tests.surveys.results import make_results
from tests.surveys.staff import hire, hold_wave, make_enps, open_wave, team

LATER = NOW + timedelta(days=30)


def publish(session: Session, number: int, note: str = "", *, now: datetime = LATER) -> dict[str | None, Publication]:
    pages, _ = publications.publish(session, number, "w1", note=note, comments=False, now=now)
    return {page.unit_key: page for page in pages}


def test_there_is_a_page_of_all_and_one_of_each_unit_with_figures(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        pages, made = publications.publish(session, number, "w1", note="Soon", comments=True, now=LATER)
        assert [page.unit_key for page in pages] == [None, "desk", "engine", "ships", "shore"]
        assert {(page.note, page.comments, page.published_at) for page in pages} == {("Soon", True, LATER)}
        assert len({page.id for page in pages}) == 5
        assert made


def test_publishing_again_keeps_the_links_and_changes_the_note(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        first = {unit: page.id for unit, page in publish(session, number).items()}
        pages, made = publications.publish(session, number, "w1", note="New", comments=True, now=LATER + timedelta(1))
        assert {page.unit_key: page.id for page in pages} == first
        assert {(page.note, page.comments, page.published_at) for page in pages} == {("New", True, LATER)}
        assert not made


def test_withdrawn_results_are_gone_and_come_back_under_the_same_links(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        first = {unit: page.id for unit, page in publish(session, number).items()}
        publications.withdraw(session, number, "w1", LATER)
        with pytest.raises(PublicationWithdrawn):
            publications.find(session, Link(number, first["ships"]))
        assert publications.link_for(session, number, "w1", "ships") is None
        for call in (publications.listed, partial(publications.withdraw, now=LATER)):
            with pytest.raises(Unknown):
                call(session, number, "w1")
        again = publish(session, number, now=LATER + timedelta(5))
        assert {unit: page.id for unit, page in again.items()} == first
        assert {page.published_at for page in again.values()} == {LATER + timedelta(5)}
        assert publications.find(session, Link(number, first["ships"])).unit_key == "ships"


@pytest.mark.parametrize("state", ["open", "too few", "confidential"])
def test_what_was_not_released_is_not_published(database: Database, state: str) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        if state == "confidential":
            make_survey(session, number, "pulse", audience="staff")
            waves.create(session, number, "pulse", "w1", opens_at=NOW, closes_at=LATER, now=NOW)
            waves.close(session, number, "w1", NOW, SECRETS)
        else:
            survey, staff = make_enps(session, number), team(None, 4)
            hire(session, number, staff)
            if state == "open":
                open_wave(session, survey, "w1", staff)
            else:
                hold_wave(session, survey, "w1", staff, {one.ref: 9 for one in staff})
        with pytest.raises(Refused):
            publish(session, number)
        with pytest.raises(Unknown):
            publications.listed(session, number, "w1")


def test_the_page_nearest_to_a_unit_is_its_own_or_that_of_a_unit_above(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        assert publications.link_for(session, number, "w1", "engine") is None
        pages = publish(session, number)
        nearest = {
            unit: publications.link_for(session, number, "w1", unit) for unit in ("engine", "bridge", "desk", None, "x")
        }
        wanted = {"engine": "engine", "bridge": "ships", "desk": "desk", None: None, "x": None}
        assert nearest == {unit: Link(number, pages[page].id) for unit, page in wanted.items()}


def test_a_link_of_another_organisation_or_of_nothing_is_not_known(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
        other, _ = make_results(session, "other")
        page = publish(session, number)[None]
        for link in (Link(other, page.id), Link(number, uuid4())):
            with pytest.raises(LinkUnknown):
                publications.find(session, link)
        with pytest.raises(Unknown):
            publications.listed(session, other, "w1")


def test_published_by_several_at_once_there_is_still_one_page_each(database: Database) -> None:
    with database.writing() as session:
        number, _ = make_results(session)
    start = threading.Barrier(4)
    found = []

    def work() -> None:
        start.wait()
        with database.writing() as session:
            found.append({unit: page.id for unit, page in publish(session, number).items()})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 4
