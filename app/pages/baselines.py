"""The baselines that a report of one survey offers, and the one it shows."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from analytics import baseline
from app.access.keys import Caller
from surveys.tables import Baseline, Wave

MOST = 200


def offered(session: Session, caller: Caller, survey: str | None) -> list[Baseline]:
    """Those whoever asks may see and that count answers of the survey, by key."""
    own = sa.select(col(Wave.key)).where(
        col(Wave.organisation_id) == caller.organisation_id, col(Wave.survey_key) == survey
    )
    waves = set(session.execute(own).scalars())
    found = baseline.listed(session, caller.organisation_id, after=None, limit=MOST, within=caller.unit_key)
    return [one for one in found if _counts(one, survey, waves)]


def chosen(baselines: Sequence[Baseline], key: str | None, survey: str | None) -> Baseline | None:
    """The baseline asked for, or else the one frozen last of those that count no other survey."""
    if key:
        return next((one for one in baselines if one.key == key), None)
    alone = [one for one in baselines if one.query.get("survey", [survey]) == [survey]]
    return max(alone, key=lambda one: one.frozen_at, default=None)


def _counts(one: Baseline, survey: str | None, waves: Collection[str]) -> bool:
    if "survey" in one.query:
        return survey in one.query["survey"]
    return set(one.query.get("wave", ())) <= set(waves)
