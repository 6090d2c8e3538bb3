"""Drivers: relative importance against hand calculations, and what is left unsaid."""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlmodel import Session

from analytics.counts.query import Query
from analytics.estimation.importance import importance
from analytics.reports import drivers
from analytics.reports.drivers import fisher
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.app.client import ask, make_key
from tests.factories import NOW, SCORE, make_organisation, make_survey

AIRPORT = Path(__file__).parents[2] / "data" / "sfo" / "sfo_2017.csv"
Q7 = ("Q7ART", "Q7FOOD", "Q7STORE", "Q7SIGN", "Q7WALKWAYS", "Q7SCREENS", "Q7WIFI")
Q9 = ("Q9BOARDING", "Q9AIRTRAIN", "Q9FOOD", "Q9RESTROOM", "Q9ALL")


def scale(key: str) -> dict[str, Any]:
    return {"key": key.lower(), "kind": "scale", "required": False, "texts": {"en": {"text": f"How good is {key}?"}}}


def store(session: Session, number: int, rows: list[tuple[int, Mapping[str, float]]]) -> None:
    place = Slice("nps", channel="import")
    cells.ensure(session, number, [place])
    at = datetime(2017, 5, 15, 12, tzinfo=UTC)
    entries = [
        Entry(number, UUID(int=i), "nps", place.id, date(2017, 5, 15), score, at, answers=answers)
        for i, (score, answers) in enumerate(rows)
    ]
    responses.store(session, entries, NOW)


def airport(keys: tuple[str, ...]) -> list[tuple[int, Mapping[str, float]]]:
    """The passengers who gave a score, with their answers of 1 to 5; 6 means never used, and 0 is a blank."""
    with AIRPORT.open(encoding="utf-8-sig") as file:
        return [
            (int(row["NETPRO"]), {k.lower(): float(row[k]) for k in keys if row[k] in ("1", "2", "3", "4", "5")})
            for row in csv.DictReader(file)
            if row["NETPRO"].isdigit() and int(row["NETPRO"]) <= 10
        ]


def apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    low, high = "importance_low", "importance_high"
    return bool(one[low] > other[high] or one[high] < other[low])


def test_two_drivers_share_as_calculated_by_hand() -> None:
    # r1 = .6, r2 = .4, r12 = .3: R2 = (.36 + .16 - 2 * .6 * .4 * .3) / (1 - .09) = .413187.
    # LMG of the first: half of .36 alone and half of .413187 - .16 after the second.
    found = importance(np.array([[1, 0.3, 0.6], [0.3, 1, 0.4], [0.6, 0.4, 1]]))
    assert found == pytest.approx([(0.36 + 0.413187 - 0.16) / 2, (0.16 + 0.413187 - 0.36) / 2], abs=1e-5)


def test_uncorrelated_drivers_have_their_squared_correlation_by_both_methods() -> None:
    for k in (4, 12):
        matrix = np.eye(k + 1)
        matrix[-1, :-1] = matrix[:-1, -1] = np.linspace(0.05, 0.27, k)
        assert importance(matrix) == pytest.approx(np.linspace(0.05, 0.27, k) ** 2, abs=1e-6)


def test_both_methods_explain_the_same_in_all_and_nearly_agree() -> None:
    random = np.random.default_rng(7)
    common = random.normal(size=(4000, 1))
    x = random.normal(size=(4000, 12)) + 0.7 * common
    y = x @ np.linspace(0.05, 0.6, 12) + 2 * random.normal(size=4000)
    matrix = np.asarray(np.corrcoef(np.column_stack([x, y]), rowvar=False))
    twelve = importance(matrix)
    slopes = np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0]
    explained = ((x - x.mean(0)) @ slopes).var() / y.var()
    assert twelve.sum() == pytest.approx(explained, rel=1e-6)
    nine = importance(matrix[3:, 3:])
    assert nine.argmax() + 3 == twelve.argmax() == 11
    assert (nine / nine.sum())[-1] == pytest.approx((twelve / twelve[3:].sum())[-1], abs=0.03)


def test_a_copy_of_a_driver_shares_with_it() -> None:
    found = importance(np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]]))
    assert found == pytest.approx([0.125, 0.125], abs=1e-6)


def test_the_interval_of_a_correlation_is_fishers() -> None:
    assert fisher(0.5, 103, 0.95) == pytest.approx((0.3393, 0.6324), abs=1e-4)  # atanh .5 = .5493 -/+ .196
    assert fisher(1.0, 10, 0.95) == (1, 1)


def test_what_goes_with_the_airport_score(database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number, questions=[SCORE, *map(scale, (*Q7, *Q9))])
        store(session, number, airport((*Q7, *Q9)))
    with database.reading() as session:
        items, whole = drivers.drivers(session, Query(number))
        again = drivers.drivers(session, Query(number))
    assert again == (items, whole)
    assert [item["question"] for item in items] == [key.lower() for key in (*Q7, *Q9)]
    of = {item["question"]: item for item in items}
    assert of["q9all"]["correlation"] > 0.3
    assert of["q9all"]["low"] < of["q9all"]["correlation"] < of["q9all"]["high"]
    given = [item for item in items if item["importance_percent"] is not None]
    assert sum(item["importance_percent"] for item in given) == pytest.approx(100, abs=0.1)
    assert all(i["importance_low"] <= i["importance_percent"] <= i["importance_high"] for i in given)
    assert whole["method"] == ("LMG" if len(given) <= 10 else "Johnson")
    assert 0 < whole["r_squared_percent"] < 100
    ranked = [item for item in given if item["rank"]]
    assert all(apart(one, other) for one in ranked for other in given if other is not one)


def test_few_answers_get_no_importance_and_no_rank(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number, questions=[SCORE, scale("speed"), scale("tone"), scale("never")])
        store(session, number, [(n % 11, {"speed": 1 + n % 5, "tone": 1 + n % 3}) for n in range(99)])
        key = make_key(session, number, "reader")
    found, grouped, table = ask(
        settings, key, ("GET", "/drivers?survey=nps"), ("GET", "/drivers?by=unit"), ("GET", "/drivers?format=csv")
    )
    body = found.json()
    assert [(i["question"], i["n"], i["importance_percent"], i["rank"]) for i in body["items"]] == [
        ("speed", 99, None, None), ("tone", 99, None, None), ("never", 0, None, None),
    ]  # fmt: skip
    assert (body["n_complete"], body["n_needed"]) == (99, 100)
    assert "99 people answered all 2 questions; importance is shown from 100 on." in body["wording"]
    assert body["items"][0]["mean"] == round(sum(1 + n % 5 for n in range(99)) / 99, 2)
    assert (grouped.status_code, grouped.json()["errors"][0]["field"]) == (422, "by")
    assert table.text.startswith("question,text,n,mean")


def test_drivers_that_clearly_differ_are_ranked_and_alike_ones_are_not(database: Database) -> None:
    random = np.random.default_rng(3)
    x = random.integers(1, 6, size=(600, 3))
    scores = np.clip(np.rint(1.6 * x[:, 0] + 0.4 * x[:, 1] + 0.4 * x[:, 2] + random.normal(0, 1, 600)), 0, 10)
    with database.writing() as session:
        number = make_organisation(session).id
        make_survey(session, number, questions=[SCORE, scale("a"), scale("b"), scale("c")])
        answers = [{"a": float(a), "b": float(b), "c": float(c)} for a, b, c in x]
        store(session, number, list(zip(map(int, scores), answers, strict=True)))
    with database.reading() as session:
        items, whole = drivers.drivers(session, Query(number))
        nothing, empty = drivers.drivers(session, Query(number, to_on=date(2017, 5, 14)))
    assert [item["rank"] for item in items] == [1, None, None]
    assert (whole["drivers"], whole["n_complete"], whole["n_needed"]) == (3, 600, 100)
    assert (empty["n"], [item["n"] for item in nothing]) == (0, [0, 0, 0])
