"""Reports of waves that keep groups instead of scores: the same NPS and verdicts, and no spread that would mislead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from analytics.counts import query
from analytics.counts.query import Query
from analytics.reports import baselines, scores, trend, unit_tree
from app.storage.database import Database
from surveys.responses.cells import Slice
from surveys.tables import Baseline
from tests.analytics.rows import answered
from tests.factories import NOW, make_organisation, make_survey
from tests.surveys.results import QUARTER, crew, make_results
from tests.surveys.results import scores as scores_of
from tests.surveys.staff import hold_wave

LATER = NOW + 4 * QUARTER


def asked(session: Session, number: int, *parameters: tuple[str, str]) -> Query:
    return query.parse(session, number, [("survey", "enps"), *parameters])


def read(session: Session, number: int) -> dict[str, Any]:
    """What every kind of report gives of the waves of an organisation."""
    by_unit, by_wave = asked(session, number, ("by", "unit")), asked(session, number, ("by", "wave"))
    quarters = replace(by_unit, period="quarter")
    first, third = (asked(session, number, ("wave", wave), ("by", "unit")) for wave in ("w1", "w3"))
    baselines.freeze(session, first, "spring", None, NOW + QUARTER / 2)
    frozen = baselines.get(session, number, "spring")
    return {
        "scores": (scores.scores(session, by_unit), scores.scores(session, by_wave)),
        "trend": trend.trend(session, quarters).items,
        "season": trend.trend(session, quarters).summary,
        "comparison": scores.comparison(session, first, third),
        "rest": scores.against_rest(session, by_unit),
        "watch": baselines.change(session, number, "spring", []).items,
        "baseline": baselines.item(frozen)["groups"],
        "units": unit_tree.tree(session, asked(session, number, ("wave", "w3"))),
    }


def test_every_report_but_the_spread_is_the_same_from_groups_as_from_scores(database: Database) -> None:
    with database.writing() as session:
        of_groups, of_scores = (
            read(session, make_results(session, kept, waves=3, scores=kept)[0]) for kept in ("groups", "scores")
        )
    (_, total), _ = of_groups["scores"]
    assert (total["nps"], total["promoters"], total["passives"]) == (38.46, 84, 48)
    assert total["low"] is not None
    assert {item["verdict"] for item in of_groups["watch"]} == {"no clear change", "too few"}
    assert len(of_groups["trend"]) > 10
    for kind in of_scores:
        assert of_groups[kind] == of_scores[kind], kind


def spread(session: Session, *parameters: tuple[str, str], number: int = 1) -> list[dict[str, Any]]:
    return scores.distribution(session, asked(session, number, *parameters))


def test_a_spread_of_groups_has_three_counts_and_no_eleven(database: Database) -> None:
    with database.writing() as session:
        make_results(session, scores="groups")
        (item,) = spread(session)
        assert (item["responses"], item["counts"], item["without_scores"]) == (52, None, True)
        assert [item[side] for side in ("promoters", "passives", "detractors")] == [28, 16, 8]
        desk = next(item for item in spread(session, ("by", "unit")) if item["group"] == {"unit": "desk"})
        assert {desk[side] for side in ("promoters", "passives", "detractors", "counts")} == {None}
        assert desk["at_least_percent"] == {"promoters": 90}


def test_eleven_counts_are_not_shown_of_waves_of_which_some_have_no_scores(database: Database) -> None:
    with database.writing() as session:
        _, survey = make_results(session, scores="scores")
        survey.scores = "groups"
        hold_wave(session, survey, "w2", crew(), scores_of(crew()), now=NOW + QUARTER)
        (both,) = spread(session)
        first, second = spread(session, ("by", "wave"))
    assert (both["responses"], both["promoters"], both["counts"], both["without_scores"]) == (104, 56, None, True)
    assert (sum(first["counts"].values()), first["without_scores"]) == (52, False)
    assert (second["counts"], second["without_scores"], second["promoters"]) == (None, True, 28)


def test_confidential_answers_have_their_eleven_counts_and_the_three(database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number, "enps")
        answered(session, number, [(Slice("enps"), date(2026, 3, 2), score) for score in (10, 9, 8, 0)])
        (item,) = spread(session, number=number)
    assert (item["counts"]["0"], item["counts"]["10"], item["without_scores"]) == (1, 1, False)
    assert [item[side] for side in ("promoters", "passives", "detractors")] == [2, 1, 1]


@pytest.mark.parametrize("length", [11, 14])
def test_a_baseline_of_eleven_counts_stays_readable(database: Database, length: int) -> None:
    with database.writing() as session:
        number, _ = make_results(session, waves=2, scores="groups")
        frozen, _ = baselines.freeze(session, asked(session, number, ("wave", "w1")), "spring", None, NOW + QUARTER / 2)
        row = session.get_one(Baseline, (number, frozen.key))
        counts = [*(0,) * 3, 8, *(0,) * 3, 8, 8, 14, 14, 0, 0, 0]
        row.groups = [row.groups[0] | {"counts": counts[:length]}]
        session.flush()
        assert baselines.item(row)["estimate"]["nps"] == 38.46
        (item,) = baselines.change(session, number, "spring", []).items
        assert (item["change"], item["verdict"]) == (0.0, "no clear change")
