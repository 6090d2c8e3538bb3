"""A trial mail says what a contact's mail says: what somebody approves is what people get."""

from app.mail.trial import trial
from app.storage.database import Database
from surveys.fieldwork import outbox
from surveys.questionnaire import library
from tests.conftest import SECRETS
from tests.factories import NOW, make_contact, make_invitation, make_organisation, make_survey, make_touchpoint

SAME = ("wording", "touchpoint", "locale", "question_count", "answer_minutes", "organisation_name", "number")


def test_a_trial_says_what_the_mail_of_a_contact_says(database: Database) -> None:
    questions = library.template("nps-touchpoint").questions
    with database.writing() as session:
        organisation = make_organisation(session, locale="da")
        survey = make_survey(session, organisation.id, questions=questions)
        make_touchpoint(session, organisation.id, "phone", name="Phone", names={"da": "Telefon"})
        make_invitation(session, survey, make_contact(session, organisation.id, locale="da"), touchpoint="phone")
        tried = trial(session, organisation, survey.key, touchpoint="phone", email="you@example.org", now=NOW)
    with database.writing() as session:
        (mail,) = outbox.claim(session, NOW, SECRETS) or []
    assert tried.touchpoint == "Telefon"
    assert "(Telefon" not in tried.wording.text
    assert [getattr(tried, name) for name in SAME] == [getattr(mail, name) for name in SAME]
