"""The document and the service refuse the same surveys: which words a kind of question has, and which is the first."""

from typing import Any

import jsonschema_rs

from app.settings import Settings
from app.storage.database import Database
from tests.app.api.service import DOCUMENT
from tests.app.client import ask, make_key
from tests.factories import make_organisation

SCORE = {"key": "score", "kind": "score", "texts": {"en": {"text": "How likely?"}}}
YES_NO = {"yes": "Yes", "no": "No"}


def asked(kind: str, **words: Any) -> dict[str, Any]:
    return {"key": "next", "kind": kind, "texts": {"en": {"text": "And?", **words}}}


CASES: list[tuple[list[dict[str, Any]], bool]] = [
    ([SCORE], True),
    ([], False),
    ([asked("text")], False),
    ([asked("text"), SCORE], False),
    ([SCORE, asked("score")], False),
    ([SCORE, asked("text", promoter="What was good?", low="")], True),
    ([SCORE, asked("text", low="Hard")], False),
    ([SCORE, asked("text", choices=YES_NO)], False),
    ([SCORE, asked("text", choices={})], True),
    ([SCORE, asked("scale", low="Hard", high="Easy")], True),
    ([SCORE, asked("scale", choices=YES_NO)], False),
    ([SCORE, asked("scale", passive="Why?")], False),
    ([SCORE, asked("choice", choices=YES_NO)], True),
    ([SCORE, asked("choices", choices=YES_NO)], True),
    ([SCORE, asked("choice")], False),
    ([SCORE, asked("choice", choices=None)], False),
    ([SCORE, asked("choice", choices={"yes": "Yes"})], False),
    ([SCORE, asked("choices", choices=YES_NO, high="Much")], False),
    ([SCORE, asked("text") | {"texts": {}}], False),
]


def test_the_document_and_the_service_take_the_same_questions(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        key = make_key(session, make_organisation(session).id)
    schema = {"$ref": "#/components/schemas/SurveyIn", "components": DOCUMENT["components"]}
    valid = jsonschema_rs.validator_for(schema)
    bodies = [{"name": "Round", "questions": questions} for questions, _ in CASES]
    replies = ask(settings, key, *(("PUT", f"/surveys/s{n}", body) for n, body in enumerate(bodies)))
    assert [valid.is_valid(body) for body in bodies] == [taken for _, taken in CASES]
    assert [reply.status_code for reply in replies] == [201 if taken else 422 for _, taken in CASES]
