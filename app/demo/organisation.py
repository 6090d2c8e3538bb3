"""The organisation of the demo: its surveys, touchpoints and baseline, with what is made up marked so."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.demo import reasons
from surveys.facts import Unknown
from surveys.organisation import organisations, touchpoints
from surveys.questionnaire import definitions, library
from surveys.tables import Organisation, Touchpoint

KEY = "demo"
BASELINE = "first-year"
MADE_UP = "(Made up for this demo.)"
# The first survey is the one that the report page opens with.
SURVEYS: dict[str, tuple[str, str, list[str]]] = {
    "instructor-training": ("nps-touchpoint", "After instructor training", ["when"]),
    "conference": ("nps-touchpoint", "After a conference session (day assumed: 31 August 2020)", ["country"]),
    "workshop": ("nps-touchpoint", "Months after a workshop (days assumed)", ["country"]),
    "staff": ("enps", "Staff survey (people and answers made up)", []),
}
TOUCHPOINTS = {
    "instructor-training": ("Instructor training", "You leave able to teach, and knowing where to get help.", 60.0),
    "after-workshop": ("Workshop, months later", "What you learned still saves you time in your own work.", 50.0),
}
SESSION_PROMISE = "You take home something that you can use."


def make(session: Session, now: datetime) -> Organisation:
    """The organisation, made where it is not there yet, with what its past answers need."""
    try:
        made = organisations.by_key(session, KEY)
    except Unknown:
        made = organisations.create(session, KEY, name="Soundings Demo", time_zone="UTC", locale="en", now=now)
    for key, (name, promise, target) in TOUCHPOINTS.items():
        _put_touchpoint(session, made.id, key, name=name, promise=promise, target=target)
    return made


def make_survey(session: Session, organisation_id: int, key: str, now: datetime) -> None:
    """One of SURVEYS, from its template."""
    template_key, name, segments = SURVEYS[key]
    template = library.template(template_key)
    settings = {
        "template": template.key, "name": name, "audience": template.audience, "mode": template.mode,
        "address": template.address, "segments": segments, "rest_days": 30, "edit_hours": 48, "expires_days": 30,
    }  # fmt: skip
    questions = reasons.questions(template.questions) if key == reasons.SURVEY else template.questions
    definitions.put(session, organisation_id, key, columns=settings, questions=questions, now=now)


def promise_sessions(session: Session, organisation_id: int) -> None:
    """Give the touchpoints that the conference's answers made the promise they have in common."""
    rows = select(Touchpoint).where(col(Touchpoint.organisation_id) == organisation_id, col(Touchpoint.promise) == "")
    for touchpoint in session.exec(rows).all():
        _put_touchpoint(
            session, organisation_id, touchpoint.key, name=touchpoint.name, promise=SESSION_PROMISE, target=None
        )


def freeze(session: Session, organisation_id: int, now: datetime) -> float | None:
    """Freeze the first year of instructor training, and give its NPS in points."""
    # Reports bring pandas along, which the other commands should not wait for.
    from analytics.counts import query
    from analytics.reports import baselines

    first_year = [("survey", "instructor-training"), ("from", "2016-06-01"), ("to", "2017-05-31")]
    asked = query.parse(session, organisation_id, first_year)
    note = "Instructor training, the first year of answers"
    frozen, _ = baselines.freeze(session, asked, BASELINE, note, now)
    nps: float | None = baselines.item(frozen)["estimate"]["nps"]
    return nps


def _put_touchpoint(
    session: Session, organisation_id: int, key: str, *, name: str, promise: str, target: float | None
) -> None:
    touchpoints.put(
        session, organisation_id, key, name=name, promise=f"{promise} {MADE_UP}", audience="customers",
        target_nps=target, unit_key=None,
    )  # fmt: skip
