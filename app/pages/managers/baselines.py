"""The baselines that a report of one survey offers, and the one it shows."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from analytics.reports import baselines as baseline
from app.access.keys import Caller
from surveys.fieldwork import waves
from surveys.tables import Baseline

MOST = 200


def offered(session: Session, caller: Caller, survey: str | None) -> list[Baseline]:
    """Those whoever asks may see and that count answers of the survey, by key."""
    keys = waves.keys_of(session, caller.organisation_id, survey)
    frozen = baseline.listed(session, caller.organisation_id, after=None, limit=MOST, within=caller.unit_key)
    return [each for each in frozen if _counts(each, survey, keys)]


def chosen(baselines: Sequence[Baseline], key: str | None, survey: str | None) -> Baseline | None:
    """The baseline asked for, or else the one frozen last of those that count no other survey."""
    if key:
        return next((one for one in baselines if one.key == key), None)
    alone = [one for one in baselines if one.query.get("survey", [survey]) == [survey]]
    return max(alone, key=lambda one: one.frozen_at, default=None)


def _counts(frozen: Baseline, survey: str | None, keys: Collection[str]) -> bool:
    if "survey" in frozen.query:
        return survey in frozen.query["survey"]
    return set(frozen.query.get("wave", ())) <= set(keys)
