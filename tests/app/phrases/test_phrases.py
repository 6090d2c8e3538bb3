"""Phrases: figures in sentences that claim no more than they can carry, in every language."""

from datetime import date
from typing import Any

import pytest

from analytics.estimation.estimate import estimate
from analytics.reports import scores
from analytics.reports.caveats import Caveat
from analytics.reports.effects import EffectReport, TooFewPeriods
from app.languages import LANGUAGES
from app.phrases import changes, charts, drivers, effects, estimates, groups, representation, trends
from app.phrases.speech import ENGLISH, Speech
from tests.analytics.histograms import counts

SPEECHES = [Speech(language) for language in LANGUAGES]


def item(*three: int, anonymous: bool = False, invited: int = 0) -> dict[str, Any]:
    n = sum(three)
    return scores.score_item(estimate(counts(*three), anonymous=anonymous), (invited, min(n, invited), 0))


def report(verdict: str, *, compared: bool, effect: float = 55.0) -> EffectReport:
    design = "difference in differences" if compared else "before and after"
    figures = {
        "initiative": {"name": "Call back"}, "design": design, "effect": effect, "low": effect - 10,
        "high": effect + 10, "confidence": 0.95, "verdict": verdict,
    }  # fmt: skip
    return EffectReport(figures, [], "NPS", [])


def test_an_effect_is_only_called_one_where_there_is_a_comparison() -> None:
    alone, beside = (effects.wording(ENGLISH, report("up", compared=compared)) for compared in (False, True))
    assert "After the start the NPS was 55.0 points higher (+45.0 to +65.0, 95 % interval)." in alone
    assert "consistent with an effect of “Call back”" in alone
    assert "This is the effect of “Call back” if both would otherwise have moved alike." in beside
    assert "caused" not in alone + beside


@pytest.mark.parametrize("speech", SPEECHES)
@pytest.mark.parametrize("compared", [True, False])
def test_every_verdict_of_an_effect_has_a_sentence_of_its_own(speech: Speech, compared: bool) -> None:
    said = [
        effects.wording(speech, report(verdict, compared=compared)) for verdict in ("up", "down", "no clear change")
    ]
    assert len(set(said)) == 3
    assert all("Call back" in text and "%(" not in text and "%%" not in text for text in said)


@pytest.mark.parametrize("speech", SPEECHES)
def test_every_caveat_has_a_sentence(speech: Speech) -> None:
    days = {"first": date(2025, 1, 1), "last": date(2025, 4, 1), "on": date(2025, 2, 1), "name": "Letter"}
    caveats = [Caveat("autocorrelated", {"period": p, "autocorrelation": 0.4}) for p in ("day", "week")]
    caveats += [Caveat(code, days) for code in ("drift", "ended", "same answers", "same comparison")]
    said = effects.warnings(speech, EffectReport({}, [], "NPS", caveats))
    assert len(set(said)) == 6
    raked = [Caveat("silent", {"by": "unit", "value": value}) for value in ("north", None)]
    raked += [Caveat("trimmed", {"answers": 3, "times": 5.0}), Caveat("ungrouped", {})]
    warnings = representation.in_words(speech, {"invited": 3, "caveats": raked})
    assert warnings["invited"] == 3
    assert len(set(warnings["warnings"])) == 4
    assert "caveats" not in warnings


@pytest.mark.parametrize("period", ["day", "week"])
def test_too_few_periods_say_how_many_there_are(period: str) -> None:
    fact = TooFewPeriods(before=10, after=4, starts_on=date(2025, 9, 3), period=period, compared=True)
    said = effects.too_few(ENGLISH, fact)
    assert said.startswith(f"Too early to tell: 10 whole {period}s before the start and 4 after it have answers, and 5")


def test_a_shift_is_a_hint_and_none_is_nothing() -> None:
    shift = {"period": "2024-07", "before": 50.4, "since": 10.0}
    said = trends.hint(ENGLISH, {"shifts": [shift]})
    assert said
    assert said.startswith("From July 2024 on the score seems to lie at another level: 50 before, 10 since.")
    assert "hint" in said
    assert trends.hint(ENGLISH, {"shifts": []}) is None


@pytest.mark.parametrize(
    ("verdict", "signalled", "said"),
    [
        ("too few", False, "shows once 8 periods have answers"),
        ("no clear change", False, "the ups and downs may be chance"),
        ("no clear change", True, "Over the whole time there is no clear change."),
        ("up", False, "goes up, by about 1.5 points from one period to the next (+0.5 to +2.5)"),
        ("down", True, "goes down, by about 1.5 points"),
    ],
)
def test_a_course_is_said_plainly(verdict: str, signalled: bool, said: str) -> None:
    slope = {"slope": -1.5 if verdict == "down" else 1.5, "slope_low": 0.5, "slope_high": 2.5, "last_year": None}
    (sentence,) = trends.course(ENGLISH, {"verdict": verdict, **slope}, signalled=signalled)
    assert said in sentence


@pytest.mark.parametrize(
    ("kind", "words"),
    [("day", "2 March 2026"), ("week", "week 10 of 2026"), ("month", "March 2026"), ("quarter", "Q1 2026"),
     ("year", "2026")],
)  # fmt: skip
def test_a_period_has_a_name(kind: str, words: str) -> None:
    assert trends.period(ENGLISH, date(2026, 3, 2), kind) == words


def test_below_five_answers_no_figure_is_said() -> None:
    few = item(1, 0, 0)
    assert estimates.early(few)
    assert estimates.score(ENGLISH, few) == "–"
    assert estimates.standing(ENGLISH, few) == ["1 answer so far: too early to tell."]
    assert not estimates.early(item(5, 0, 0))
    assert not estimates.early(item(0, 0, 0))


def test_a_score_says_how_sure_it_is_and_who_answered() -> None:
    said = estimates.standing(ENGLISH, item(10, 5, 5, invited=80))
    assert said[0].endswith(", from 20 answers.")
    assert said[0].startswith("95 % interval ")
    assert said[1:] == [
        "With fewer than 30 answers this is a hint, not a finding.", "25 % of the 80 people invited have answered.",
    ]  # fmt: skip


def test_where_nearly_all_agree_words_stand_in_the_place_of_figures() -> None:
    agreed = item(12, 0, 0, anonymous=True)
    assert estimates.score(ENGLISH, agreed) == "90 % or more promoters"
    assert estimates.kinds(ENGLISH, agreed) is None
    assert "no figure is shown" in estimates.standing(ENGLISH, agreed)[0]


@pytest.mark.parametrize("speech", SPEECHES)
def test_every_language_has_all_words_of_charts_groups_and_verdicts(speech: Speech) -> None:
    texts = charts.texts(speech)
    assert texts.notes.interval % {"confidence": "95", "low": "1", "high": "2"}
    assert groups.naming(speech).without_segment % {"name": "watch"}
    for verdict in ("up", "down", "no clear change"):
        compared = {"verdict": verdict, "change": 3.0, "low": 1.0, "high": 5.0}
        said = changes.against(speech, compared, now="Now", then="then")
        assert "Now" in said
        assert speech.change(3.0) in said
    known = {"drivers": 3, "n_complete": 99, "n_needed": 100}
    assert len({drivers.wording(speech, known | extra) for extra in ({"drivers": 1}, {}, {"n_complete": 100})}) == 3


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert [Speech(tag).points(-1234.56) for tag in ("en", "de", "fi")] == ["−1,234.6", "−1.234,6", "−1\xa0234,6"]
    assert [ENGLISH.change(value) for value in (0.04, 0.06, -0.04, None)] == ["0.0", "+0.1", "0.0", "–"]
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2018-03-05", "5 mars 2018"),
        ("2018-W09", "vecka 9 2018"),
        ("2018-03", "mars 2018"),
        ("2018-Q1", "K1 2018"),
        ("2018", "2018"),
    ],
)
def test_a_period_is_said_in_words(label: str, words: str) -> None:
    assert trends.labelled(Speech("sv"), label) == words
