"""The sheets of a survey: the score, the reasons, the thanks, and why a link is over."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from app import languages
from app.pages.respondents import asked, reasons
from app.pages.respondents.held import Drawing, Places
from app.pages.respondents.page import Page, page, shown
from app.pages.respondents.visit import SCORES, Visit
from app.storage.outages import RETRY_AFTER
from surveys import links
from surveys.answering.opened import Opened
from surveys.facts import AlreadyAnswered, WaveClosed
from surveys.questionnaire import wordings
from surveys.questionnaire.definitions import TEXT_LIMIT

KIOSK_SECONDS = 20
# Why a link is over, where one may still read what became of the answer.
READABLE = (AlreadyAnswered, WaveClosed)


def two_steps(opened: Opened) -> bool:
    """Whether the score is saved first; where nothing can be changed afterwards, all is asked at once."""
    return opened.mode == "confidential" and opened.edit_hours > 0


def show(visit: Visit, opened: Opened) -> Page:
    """The sheet that the address asks for, as far as the link has come."""
    if visit.step == "thanks" and (opened.earlier or isinstance(opened.over, AlreadyAnswered)):
        return thanks(visit, opened)
    if opened.over:
        return over(visit, opened.over, opened)
    if visit.step == "why" and opened.earlier and asked.further(opened) and two_steps(opened):
        return why(visit, opened, opened.earlier.score, _stored(opened))
    # No score is taken from the address of an anonymous survey: it would stand in the log of every proxy on the way.
    wanted = None if opened.promise or visit.score is None else SCORES[visit.score]
    chosen = wanted if wanted is not None else opened.earlier.score if opened.earlier else None
    return score(visit, opened, chosen, _stored(opened))


def show_open(visit: Visit, opened: Opened) -> Page:
    """The sheet of an open page: all is asked at once, since nobody can come back to an answer."""
    if opened.over:
        return over(visit, opened.over, opened)
    if visit.step == "thanks":
        return thanks(visit, opened)
    return score(visit, opened, None if visit.score is None else SCORES[visit.score], {})


def score(
    visit: Visit,
    opened: Opened,
    chosen: int | None,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
) -> Page:
    """Step one: the score, with `chosen` selected but not saved."""
    language = language_of(visit, opened)

    def context(place: Drawing) -> dict[str, Any]:
        question, above = asked.score_question(opened, language)
        return _context(place, visit, opened) | {
            "question": question,
            "context": place("touchpoint") if above else None,
            "questions": asked.questions(opened, language, None),
            "two_steps": two_steps(opened),
            "errors": errors or {},
            "action": visit.address() if opened.promise else None,
        }

    picked = {} if chosen is None else {f"score={chosen}": asked.CHECKED}
    places = _places(visit, opened, language) | asked.filled(opened, values) | picked
    return _page(visit, opened, "score.html", context, places, errors=errors)


def why(
    visit: Visit, opened: Opened, score: int, values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> Page:
    """Step two: why, worded for the score, and the survey's further questions."""
    language = language_of(visit, opened)

    def context(place: Drawing) -> dict[str, Any]:
        return _context(place, visit, opened) | {
            "questions": asked.questions(opened, language, score),
            "back": visit.address(),
            "errors": errors or {},
        }

    places = _places(visit, opened, language) | asked.filled(opened, values) | {"score": b"%d" % score}
    return _page(visit, opened, "why.html", context, places, errors=errors, side=wordings.side(score))


def thanks(visit: Visit, opened: Opened) -> Page:
    """The last sheet."""
    language = language_of(visit, opened)

    def context(place: Drawing) -> dict[str, Any]:
        # Whoever answered on a telephone of their own is not asked for a second answer. The pause before the start is
        # long enough to read the page, and for a screen reader to read it aloud.
        kiosk = opened.submission_id is not None and visit.kiosk
        refresh = f"{KIOSK_SECONDS}; url={visit.address()}" if kiosk else None
        return _context(place, visit, opened) | {"back": visit.address(), "refresh": refresh}

    return _page(visit, opened, "thanks.html", context, _places(visit, opened, language))


def _results(visit: Visit, opened: Opened) -> str | None:
    """The address of the published results nearest to whoever holds the link, where there are any."""
    if opened.results is None:
        return None
    link = opened.results
    return f"../r/{links.sign(visit.secrets[0], 'results', link.organisation_id, link.id)}"


def over(visit: Visit, what: Exception, opened: Opened | None = None) -> Page:
    """Why there is nothing to answer or nothing was saved, in plain words; `what` as `reasons.name_of` takes it."""
    language = language_of(visit, opened) if opened else visit.speak(None, None)
    reason, status, readable = reasons.name_of(what), reasons.status_of(what), isinstance(what, READABLE)
    organisation, anonymous = (opened.organisation, opened.promise is not None) if opened else (None, False)
    about = _about(visit, opened) if opened and readable else None
    results = _results(visit, opened) if opened and readable else None

    def context(place: Drawing) -> dict[str, Any]:
        heading, text = reasons.worded(reason, language, anonymous=anonymous)
        return {
            "heading": heading,
            "text": text,
            "organisation": organisation,
            "about": place("about") if about else None,
            "results": place("results") if results else None,
        }

    places = {
        "stay": shown(visit.stay(score=not anonymous)),
        "about": shown(about or ""),
        "results": shown(results or ""),
    }
    key = (reason, organisation, anonymous, about is not None, results is not None)
    drawn = page(visit, "over.html", language, context, key=key, places=places, status=status)
    drawn.headers.update(RETRY_AFTER if status == 503 else getattr(what, "headers", None) or {})
    return drawn


def language_of(visit: Visit, opened: Opened) -> str:
    """The language to speak to whoever opened the link, in the variant that addresses them as the survey does."""
    return languages.addressed(visit.speak(opened.contact_locale, opened.organisation_locale), opened.address)


def _about(visit: Visit, opened: Opened) -> str | None:
    """A link from a survey page to the one that says what becomes of an answer; relative, as all addresses are."""
    return None if opened.submission_id else f"{visit.token}/about{visit.address()}".rstrip("?")


def _page(
    visit: Visit,
    opened: Opened,
    name: str,
    context: Callable[[Drawing], dict[str, Any]],
    places: Places,
    *,
    errors: Mapping[str, str] | None = None,
    side: str | None = None,
) -> Page:
    """The page as it is held; where something is wrong with a form, it is drawn for whoever filled it in."""
    language = language_of(visit, opened)
    key = None if errors else _key(opened, language, side)
    return page(visit, name, language, context, key=key, places=places, status=422 if errors else 200)


def _key(opened: Opened, language: str, side: str | None) -> tuple[Hashable, ...]:
    """All that a page depends on beside its template and language: what somebody can change, and how far one is."""
    promise = opened.promise
    return (
        opened.link.organisation_id,
        opened.survey_key,
        opened.version,
        opened.organisation,
        opened.organisation_locale,
        opened.touchpoint_in(language) if opened.names_touchpoint else opened.touchpoint is None,
        opened.mode,
        opened.edit_hours > 0,
        promise and (promise.floor, promise.comment_floor),
        opened.submission_id is None,
        opened.earlier is None,
        opened.editable_until is None,
        side,
    )


def _context(place: Drawing, visit: Visit, opened: Opened) -> dict[str, Any]:
    return {
        "organisation": opened.organisation,
        "confidential": opened.mode == "confidential",
        "submission_id": place("submission_id") if opened.submission_id else None,
        "promise": opened.promise,
        "about": place("about") if _about(visit, opened) else None,
        "earlier": opened.earlier is not None,
        "editable": opened.editable_until is not None,
        "limit": TEXT_LIMIT,
    }


def _places(visit: Visit, opened: Opened, language: str) -> dict[str, bytes]:
    """What differs from person to person, as it may be filled in."""
    until, earlier, zone = opened.editable_until, opened.earlier, opened.time_zone
    places = {
        "stay": shown(visit.stay(score=opened.promise is None)),
        "touchpoint": shown(opened.touchpoint_in(language) or ""),
    }
    if opened.submission_id:
        places["submission_id"] = shown(opened.submission_id)
    else:
        places["about"] = shown(_about(visit, opened) or "")
    if earlier:
        places["gave"] = b"%d" % earlier.score
        places["answered_on"] = shown(languages.day_in_words(earlier.answered_at, language, zone))
    if until:
        places["editable_until"] = shown(languages.time_in_words(until, language, zone))
    return places


def _stored(opened: Opened) -> dict[str, Any]:
    if opened.earlier is None:
        return {}
    return {**opened.answers, asked.COMMENT: opened.earlier.comment}
