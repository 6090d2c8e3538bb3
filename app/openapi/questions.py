"""The rules between a survey's questions, for the OpenAPI document: `surveys.questionnaire.questions` holds to them."""

from typing import Any

from surveys.questionnaire.questions import CHOICES, MOODS, SCALES

Schema = dict[str, Any]
ENDS = ("low", "high")
LEFT_OUT: Schema = {"enum": [None, ""]}
NO_CHOICES: Schema = {"anyOf": [{"type": "null"}, {"maxProperties": 0}]}
TWO_CHOICES: Schema = {"type": "object", "minProperties": 2}
FURTHER = ("text", "scale", *CHOICES)


def question() -> Schema:
    """Which words each kind of question has; what differs between languages is said by the refusal alone."""
    return {
        "anyOf": [
            _kind(SCALES, {**dict.fromkeys(MOODS, LEFT_OUT), "choices": NO_CHOICES}),
            _kind(("text",), {**dict.fromkeys(ENDS, LEFT_OUT), "choices": NO_CHOICES}),
            _kind(CHOICES, {**dict.fromkeys((*ENDS, *MOODS), LEFT_OUT), "choices": TWO_CHOICES}, "choices"),
        ]
    }


def survey() -> Schema:
    """The score is the first question, and the only one of its kind."""
    first, others = {"properties": {"kind": {"const": "score"}}}, {"properties": {"kind": {"enum": list(FURTHER)}}}
    return {"allOf": [{"properties": {"questions": {"prefixItems": [first], "items": others}}}]}


def _kind(kinds: tuple[str, ...], words: Schema, *required: str) -> Schema:
    texts = {"minProperties": 1, "additionalProperties": {"properties": words, "required": list(required)}}
    return {"properties": {"kind": {"enum": list(kinds)}, "texts": texts}}
