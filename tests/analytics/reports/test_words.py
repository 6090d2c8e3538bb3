"""Words: what is taken for one, which stand out, and which stay unsaid."""

import csv
from dataclasses import replace
from datetime import date
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest

from analytics.estimation.tokens import words
from analytics.reports.words import MOST_TERMS, Comment, terms
from app.settings import Settings
from app.storage.database import Database
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from tests.analytics.rows import entry
from tests.app.client import ask, make_key
from tests.factories import NOW, make_organisation, make_survey


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Slow, SLOW & slow!", {"slow"}),
        ("Don't wait – it’s re-done 24/7", {"don't", "wait", "it's", "re-done"}),
        ("STRASSE Straße", {"strasse"}),
        ("cafe\u0301 café", {"café"}),
        ("सेवा धीमी", {"सेवा", "धीमी"}),
        ("等得太久", {"等得", "得太", "太久"}),
        ("好 4K", {"好", "4k"}),
        ("'quoted' -- 100 %", {"quoted"}),
        ("", set()),
    ],
)
def test_words_are_taken_whole_in_any_script(text: str, expected: set[str]) -> None:
    assert words(text) == expected


def said(score: int, *texts: str, times: int = 1, language: str = "en") -> list[Comment]:
    return [Comment(language, score, text) for text in texts] * times


def test_the_log_odds_are_as_calculated_by_hand() -> None:
    given = said(2, "queue was long", times=30) + said(10, "staff was kind", times=30)
    found = {term.term: term for term in terms(given)}
    # 180 words in all, so the prior is the words as they are: 30 of queue, 60 of was, 180 altogether.
    odds_d, odds_p = log(60 / (90 + 180 - 60)), log(30 / (90 + 180 - 30))
    assert found["queue"].log_odds == pytest.approx(odds_d - odds_p)
    assert found["queue"].z == pytest.approx((odds_d - odds_p) / sqrt(1 / 60 + 1 / 30))
    assert {(t.side, t.term) for t in found.values()} == {
        ("detractors", "queue"), ("detractors", "long"), ("promoters", "staff"), ("promoters", "kind"),
    }  # fmt: skip
    assert found["queue"].examples == ("queue was long",) * 3


def test_a_word_counts_once_per_comment_and_only_from_five_comments_on() -> None:
    rare = said(0, "zebra " * 50, times=4) + said(0, "queue", times=200) + said(10, "kind", times=200)
    assert "zebra" not in {term.term for term in terms(rare)}
    known = {term.term: term for term in terms(said(0, "queue queue queue", times=40) + said(10, "kind", times=40))}
    assert (known["queue"].detractors, known["queue"].comments) == (40, 40)


def test_words_dealt_out_by_chance_do_not_stand_out() -> None:
    random = np.random.default_rng(11)
    vocabulary = [f"{a}{b}" for a in "bdfgklmnpr" for b in ("an", "el", "is", "or", "un")]
    share = 1 / np.arange(1, 51)
    share /= share.sum()
    texts = [" ".join(random.choice(vocabulary, 12, p=share)) for _ in range(600)]
    given = [Comment("en", int(random.choice([2, 8, 10])), text) for text in texts]
    assert len(terms(given)) <= 1


def test_one_side_alone_and_nothing_at_all_say_nothing() -> None:
    assert terms([]) == []
    assert terms(said(10, "kind staff", times=50)) == []
    assert terms(said(8, "fine", times=50) + said(3, "slow", times=50)) == []
    assert terms(said(3, "!!!", times=50) + said(10, "…", times=50)) == []


def test_languages_are_kept_apart(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        for key in ("nps", "hidden"):
            survey = make_survey(session, number, key)
        survey.mode = "anonymous"
        session.add(survey)
        for survey_key, locale, low, high in (
            ("nps", "en-GB", "slow queue", "kind staff"), ("nps", "da", "lang kø", "venligt personale"),
            ("nps", None, "slow boat", "kind crew"), ("hidden", "en", "secret", "open"),
        ):  # fmt: skip
            place = Slice(survey_key, locale=locale)
            cells.ensure(session, number, [place])
            entries = [entry(number, place, date(2026, 3, n), score) for score in (1, 10) for n in range(1, 29)]
            texts = [replace(e, comment=low if e.score == 1 else high) for e in entries]
            responses.store(session, texts, NOW)
        key = make_key(session, number, "reader")
    found, none, table = ask(
        settings, key, ("GET", "/words"), ("GET", "/words?to=2026-02-28"), ("GET", "/words?format=csv&locale=da")
    )
    body = found.json()
    assert {(i["language"], i["side"], i["term"]) for i in body["items"]} >= {
        ("da", "detractors", "kø"), ("da", "promoters", "venligt"), ("en", "detractors", "slow"),
        ("en", "promoters", "crew"),
    }  # fmt: skip
    assert body["languages"] == {"da": 56, "en": 112}
    assert (body["comments"], body["detractors"], body["passives"], body["promoters"]) == (168, 84, 0, 84)
    assert "secret" not in found.text
    assert (none.json()["items"], none.json()["comments"]) == ([], 0)
    assert table.text.startswith("language,side,term,detractors,promoters,comments,log_odds,z,q_value,examples")
    assert len(table.text.splitlines()) == 5


def test_what_people_like_is_told_from_what_they_do_not() -> None:
    """The R community survey of 2019: what people like best about R, against what they like least."""
    path = Path(__file__).parents[2] / "data" / "r-community" / "2019_en.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    best, least = (next(i for i, n in enumerate(head) if part in n) for part in ("like best", "like least"))
    given = [Comment("en", score, row[i]) for score, i in ((10, best), (0, least)) for row in rows if row[i]]
    found = terms(given)
    told = {side: [term.term for term in found if term.side == side] for side in ("promoters", "detractors")}
    assert told["promoters"][0] == "community"
    assert {"flexibility", "free", "visualization"} <= set(told["promoters"])
    assert {"error", "messages", "memory", "hard"} <= set(told["detractors"])
    assert {"is", "to", "a", "r"}.isdisjoint(told["promoters"] + told["detractors"])
    assert len(found) == 2 * MOST_TERMS
