"""A person turns our mail off: by a button, or by one click of the mail program."""

import re
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from app import clock
from app.settings import Settings
from app.storage.database import Database
from surveys.contacts import subscriptions
from surveys.fieldwork import outbox
from surveys.links import Link
from surveys.tables import Contact, Invitation
from tests.app.pages.plain_http import call
from tests.app.pages.setting import issue
from tests.conftest import SECRETS
from tests.factories import make_contact, make_invitation, make_organisation, make_survey

ONE_CLICK: dict[str, Any] = {"data": {"List-Unsubscribe": "One-Click"}}


def standing(database: Database, at: datetime | None = None) -> dict[str, tuple[bool, bool]]:
    """Per contact's ref: whether unsubscribed, and whether the outbox would send a mail at this instant."""
    with database.writing() as session:
        sent = {mail.invitation_id for mail in outbox.claim(session, at or clock.now(), SECRETS) or []}
        rows = session.exec(select(Contact, Invitation).where(Contact.id == Invitation.contact_id))
        return {c.ref: (c.unsubscribed_at is not None, i.id in sent) for c, i in rows}


def test_one_click_turns_mail_off_at_once_and_again_changes_nothing(database: Database, settings: Settings) -> None:
    issued = issue(database, locale="nb")
    first, second = call(settings, ("POST", issued.unsubscribe, ONE_CLICK), ("POST", issued.unsubscribe, {}))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Du er meldt av" in first.text
    assert standing(database) == {"anna": (True, False)}


def test_the_page_has_a_button_and_tells_when_it_is_done(database: Database, settings: Settings) -> None:
    issued = issue(database)
    before, _, after = call(
        settings, ("GET", issued.unsubscribe, {}), ("POST", issued.unsubscribe, {}), ("GET", issued.unsubscribe, {})
    )
    assert "<button>Unsubscribe</button>" in before.text
    assert "<button>Unsubscribe" not in after.text
    assert "You are unsubscribed" in after.text


def test_unsubscribing_is_taken_back_on_the_same_page(database: Database, settings: Settings) -> None:
    issued = issue(database)
    (done,) = call(settings, ("POST", f"{issued.unsubscribe}?lang=de", ONE_CLICK))
    (action,) = re.findall(r'<form method="post" action="([^"]*)"><button>Wieder Umfragen bekommen<', done.text)
    assert standing(database)["anna"][0]
    (again,) = call(settings, ("POST", issued.unsubscribe + action.replace("&amp;", "&"), {}))
    assert again.status_code == 200
    assert 'lang="de"' in again.text
    assert "Wieder Umfragen" not in again.text
    assert not standing(database)["anna"][0]
    (looked,) = call(settings, ("GET", f"{issued.unsubscribe}?again=1", {}))
    assert "<button>Unsubscribe</button>" in looked.text


def test_a_survey_link_does_not_unsubscribe_nor_the_other_way_round(database: Database, settings: Settings) -> None:
    issued = issue(database)
    swapped = issued.page.replace("/s/", "/u/"), issued.unsubscribe.replace("/u/", "/s/")
    replies = call(settings, ("POST", swapped[0], {}), ("POST", swapped[1], {"json": {"score": 9}}))
    assert [r.status_code for r in replies] == [404, 404]
    assert standing(database) == {"anna": (False, True)}


def test_the_same_address_is_left_alone_under_every_name_but_in_its_organisation_only(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        for key in ("fjord", "other"):
            organisation = make_organisation(session, key)
            survey = make_survey(session, organisation.id)
            people = {"a": "Anna@example.org", "b": "anna@example.org", "c": "c@example.org", "d": None}
            for ref, email in people.items():
                make_invitation(session, survey, make_contact(session, organisation.id, key[0] + ref, email=email))
        mine = session.exec(
            select(Invitation).join(Contact, col(Contact.id) == col(Invitation.contact_id)).where(Contact.ref == "fa")
        ).one()
        subscriptions.unsubscribe(session, Link(mine.organisation_id, mine.id), now)
    told = standing(database, now)
    assert {ref for ref, (off, _) in told.items() if off} == {"fa", "fb"}
    assert {ref for ref, (_, due) in told.items() if not due} == {
        "fa",
        "fb",
        "fd",
        "od",
    }


def test_an_erased_person_is_told_that_nothing_more_comes(database: Database, settings: Settings) -> None:
    issued = issue(database)
    with database.writing() as session:
        invitation = session.get(Invitation, (1, issued.invitation.id))
        assert invitation is not None
        invitation.contact_id = None
    for reply in call(settings, ("GET", issued.unsubscribe, {}), ("POST", issued.unsubscribe, {})):
        assert reply.status_code == 200
        assert "You are unsubscribed" in reply.text
