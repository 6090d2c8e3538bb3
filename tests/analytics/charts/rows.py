"""What charts are drawn from in tests: periods, groups, weeks, drivers and terms."""

from typing import Any

from analytics.estimation.estimate import estimate
from analytics.reports import metrics, scores
from analytics.reports.metrics import Spread
from tests.analytics.histograms import counts


def period(starts_on: str, *three: int, group: dict[str, str | None] | None = None) -> dict[str, Any]:
    item = scores.estimate_item(estimate(counts(*three)))
    return {"group": group or {}, "period": starts_on[:7], "starts_on": starts_on, **item}


def spread_of(*three: int, scores: bool = True) -> dict[str, Any]:
    """How so many promoters, passives and detractors are spread; without `scores` no more is known of them."""
    return metrics.item(metrics.DISTRIBUTION, Spread(estimate(counts(*three)), tuple(counts(*three)), not scores))


MONTHS = [
    period("2018-01-01", 20, 5, 10),
    period("2018-02-01", 0, 0, 0),
    period("2018-03-01", 30, 5, 10),
    period("2018-04-01", 9, 5, 10),
]
ROWS = [
    {"group": {"touchpoint": "support"}, **scores.estimate_item(estimate(counts(20, 5, 10)))},
    {"group": {"touchpoint": None}, **scores.estimate_item(estimate(counts(1, 1, 1)))},
    {"group": {"touchpoint": "<script>"}, **scores.estimate_item(estimate(counts(0, 0, 0)))},
]


def levelled(signals: dict[int, str]) -> list[dict[str, Any]]:
    """Five months with a level, one of them empty, and these signals."""
    months = [period(f"2018-0{m}-01", *((30, 5, 10) if m != 3 else (0, 0, 0))) for m in range(1, 6)]
    return [
        row | {"level": 40.0, "level_low": 30.0, "level_high": 50.0, "signal": signals.get(m)}
        for m, row in enumerate(months)
    ]


FIGURES = {
    "initiative": {"name": "Call <b>back</b>", "starts_on": "2025-09-03"}, "effect": 12.3, "low": 2.0, "high": 22.6,
}  # fmt: skip


def week(side: str, starts_on: str, *three: int, beside: tuple[int, int, int] | None = None) -> dict[str, Any]:
    row = {"side": side, "starts_on": starts_on, "ends_on": starts_on, **scores.estimate_item(estimate(counts(*three)))}
    return row | ({"comparison": scores.estimate_item(estimate(counts(*beside)))} if beside else {})


def driver(text: str, correlation: float | None, importance: float | None) -> dict[str, Any]:
    item = {"question": text.lower(), "text": text, "n": 120, "correlation": correlation}
    item |= {"low": correlation and correlation - 0.1, "high": correlation and correlation + 0.1}
    of = ("importance_percent", "importance_low", "importance_high")
    return item | dict(zip(of, (importance, importance and importance - 5, importance and importance + 5), strict=True))


def term(word: str, side: str, z: float, language: str = "en") -> dict[str, Any]:
    return {"language": language, "side": side, "term": word, "z": z, "detractors": 7, "promoters": 1}
