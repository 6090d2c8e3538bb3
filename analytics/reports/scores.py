"""Reports: from a query to the items that the API, the pages and the terminal show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame, months, periods, weights
from analytics.counts.counted import NONE, Counted, Counts, counted, in_order, sums, total
from analytics.counts.disclosure import Group
from analytics.counts.query import Query
from analytics.estimation import compare, watch
from analytics.estimation.compare import Between, Difference, Pair
from analytics.estimation.estimate import Estimate
from analytics.reports import metrics
from analytics.reports.metrics import Item, Metric, Spread, Turnout
from surveys.facts import Refused
from surveys.responses.tallies import SCORES
from surveys.tables import Cell
from surveys.tables.columns import core

NOBODY = (0, 0, 0)


def scores(session: Session, query: Query) -> tuple[list[Item], Item]:
    """An estimate with its turnout per group, and the same over all of them.

    A group appears where someone was invited or answered, and where answers of it were counted with others as an
    anonymous wave closed; without groupings there is always one item.
    """
    answers = counted(session, query)
    turnouts = sums(frame.turnout(session, query), query.by, frame.TURNOUT)
    items = [
        {"group": named(query, group), **score_item(answers.of(group), turnouts.get(group, NOBODY))}
        for group in in_order(answers.groups | turnouts.keys())
    ]
    return items, score_item(answers.of_all(), total(turnouts.values(), NOBODY))


def weighted(session: Session, query: Query) -> tuple[list[Item], Item]:
    """As `scores`, each item with its weighted figures beside it: they are computed from the responses themselves."""
    items, whole = scores(session, query)
    weighed = weights.sums(session, query)
    for item in items:
        own = weighed.get(tuple(item["group"].values()), weights.Sums())
        item["weighted"] = weighted_item(own, query)
    return items, whole | {"weighted": weighted_item(sum(weighed.values(), weights.Sums()), query)}


def weighted_item(added: weights.Sums, query: Query) -> Item:
    """A weighted estimate as reports show it."""
    return metrics.item(metrics.WEIGHTED, weights.estimate(added, query.confidence))


def distribution(session: Session, query: Query) -> list[Item]:
    """How many gave each score, per group; where not every answer of one has its score, how many are on each side."""
    answers = counted(session, query)
    return [
        {"group": named(query, group), **metrics.item(metrics.DISTRIBUTION, _spread(answers, group))}
        for group in in_order(answers.groups)
    ]


def _spread(answers: Counted, group: Group) -> Spread:
    counts, bins = answers.counts.get(group, NONE), len(SCORES)
    return Spread(answers.of(group), counts[:bins], any(counts[bins:]))


def comparison(session: Session, before: Query, after: Query) -> list[Item]:
    """The difference of two slices per group, `after` less `before`. Raises Refused where they share answers."""
    if share_answers(session, before, after):
        raise Refused(
            "The two slices share answers (the same days of the same cells), so they cannot be compared as "
            "independent. Choose days, or touchpoints, that do not overlap."
        )
    return differences(after, counted(session, before), counted(session, after), _between(session, before, after))


def _between(session: Session, before: Query, after: Query) -> Mapping[Group, Between]:
    """What months that stray add, per group; nothing where both slices are of the same days."""
    if (before.from_on, before.to_on) == (after.from_on, after.to_on):
        return {}
    then, now = months.counted(session, before), months.counted(session, after)
    latest = max((month for each in (then, now) for own in each.values() for month in own), default=None)
    if latest is None:
        return {}
    end = periods.end_of(latest, "month") + timedelta(days=1)
    # Both sides mostly ask the same question of other days, and then it is counted once.
    questions = dict.fromkeys(months.two_years(query, end) for query in (before, after))
    past = [months.counted(session, question) for question in questions]
    return {
        group: months.between(
            then[group].values(),
            now[group].values(),
            *months.known(then[group], now[group], *(each.get(group, {}) for each in past)),
        )
        for group in then.keys() & now.keys()
    }


def differences(
    query: Query, first: Counted, second: Counted, between: Mapping[Group, Between], *, watched: bool = False
) -> list[Item]:
    """The difference per group of two sets of counts, corrected for the number of groups.

    `between` is what months that stray add to each. `watched` gives the verdicts of a test that holds however often
    one looks, and its figures beside.
    """
    groups = in_order(first.counts.keys() | second.counts.keys())
    compared = compare.compare(
        [Pair(first.of(group), second.of(group), between.get(group, compare.NEVER)) for group in groups]
    )
    if watched:
        return _differences(query, groups, watch.watch(compared), metrics.DIFFERENCE + metrics.WATCH)
    return _differences(query, groups, compared, metrics.DIFFERENCE)


def against_rest(session: Session, query: Query) -> list[Item]:
    """The difference of each group to all the other groups together, corrected for the number of groups.

    `baseline` is the rest and `current` the group. A group that stands alone has nothing to differ from: `too few`.
    """
    answers = counted(session, query)
    groups = in_order(answers.groups)
    pairs = [Pair(answers.of_all(set(groups) - {group}), answers.of(group)) for group in groups]
    return _differences(query, groups, compare.compare(pairs), metrics.DIFFERENCE)


def _differences(
    query: Query, groups: Iterable[Group], compared: Iterable[Difference], figures: Iterable[Metric]
) -> list[Item]:
    return [
        {
            "group": named(query, group),
            "baseline": estimate_item(difference.before),
            "current": estimate_item(difference.after),
            **metrics.item(figures, difference),
        }
        for group, difference in zip(groups, compared, strict=True)
    ]


def share_answers(session: Session, a: Query, b: Query) -> bool:
    """Whether two queries count days and cells in common."""
    if (a.to_on or date.max) < (b.from_on or date.min) or (b.to_on or date.max) < (a.from_on or date.min):
        return False
    c = core(Cell).c
    in_both = [c.id.in_(frame.cells(session, q).with_only_columns(c.id)) for q in (a, b)]
    return (
        session.execute(sa.select(c.id).where(c.organisation_id == a.organisation_id, *in_both).limit(1)).first()
        is not None
    )


def estimate_item(estimate: Estimate) -> Item:
    """An estimate as reports show it."""
    return metrics.item(metrics.ESTIMATE, estimate)


def named(query: Query, group: Group) -> Item:
    """The group under the names of the query's groupings."""
    return dict(zip(query.by, group, strict=True))


def score_item(estimate: Estimate, turnout: Counts) -> Item:
    """An estimate with its turnout (invited, answered, undelivered) as reports show it."""
    return estimate_item(estimate) | metrics.item(metrics.TURNOUT, Turnout(*turnout))
