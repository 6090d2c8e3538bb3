"""Representation: who answered of those invited, and the score weighted to all who were invited."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from analytics.counts import frame, weights
from analytics.counts.counted import Counted, counted, in_order, sums, total
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.estimation import raking
from analytics.estimation.estimate import split
from analytics.reports import metrics, scores
from analytics.reports.caveats import Caveat
from analytics.reports.metrics import Item

DELIVERED = ("email", "link")  # the channels of answers that came by invitation


@dataclass(frozen=True, slots=True)
class Share:
    """Invited, answered and out of reach in one group, and invited and answered in all of them."""

    invited: int
    answered: int
    undelivered: int
    all_invited: int
    all_answered: int


def representation(session: Session, query: Query) -> tuple[list[Item], Item]:
    """Invited against answered per group of `by`, and the score unweighted and weighted to the invited.

    Only answers by invitation are weighed: nobody invited the others. Codes of its `caveats`: `silent` (`by`, `value`)
    where nobody of a group answered, `trimmed` (`answers`, `times`) where weights were cut, `ungrouped` where there is
    nothing to weight by.
    """
    asked = replace(query, channels=tuple(c for c in query.channels or DELIVERED if c in DELIVERED) or DELIVERED)
    turnouts = sums(frame.turnout(session, asked), asked.by, frame.TURNOUT)
    answered = counted(session, asked)
    everyone = total(turnouts.values(), scores.NOBODY)
    items = [
        {
            "group": scores.named(asked, group),
            **metrics.item(metrics.REPRESENTATION, Share(*turnouts[group], *everyone[:2])),
        }
        for group in in_order(turnouts)
    ]
    whole = Share(*everyone, *everyone[:2])
    return items, _whole(asked, whole, answered, turnouts)


def _whole(asked: Query, whole: Share, answered: Counted, turnouts: Mapping[Group, tuple[int, ...]]) -> Item:
    invited: list[dict[str | None, float]] = [defaultdict(float) for _ in asked.by]
    for group, (n, *_) in turnouts.items():
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
        "caveats": _caveats(asked, raked),
    }


def _weighed(counts: tuple[int, ...], weight: float) -> weights.Sums:
    promoters, passives, detractors = split(counts)
    n = promoters + passives + detractors
    return weights.Sums(weight * promoters, weight * passives, weight * detractors, weight * weight * n, n)


def _caveats(asked: Query, raked: raking.Raked) -> list[Caveat]:
    caveats = [Caveat("silent", {"by": asked.by[i], "value": value}) for i, value in raked.silent]
    if raked.trimmed:
        caveats.append(Caveat("trimmed", {"answers": raked.trimmed, "times": raking.MOST_TIMES_MEAN}))
    if not asked.by:
        caveats.append(Caveat("ungrouped", {}))
    return caveats
