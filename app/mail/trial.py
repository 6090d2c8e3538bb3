"""A trial: the mail of a survey as a contact would get it, for whoever wants to see it before anybody is asked."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from surveys.fieldwork.mails import Mail
from surveys.organisation import touchpoints
from surveys.organisation.organisations import end_of_day
from surveys.organisation.touchpoints import name_in
from surveys.questionnaire import definitions, effort
from surveys.questionnaire.wordings import locale_of, word_score
from surveys.tables import Organisation


def trial(
    session: Session, organisation: Organisation, survey_key: str, *, touchpoint: str | None, email: str, now: datetime
) -> Mail:
    """A mail of an invitation that does not exist, in the organisation's language. Raises Unknown."""
    survey = definitions.get(session, organisation.id, survey_key)
    met = touchpoints.get(session, organisation.id, touchpoint) if touchpoint else None
    questions = definitions.questions(session, organisation.id, survey_key)
    texts, locales = questions[0].texts, (organisation.locale,)
    name = name_in(met.name, met.names, [locale_of(texts, locales)]) if met else None
    wording, above = word_score(texts, locales, organisation=organisation.name, touchpoint=name)
    return Mail(
        organisation_id=organisation.id,
        invitation_id=uuid4(),
        contact_id=uuid4(),
        number=0,
        attempts=0,
        leased_until=now,
        organisation_name=organisation.name,
        email=email,
        name=None,
        locale=organisation.locale,
        time_zone=organisation.time_zone,
        wording=wording,
        touchpoint=name if above else None,
        expires_at=end_of_day(now + timedelta(days=survey.expires_days), organisation.time_zone),
        reminders_after_days=(),
        anonymous=survey.mode == "anonymous",
        address=survey.address,
        question_count=len(questions),
        answer_minutes=effort.minutes([question.kind for question in questions]),
    )
