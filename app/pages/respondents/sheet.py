"""The sheets of a survey: the score, the reasons, the thanks, and why a link is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app import languages
from app.pages.respondents.page import about, address, page, speak
from app.problems import STATUS
from surveys import links
from surveys.answering.opened import Opened
from surveys.facts import AlreadyAnswered, WaveClosed
from surveys.questionnaire import wordings
from surveys.questionnaire.definitions import TEXT_LIMIT
from surveys.questionnaire.wordings import Wording
from surveys.tables import Question

COMMENT = "comment"
# Why a link is over, where one may still read what became of the answer.
READABLE = (AlreadyAnswered, WaveClosed)


@dataclass(frozen=True, slots=True)
class Further:
    """A further question as it stands on the page. `value` is what was answered: text, number or chosen values."""

    key: str
    kind: str
    required: bool
    wording: Wording
    value: Any

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


def two_steps(opened: Opened) -> bool:
    """Whether the score is saved first; where nothing can be changed afterwards, all is asked at once."""
    return opened.mode == "confidential" and opened.edit_hours > 0


def show(request: Request, opened: Opened) -> Response:
    """The sheet that the address asks for, as far as the link has come."""
    step = request.query_params.get("step")
    if step == "thanks" and (opened.earlier or isinstance(opened.over, AlreadyAnswered)):
        return thanks(request, opened)
    if opened.over:
        return over(request, opened.over, opened)
    if step == "why" and opened.earlier and further(opened) and two_steps(opened):
        return why(request, opened, opened.earlier.score, _stored(opened))
    # No score is taken from the address of an anonymous survey: it would stand in the log of every proxy on the way.
    given = "" if opened.promise else request.query_params.get("score", "")
    chosen = int(given) if given in SCORES else opened.earlier.score if opened.earlier else None
    return score(request, opened, chosen, _stored(opened))


def show_open(request: Request, opened: Opened) -> Response:
    """The sheet of an open page: all is asked at once, since nobody can come back to an answer."""
    if opened.over:
        return over(request, opened.over, opened)
    if request.query_params.get("step") == "thanks":
        return thanks(request, opened)
    given = request.query_params.get("score", "")
    return score(request, opened, int(given) if given in SCORES else None, {})


SCORES = {str(n) for n in range(11)}


def score(
    request: Request,
    opened: Opened,
    chosen: int | None,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Step one: the score, with `chosen` selected but not saved."""
    language = language_of(request, opened)
    facts = _facts(request, opened, language) | {
        "score": chosen,
        "question": _word(opened, next(q for q in opened.questions if q.kind == "score"), language, None),
        "questions": _questions(opened, language, None, values),
        "two_steps": two_steps(opened),
        "errors": errors or {},
        "action": address(request) if opened.promise else None,
    }
    return page(request, "score.html", language, facts, 422 if errors else 200)


def why(
    request: Request, opened: Opened, given: int, values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> Response:
    """Step two: why, worded for the score given, and the survey's further questions."""
    language = language_of(request, opened)
    facts = _facts(request, opened, language) | {
        "score": given,
        "questions": _questions(opened, language, given, values),
        "back": address(request),
        "errors": errors or {},
    }
    return page(request, "why.html", language, facts, 422 if errors else 200)


def thanks(request: Request, opened: Opened) -> Response:
    """The last sheet."""
    language = language_of(request, opened)
    facts = _facts(request, opened, language) | {"back": address(request)}
    return page(request, "thanks.html", language, facts)


def _results(request: Request, opened: Opened) -> str | None:
    """The address of the published results nearest to whoever holds the link, where there are any."""
    if opened.results is None:
        return None
    link = opened.results
    return f"../r/{links.sign(request.app.state.secrets[0], 'results', link.organisation_id, link.id)}"


def over(request: Request, what: Exception, opened: Opened | None = None, status: int | None = None) -> Response:
    """Why there is nothing to answer, in plain words; `what` is a fact, or the intake being full."""
    language = language_of(request, opened) if opened else speak(request)
    told = status or next(told[0] for kind, told in STATUS.items() if isinstance(what, kind))
    facts: dict[str, Any] = {"what": type(what).__name__, "organisation": None, "anonymous": False, "results": None}
    if opened:
        facts |= {"organisation": opened.organisation, "anonymous": opened.promise is not None}
        facts["about"] = _about(request, opened) if isinstance(what, READABLE) else None
        facts["results"] = _results(request, opened) if isinstance(what, READABLE) else None
    return page(request, "over.html", language, facts, told)


def language_of(request: Request, opened: Opened) -> str:
    """The language to speak to whoever opened the link."""
    return speak(request, opened.contact_locale, opened.organisation_locale)


def _about(request: Request, opened: Opened) -> str | None:
    return None if opened.submission_id else about(request)


def _facts(request: Request, opened: Opened, language: str) -> dict[str, Any]:
    until, earlier = opened.editable_until, opened.earlier
    zone = opened.time_zone
    return {
        "organisation": opened.organisation,
        "confidential": opened.mode == "confidential",
        "submission_id": opened.submission_id,
        "promise": opened.promise,
        "about": _about(request, opened),
        "earlier": earlier,
        "answered_on": languages.day_in_words(earlier.answered_at, language, zone) if earlier else None,
        "editable_until": languages.time_in_words(until, language, zone) if until else None,
        "limit": TEXT_LIMIT,
    }


def _stored(opened: Opened) -> dict[str, Any]:
    comment = {COMMENT: opened.earlier.comment} if opened.earlier else {}
    return {**opened.answers, **comment}


def _questions(opened: Opened, language: str, given: int | None, values: Mapping[str, Any]) -> Sequence[Further]:
    return [
        Further(q.key, q.kind, q.required, _word(opened, q, language, given), _shown(q, values.get(q.key)))
        for q in further(opened)
    ]


def _shown(question: Question, value: Any) -> Any:
    return [value] if question.kind == "choice" else value


def _word(opened: Opened, question: Question, language: str, given: int | None) -> Wording:
    locales = [language, opened.organisation_locale]
    return wordings.word(
        question.texts, locales, organisation=opened.organisation, touchpoint=opened.touchpoint, score=given
    )
