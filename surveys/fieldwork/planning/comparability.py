"""Comparability: which planned waves do not open, since earlier ones cannot be compared with any more."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import pseudonyms
from surveys.anonymity.seals import Secrets
from surveys.tables import Survey, Wave
from surveys.tables.columns import core

_W, _S = core(Wave).c, core(Survey).c


def held_back(session: Session, now: datetime, secrets: Secrets) -> dict[str, Sequence[str]]:
    """The planned anonymous waves that would not open under these secrets, each with the waves that are in its way."""
    rows = session.execute(
        sa.select(_W.organisation_id, _W.key)
        .join_from(core(Wave), core(Survey), (_S.organisation_id == _W.organisation_id) & (_S.key == _W.survey_key))
        .where(_S.mode == "anonymous", ~_W.without_comparison)
        .where(_W.invited_at.is_(None), _W.closed_at.is_(None), _W.closes_at > now)
        .order_by(_W.organisation_id, _W.key)
    ).all()
    organisations = sorted({row.organisation_id for row in rows})
    lost = {number: pseudonyms.incomparable(session, number, secrets) for number in organisations}
    return {row.key: lost[row.organisation_id] for row in rows if lost[row.organisation_id]}
