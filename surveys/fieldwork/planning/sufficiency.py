"""Sufficiency: whether enough people are known for a wave that is planned to release anything."""

import math
from datetime import datetime, timedelta

from sqlmodel import Session

from surveys.anonymity import roll
from surveys.anonymity.seals import Seal, Secrets
from surveys.facts import Refused
from surveys.fieldwork.planning import people, times
from surveys.fieldwork.planning.people import Plan
from surveys.tables import Survey, Wave


def check(session: Session, wave: Wave, survey: Survey, now: datetime, secrets: Secrets) -> None:
    """Raise Refused where too few of those chosen for an anonymous wave are known as it opens.

    Not where people who are added in time may still be chosen.
    """
    planned = people.plan(wave, survey, now)
    since = planned.opens_at - timedelta(days=survey.known_days)
    if survey.mode != "anonymous" or ("refs" not in wave.contacts and since > now):
        return
    made = {str(row.first_ref): row.created_at for row in people.chosen(session, planned)}
    late = {ref: ref for ref, created_at in made.items() if created_at > since}
    seal = Seal(secrets[0], wave.organisation_id, wave.key)
    known = len(made) - len(late) + len(roll.known_refs(session, wave.organisation_id, late, seal, since))
    most = len(made) if wave.sample is None else min(len(made), math.floor(wave.sample * len(made)) + 1)
    if min(known, most) < survey.floor:
        raise Refused(_too_few(planned, most, known, sorted(made.values())))


def _too_few(planned: Plan, asked: int, known: int, made: list[datetime]) -> str:
    survey = planned.survey
    days, floor = survey.known_days, survey.floor
    said = (
        f"Of the {len(made)} people to choose from {known} are known, and this wave would ask {asked}: nothing of it "
        f"could be released, since answers of {floor} known people are needed. Known is who was added {days} days "
        "before it opens, or earlier."
    )
    if min(asked, len(made)) < floor:
        return f"{said} Choose, or add, more people."
    enough_at = made[floor - 1] + timedelta(days=days)
    return (
        f"{said} Enough will be known from {times.written(enough_at)} on. The days are known_days, a setting of "
        "the survey; the page behind the link shows it to everybody who is asked."
    )
