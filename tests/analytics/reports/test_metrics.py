"""Every figure is documented, and says what stands where there is none."""

from pathlib import Path

import pytest

from analytics.estimation.estimate import estimate
from analytics.reports import metrics
from analytics.reports.metrics import ESTIMATE, REGISTRY, TURNOUT, Metric, Turnout

DOCUMENT = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text()


@pytest.mark.parametrize("group", REGISTRY)
def test_every_metric_is_documented(group: str) -> None:
    section = DOCUMENT.split(f"### {group}\n")[1].split("\n#")[0]
    for metric in REGISTRY[group]:
        empty = "null" if metric.empty is None else str(metric.empty).lower()
        assert f"| `{metric.name}` | {metric.unit} | {metric.meaning} | {empty} |" in section


def test_figures_are_rounded_only_when_given_out() -> None:
    found = estimate([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1], 0.95)
    assert metrics.item(ESTIMATE, found)["nps"] == 0.0
    assert metrics.item(ESTIMATE, estimate([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]))["nps"] == 33.33


def test_nothing_is_said_where_nobody_was_invited() -> None:
    assert metrics.item(TURNOUT, Turnout(0, 0, 0)) == {
        "invited": 0, "undelivered": 0, "response_rate_percent": None
    }  # fmt: skip


def test_a_rounded_zero_has_no_sign() -> None:
    assert str(Metric("x", "points", "", read=float).of("-0.001")) == "0.0"
