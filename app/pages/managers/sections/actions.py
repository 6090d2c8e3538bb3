"""Actions: what an analyst may do on a page, as a form with the call of the API beside it."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from analytics.counts.query import Query
from app.pages.managers.visits import Visit
from app.phrases.speech import Speech

KINDS = ("inspire", "involve", "inform", "instruct", "incentive")
BASELINE, INITIATIVE = "start", "first"


@dataclass(frozen=True, slots=True)
class Input:
    """One field: a text, a day, or a choice of `options`, each with its word."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Action:
    """A form: where it goes, what its button says, its inputs, the answers it is about, and the call that does it."""

    address: str
    button: str
    lead: str
    inputs: list[Input]
    query: str
    call: str


def freeze(visit: Visit, asked: Query) -> Action | None:
    """Freeze the answers of a query as a baseline; None for a person who may not."""
    if not visit.may_write:
        return None
    _ = visit.speech.gettext
    wanted = _parameters(asked)
    return Action(
        "/report/baseline", _("Freeze a baseline"),
        _("It keeps the figures of this page as they are now. From then on the report compares with them."),
        [Input("key", _("Name"), value=BASELINE), Input("note", _("Note"))], _encoded(wanted),
        f"PUT /api/v1/baselines/{BASELINE}\n" + json.dumps({"query": wanted, "note": ""}, ensure_ascii=False),
    )  # fmt: skip


def offer_start(visit: Visit, asked: Query) -> Action | None:
    """Enter an initiative for the answers of a query; None for a person who may not."""
    if not visit.may_write or visit.survey is None:
        return None
    _ = visit.speech.gettext
    scope = {name: value for name, value in _parameters(asked).items() if name not in ("from", "to")}
    body = {"name": "", "kind": KINDS[0], "scope": scope, "starts_on": ""}
    return Action(
        "/why/initiative", _("Enter an initiative"),
        _("Something you do to improve, for the answers of this page. Five weeks later this page says what changed."),
        [
            Input("name", _("What you do")), Input("kind", _("Kind"), "choice", KINDS[0], _kinds(visit.speech)),
            Input("starts_on", _("First day"), "date"),
        ],
        _encoded(scope), f"PUT /api/v1/initiatives/{INITIATIVE}\n" + json.dumps(body, ensure_ascii=False),
    )  # fmt: skip


def _kinds(speech: Speech) -> list[tuple[str, str]]:
    _ = speech.gettext
    words = (_("inspire"), _("involve"), _("inform"), _("instruct"), _("incentive"))
    return list(zip(KINDS, words, strict=True))


def _parameters(asked: Query) -> dict[str, list[str] | str]:
    left_out = ("confidence", "period", "window", "by")
    return {name: value for name, value in asked.as_parameters().items() if name not in left_out}


def _encoded(parameters: dict[str, list[str] | str]) -> str:
    return urlencode(parameters, doseq=True)
