"""What a sheet asks: the questions as they are worded for whoever reads it, and what was answered to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.pages.respondents.page import shown
from surveys.answering.opened import Opened
from surveys.questionnaire import wordings
from surveys.questionnaire.wordings import Wording
from surveys.tables import Question

COMMENT = "comment"
CHECKED = b" checked"


@dataclass(frozen=True, slots=True)
class Further:
    """A further question as it stands on the page, without what was answered."""

    key: str
    kind: str
    required: bool
    wording: Wording

    @property
    def field(self) -> str:
        """The name of its form field."""
        return field_of(self.key)

    @property
    def id(self) -> str:
        """The start of its ids on the page."""
        return f"q-{self.key}"


def field_of(key: str) -> str:
    """The form field of a question; the text question `comment` is the response's own comment."""
    return key if key == COMMENT else f"answers.{key}"


def further(opened: Opened) -> list[Question]:
    """The questions after the score."""
    return [q for q in opened.questions if q.kind != "score"]


def filled(opened: Opened, values: Mapping[str, Any]) -> dict[str, bytes]:
    """The answers to further questions, each in its place on the page."""
    places = {}
    for question in opened.questions:
        value, field = values.get(question.key), field_of(question.key)
        if value is None or question.kind == "score":
            continue
        if question.kind == "text":
            places[field] = shown(str(value))
        elif question.kind == "scale":
            places[f"{field}={value:g}" if isinstance(value, float) else f"{field}={value}"] = CHECKED
        else:
            chosen = value if isinstance(value, list) else [value]
            places.update({f"{field}={choice}": CHECKED for choice in chosen})
    return places


def questions(opened: Opened, language: str, score: int | None) -> Sequence[Further]:
    return [Further(q.key, q.kind, q.required, _word(opened, q, language, score)) for q in further(opened)]


def score_question(opened: Opened, language: str) -> tuple[Wording, bool]:
    """The first question, and whether the touchpoint stands above it, since the question does not name it itself."""
    question = next(q for q in opened.questions if q.kind == "score")
    locales, touchpoint = [language, opened.organisation_locale], opened.touchpoint_in(language)
    return wordings.word_score(question.texts, locales, organisation=opened.organisation, touchpoint=touchpoint)


def _word(opened: Opened, question: Question, language: str, score: int | None) -> Wording:
    locales = [language, opened.organisation_locale]
    return wordings.word(
        question.texts,
        locales,
        organisation=opened.organisation,
        touchpoint=opened.touchpoint_in(language),
        score=score,
    )
