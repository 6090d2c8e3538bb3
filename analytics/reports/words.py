"""Words: which ones detractors use and promoters do not, and the other way round, per language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import erfc, log, sqrt

import sqlalchemy as sa
from sqlmodel import Session

from analytics.counts import frame, weights
from analytics.counts.query import Query
from analytics.estimation import tokens
from analytics.estimation.compare import benjamini_hochberg
from analytics.reports import metrics
from analytics.reports.metrics import Item
from surveys.organisation import organisations
from surveys.tables import Cell, Response, Survey
from surveys.tables.columns import core

SHOWN_FROM = 5  # comments with the word: a rarer one may point at a person
PRIOR_WORDS = 500.0
MOST_COMMENTS = 20_000
MOST_TERMS = 25
EXAMPLES, EXAMPLE_LENGTH = 3, 300
UNKNOWN = "und"  # the language tag for undetermined (BCP 47)


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person wrote, the score beside it, and the language in which it was asked."""

    language: str
    score: int
    text: str

    @property
    def side(self) -> str:
        """detractors, passives or promoters."""
        return "promoters" if self.score >= 9 else "passives" if self.score >= 7 else "detractors"


@dataclass(frozen=True, slots=True)
class Term:
    """A word that one side uses more. `z` is its weighted log-odds in standard errors, above 0 on either side."""

    language: str
    side: str
    term: str
    detractors: int
    promoters: int
    comments: int
    log_odds: float
    z: float
    p_value: float
    q_value: float = 1.0
    examples: tuple[str, ...] = ()


def words(session: Session, query: Query) -> tuple[list[Item], Item]:
    """The words that set detractors and promoters apart, with comments as examples, and how many were read.

    Confidential surveys only: the comments of anonymous ones are released without their scores.
    """
    comments = _comments(session, query)
    languages = defaultdict(list)
    for comment in comments:
        languages[comment.language].append(comment)
    telling = [term for language in sorted(languages) for term in terms(languages[language], query.confidence)]
    sides = Counter(comment.side for comment in comments)
    whole: Item = {
        "comments": len(comments), **{side: sides[side] for side in ("promoters", "passives", "detractors")},
        "languages": {language: len(of) for language, of in sorted(languages.items())},
        "sampled": len(comments) == MOST_COMMENTS,
    }  # fmt: skip
    return [metrics.item(metrics.WORD, term) for term in telling], whole


def terms(comments: Sequence[Comment], confidence: float = 0.95) -> list[Term]:
    """The words of one language that set the two sides apart at this confidence, the clearest first.

    Weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008);
    each word counts once per comment, the prior is the words of all comments. p-values are corrected for the number
    of words tested (Benjamini and Hochberg); words in fewer than 5 comments are not tested.
    """
    texts = [(comment, tokens.words(comment.text)) for comment in comments]
    counts = {side: Counter[str]() for side in ("detractors", "passives", "promoters")}
    for comment, used in texts:
        counts[comment.side].update(used)
    tested = _tested(comments, counts)
    q_values = benjamini_hochberg([term.p_value for term in tested])
    pairs = zip(tested, q_values, strict=True)
    clear = [replace(term, q_value=q) for term, q in pairs if q is not None and q < 1 - confidence]
    clear.sort(key=lambda term: (-term.z, term.term))
    chosen = [t for side in ("detractors", "promoters") for t in [o for o in clear if o.side == side][:MOST_TERMS]]
    return [replace(term, examples=_examples(term, texts)) for term in chosen]


def _tested(comments: Sequence[Comment], counts: Mapping[str, Counter[str]]) -> list[Term]:
    everywhere: Counter[str] = sum(counts.values(), Counter[str]())
    total = everywhere.total()
    weight = min(PRIOR_WORDS, total) / total if total else 0.0
    n = {side: counts[side].total() for side in counts}
    prior_total = weight * total
    if not n["detractors"] or not n["promoters"]:
        return []
    tested = []
    for word, uses in sorted(everywhere.items()):
        if uses < SHOWN_FROM:
            continue
        prior = weight * uses
        d, p = (counts[side][word] + prior for side in ("detractors", "promoters"))
        odds = [
            log(y) - log(max(n[side] + prior_total - y, prior_total / (2 * total)))
            for side, y in (("detractors", d), ("promoters", p))
        ]
        delta = odds[0] - odds[1]
        z = delta / sqrt(1 / d + 1 / p)
        tested.append(
            Term(
                comments[0].language, "detractors" if delta > 0 else "promoters", word, counts["detractors"][word],
                counts["promoters"][word], uses, abs(delta), abs(z), erfc(abs(z) / sqrt(2)),
            )
        )  # fmt: skip
    return tested


def _examples(term: Term, texts: Iterable[tuple[Comment, set[str]]]) -> tuple[str, ...]:
    """The first comments of its side that hold the word, cut where they are long."""
    held = (comment.text for comment, used in texts if comment.side == term.side and term.term in used)
    return tuple(
        text if len(text) <= EXAMPLE_LENGTH else f"{text[: EXAMPLE_LENGTH - 1]}…"
        for _, text in zip(range(EXAMPLES), held, strict=False)
    )


def _comments(session: Session, query: Query) -> list[Comment]:
    """At most MOST_COMMENTS comments: ids are hashes, so the first by id are a sample by chance."""
    r, c, s = core(Response).c, core(Cell).c, core(Survey).c
    ids = frame.cells(session, query).subquery("w")
    source = (
        core(Response)
        .join(core(Cell), (c.organisation_id == r.organisation_id) & (c.id == r.cell_id))
        .join(core(Survey), (s.organisation_id == r.organisation_id) & (s.key == r.survey_key))
    )
    rows = sa.select(c.locale, r.score, r.comment).select_from(source)
    rows = rows.where(r.organisation_id == query.organisation_id, r.cell_id.in_(sa.select(ids.c.id)))
    rows = rows.where(r.comment.is_not(None), s.mode == "confidential", *weights.days(query))
    usual = organisations.get(session, query.organisation_id).locale
    return [
        Comment((locale or usual or UNKNOWN).replace("_", "-").partition("-")[0].lower(), score, text)
        for locale, score, text in session.execute(rows.order_by(r.id).limit(MOST_COMMENTS))
    ]
