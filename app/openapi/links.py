"""The links of respondents and staff in the OpenAPI document: pages that no key opens, and what is posted to them."""

from typing import Any

from app.edge.problems import BY_STATUS, MEDIA
from surveys.answering.open_pages import SUBMISSION_ID

PAGE = {"text/html": {"schema": {"type": "string"}}}
PICTURE = {"image/svg+xml": {"schema": {"type": "string"}}}
FORM = "application/x-www-form-urlencoded"
# What a browser posts; the fields of further questions have names of their own.
FIELDS = {
    "score": {"type": "integer", "minimum": 0, "maximum": 10},
    "submission_id": {"type": "string", "pattern": f"^{SUBMISSION_ID.pattern}$"},
}
OVER = "A page that says why."
RECORDED = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {"recorded_at": {"type": "string", "format": "date-time", "description": "Left out of 201 "
                "where the survey is anonymous."}},
            "additionalProperties": False,
        },
        "example": {"recorded_at": "2026-04-14T10:00:00Z"},
    }
}  # fmt: skip
Operation = dict[str, Any]


def refused(status: int) -> dict[str, Any]:
    """An answer that says what was wrong, in the one shape of errors."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": BY_STATUS.get(status, ("", "Over"))[1], "content": content}


def paths() -> dict[str, dict[str, Operation]]:
    """Path, method and operation of each link."""
    return {
        "/s/{token}": {
            "get": _page("token", "survey_page", "The survey page", 404, 410),
            "post": _answer("token", "survey_page", "AnswerIn", "Corrected."),
        },
        "/s/{token}/about": {"get": _page("token", "about_page", "What becomes of an answer", 404, 410)},
        "/q/{code}": {
            "get": _page("code", "open_page", "The open page of a touchpoint", 404, 410),
            "post": _answer("code", "open_page", "OpenAnswerIn", "Stored before.", "submission_id"),
        },
        "/q/{code}/qr.svg": {"get": _picture()},
        "/r/{token}": {"get": _page("token", "results_page", "The results of a wave, as staff read them", 404, 410)},
        "/u/{token}": {
            "get": _page("token", "unsubscribe_page", "Ask whether mail is no longer wanted", 404),
            "post": _page("token", "unsubscribe", "Send no more mail, as mail programs ask in one click", 404, 503),
        },
    }


def _operation(parameter: str, name: str, summary: str, responses: dict[str, Any]) -> Operation:
    return {
        "tags": ["answer"],
        "summary": summary,
        "operationId": name,
        "security": [],
        "parameters": [{"name": parameter, "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": responses,
    }


def _page(parameter: str, name: str, summary: str, *over: int) -> Operation:
    pages = {str(status): {"description": OVER, "content": PAGE} for status in over}
    answers = {"200": {"description": "The page.", "content": PAGE}} | pages | {"429": _to_both(429)}
    return _operation(parameter, name, summary, answers)


def _picture() -> Operation:
    answers = {"200": {"description": "The QR code.", "content": PICTURE}}
    answers |= {str(status): refused(status) for status in (404, 410, 429)}
    return _operation("code", "open_page_qr", "The link of an open page as a QR code", answers)


def _to_both(status: int) -> dict[str, Any]:
    """A refusal: to a program as a problem, to a person as a page."""
    answer = refused(status)
    return answer | {"content": answer["content"] | PAGE}


def _answer(parameter: str, name: str, shape: str, again: str, *required: str) -> Operation:
    answers = {"201": {"description": "Recorded.", "content": RECORDED}}
    answers |= {"200": {"description": again, "content": RECORDED}}
    answers |= {"303": {"description": "To a form: where the next page is."}}
    answers |= {str(status): _to_both(status) for status in (404, 410, 413, 415, 422, 429, 503)}
    form = {"type": "object", "required": ["score", *required], "properties": FIELDS}
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}, FORM: {"schema": form}}
    summary = f"Answer on the {name.replace('_', ' ')}"
    operation = _operation(parameter, f"answer_{name}", summary, answers)
    return operation | {"requestBody": {"required": True, "content": body}}
