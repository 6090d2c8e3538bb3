"""Questions: what a survey's own list of them must be like before it is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from surveys.facts import Malformed
from surveys.keys import check_key
from surveys.organisation.organisations import check_locale

CHOICES = ("choice", "choices")
SCALES = ("score", "scale")
MOODS = ("promoter", "passive", "detractor")
Fields = Mapping[str, Any]
Value = float | str | list[str] | None  # what an answer to one question is


def check(questions: Sequence[Fields]) -> None:
    """Raise Malformed, naming the question and field, unless a survey can be asked with these.

    The score is first and the only one of its kind, keys differ, and every question has a text in each of
    the locales that the score has one in.
    """
    if not questions or questions[0]["kind"] != "score":
        raise Malformed("questions", "the first question is the score, with kind 'score'.")
    locales = set(questions[0]["texts"])
    seen: set[str] = set()
    for position, question in enumerate(questions):
        field = f"questions.{position}"
        check_key(f"{field}.key", question["key"])
        if question["key"] in seen:
            raise Malformed(f"{field}.key", f"'{question['key']}' is the key of an earlier question.")
        if position and question["kind"] == "score":
            raise Malformed(f"{field}.kind", "a survey has one score question, and it is the first.")
        seen.add(question["key"])
        _check_locales(field, question["texts"], locales)
        for locale, texts in question["texts"].items():
            _check_texts(f"{field}.texts.{locale}", question["kind"], texts)
        _check_choices(field, question)


def _check_locales(field: str, texts: Fields, locales: set[str]) -> None:
    if not texts:
        raise Malformed(f"{field}.texts", "a question needs a text in one locale at least.")
    for locale in texts:
        check_locale(locale, f"{field}.texts.{locale}")
    if missing := locales - set(texts):
        raise Malformed(f"{field}.texts", f"the text in '{min(missing)}' is missing; the score question has one.")
    if further := set(texts) - locales:
        raise Malformed(f"{field}.texts", f"the score question has no text in '{min(further)}'.")


def _check_texts(field: str, kind: str, texts: Fields) -> None:
    for name, kinds in {"low": SCALES, "high": SCALES, "choices": CHOICES, **dict.fromkeys(MOODS, ("text",))}.items():
        if texts.get(name) and kind not in kinds:
            raise Malformed(f"{field}.{name}", f"a question of kind '{kind}' has no '{name}'.")


def _check_choices(field: str, question: Fields) -> None:
    if question["kind"] not in CHOICES:
        return
    values = {locale: set(texts.get("choices") or {}) for locale, texts in question["texts"].items()}
    first = next(iter(values.values()))
    for locale, choices in values.items():
        if len(choices) < 2:
            raise Malformed(f"{field}.texts.{locale}.choices", "two choices at least are wanted.")
        if choices != first:
            raise Malformed(f"{field}.texts.{locale}.choices", "the same values are wanted in every locale.")
