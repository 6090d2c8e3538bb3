"""Wordings: a question as one person reads it, in a language, with names filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.names import match

_IN_BRACKETS = re.compile(r"\s*\(\{(organisation|touchpoint)\}\)")
_NAME = re.compile(r"\{(organisation|touchpoint)\}")
_TOUCHPOINT = "{touchpoint}"
_TOUCHPOINT_IN_BRACKETS = re.compile(r"\s*\(\{touchpoint\}\)")


@dataclass(frozen=True, slots=True)
class Wording:
    """What is shown of a question: its language, text, the ends of its scale, and its choices (value to label)."""

    locale: str
    text: str
    low: str = ""
    high: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


def word(
    texts: Mapping[str, Mapping[str, Any]],
    locales: Sequence[str],
    *,
    organisation: str,
    touchpoint: str | None,
    score: int | None = None,
) -> Wording:
    """The wording in the first of `locales` that there is, else in any; `score` 0-10 chooses the one that follows up.

    `{organisation}` and `{touchpoint}` are filled in; brackets around a name go when there is none, so that
    no language has to inflect it.
    """
    locale = locale_of(texts, locales)
    wording = texts[locale]
    names = {"organisation": organisation, "touchpoint": touchpoint or ""}
    text = wording.get(side(score)) if score is not None else None
    return Wording(
        locale,
        fill(text or wording["text"], names),
        fill(wording.get("low") or "", names),
        fill(wording.get("high") or "", names),
        {value: fill(label, names) for value, label in (wording.get("choices") or {}).items()},
    )


def word_score(
    texts: Mapping[str, Mapping[str, Any]], locales: Sequence[str], *, organisation: str, touchpoint: str | None
) -> tuple[Wording, bool]:
    """The wording of a score question, and whether the touchpoint stands above it instead of in brackets in it.

    A page and a mail say it alike; a sentence that names the touchpoint itself says it well enough.
    """
    locale = locale_of(texts, locales)
    words = without_brackets(texts[locale])
    wording = word({locale: words}, (locale,), organisation=organisation, touchpoint=touchpoint)
    return wording, touchpoint is not None and _TOUCHPOINT not in words["text"]


def without_brackets(words: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a score question in one language, less the touchpoint in brackets."""
    return {**words, "text": _TOUCHPOINT_IN_BRACKETS.sub("", words["text"])}


def side(score: int) -> str:
    """promoter (9-10), passive (7-8) or detractor (0-6)."""
    return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"


def fill(text: str, names: Mapping[str, str]) -> str:
    """`text` with the names in place of their placeholders; other braces stay as they are."""
    text = _IN_BRACKETS.sub(lambda match: match[0] if names[match[1]] else "", text)
    return _NAME.sub(lambda match: names[match[1]], text)


def locale_of(texts: Mapping[str, Any], locales: Sequence[str]) -> str:
    """The language in which `word` gives these texts."""
    return match(texts, (*locales, "en")) or next(iter(texts))
