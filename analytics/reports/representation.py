"""Representation: who answered of those invited, and the score weighted to all who were invited."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame, weights
from analytics.counts.counted import Counted, counted, in_order, sums, total
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.estimation import raking
from analytics.estimation.estimate import split
from analytics.reports import metrics, scores
from analytics.reports.metrics import Item
from surveys.tables import Contact, Invitation, Survey
from surveys.tables.columns import core

DELIVERED = ("email", "link")  # the channels of answers that came by invitation


@dataclass(frozen=True, slots=True)
class Share:
    """Invited, known to be out of reach, and answered in one group and in all of them."""

    invited: int
    bounced: int
    answered: int
    all_invited: int
    all_answered: int


def representation(session: Session, query: Query) -> tuple[list[Item], Item]:
    """Invited against answered per group of `by`, and the score unweighted and weighted to the invited.

    Only answers by invitation are weighed: nobody invited the others.
    """
    asked = replace(query, channels=tuple(c for c in query.channels or DELIVERED if c in DELIVERED) or DELIVERED)
    turnouts = sums(frame.turnout(session, asked), asked.by, frame.TURNOUT)
    bounced = _bounced(session, asked)
    answered = counted(session, asked)
    everyone = total(turnouts.values(), scores.NOBODY)
    items = [
        {
            "group": scores.named(asked, group),
            **metrics.item(metrics.REPRESENTATION, Share(t[0], bounced.get(group, 0), t[1], *everyone)),
        }
        for group in in_order(turnouts)
        for t in (turnouts[group],)
    ]
    whole = Share(everyone[0], sum(bounced.values()), everyone[1], *everyone)
    return items, _whole(asked, whole, answered, turnouts)


def _whole(asked: Query, whole: Share, answered: Counted, turnouts: Mapping[Group, tuple[int, ...]]) -> Item:
    invited: list[dict[str | None, float]] = [defaultdict(float) for _ in asked.by]
    for group, (n, _) in turnouts.items():
        for margin, value in zip(invited, group, strict=True):
            margin[value] += n
    raked = raking.rake({group: sum(counts) for group, counts in answered.counts.items()}, invited)
    weighed = sum((_weighed(answered.counts[group], weight) for group, weight in raked.weights.items()), weights.Sums())
    return {
        **metrics.item([m for m in metrics.REPRESENTATION if "share" not in m.name], whole),
        "unweighted": scores.estimate_item(answered.of_all()),
        "weighted": scores.weighted_item(weighed, asked),
        "largest_weight": round(max(raked.weights.values()), 3) if raked.weights else None,
        "trimmed": raked.trimmed,
        "warnings": _warnings(asked, raked),
    }


def _weighed(counts: tuple[int, ...], weight: float) -> weights.Sums:
    promoters, passives, detractors = split(counts)
    n = promoters + passives + detractors
    return weights.Sums(weight * promoters, weight * passives, weight * detractors, weight * weight * n, n)


def _warnings(asked: Query, raked: raking.Raked) -> list[str]:
    said = [
        f"Nobody of {asked.by[i]} '{value}' answered, so no weight can speak for those invited there."
        if value is not None
        else f"Nobody without a {asked.by[i]} answered, so no weight can speak for those invited there."
        for i, value in raked.silent
    ]
    if raked.trimmed:
        said.append(f"The weights of {raked.trimmed} answers were cut at {raking.MOST_TIMES_MEAN:g} times the mean.")
    if not asked.by:
        said.append("Without 'by' there is nothing to weight by. Name one or two groupings, such as segment.<name>.")
    return said


def _bounced(session: Session, asked: Query) -> dict[Group, int]:
    """Invitations, per group, whose mail came back from a dead address and that have no answer.

    Confidential surveys only: who has not answered an anonymous one is nobody's to know.
    """
    wanted = frame.cells(session, asked).subquery("c")
    i, p, s = core(Invitation).c, core(Contact).c, core(Survey).c
    groups = [wanted.c[f"g{n}"] for n in range(len(asked.by))]
    source = (
        core(Invitation)
        .join(wanted, wanted.c.id == i.cell_id)
        .join(core(Contact), (p.organisation_id == i.organisation_id) & (p.id == i.contact_id))
        .join(core(Survey), (s.organisation_id == i.organisation_id) & (s.key == i.survey_key))
    )
    where: list[Any] = [
        i.organisation_id == asked.organisation_id, s.mode == "confidential", i.withheld_reason.is_(None),
        i.answered_at.is_(None),
        p.bounced_at >= i.created_at,
    ]  # fmt: skip
    where += [i.invited_on >= asked.from_on] if asked.from_on else []
    where += [i.invited_on <= asked.to_on] if asked.to_on else []
    rows = sa.select(*groups, sa.func.count()).select_from(source).where(*where).group_by(*groups)
    return {tuple(row[:-1]): row[-1] for row in session.execute(rows) if row[-1]}
