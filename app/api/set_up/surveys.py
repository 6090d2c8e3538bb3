"""Surveys and the templates they are made from."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app.api.conventions.edge import Anyone, Now, Owner, Reading, Writing
from app.api.conventions.fields import Flag, Key, Name, Whole
from app.api.conventions.lists import FORMATS, Archived, Listed, Page, by_key
from app.api.conventions.routes import Router
from app.feeds.formats import Format, answer, wanted
from surveys.facts import Malformed, Unknown
from surveys.fieldwork import archive
from surveys.questionnaire import definitions, library, questions
from surveys.tables import Survey

router = Router(tags=["set up"])
Audience = Literal["customers", "staff"]
Mode = Literal["confidential", "anonymous"]
Address = Literal["formal", "informal"]
Scores = Literal["groups", "scores"]


class Texts(BaseModel):
    """The words of a question in one language."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=1_000)
    low: str | None = Field(None, max_length=200, description="The lower end of a scale.")
    high: str | None = Field(None, max_length=200, description="The upper end of a scale.")
    choices: dict[str, str] | None = Field(None, max_length=50, description="Value to label.")
    promoter: str | None = Field(None, max_length=1_000, description="Wording for those who gave 9 or 10.")
    passive: str | None = Field(None, max_length=1_000, description="Wording for those who gave 7 or 8.")
    detractor: str | None = Field(None, max_length=1_000, description="Wording for those who gave 0 to 6.")


class QuestionIn(BaseModel):
    """One question; the first of a survey is the score."""

    model_config = ConfigDict(extra="forbid")
    key: Key
    kind: Literal["score", "text", "scale", "choice", "choices"]
    required: Flag = False
    texts: dict[str, Texts]


class SurveyIn(BaseModel):
    """What is asked, of whom, and how long a link lives."""

    model_config = ConfigDict(extra="forbid")
    template: str = Field("nps", description="Key of a template of the library.")
    name: Name
    audience: Audience | None = Field(None, description="The template's where left out.")
    mode: Mode | None = Field(None, description="The template's where left out.")
    address: Address | None = Field(
        None,
        description="How pages, mails and questions of the library address people in German (Sie, du) and Dutch "
        "(u, je). Where left out: informal for staff, formal for customers.",
    )
    questions: list[QuestionIn] | None = Field(
        None, min_length=1, max_length=50, description="The template's where left out. The first is the score."
    )
    segments: list[str] = Field(
        default_factory=list, max_length=20, description="Contact attributes that reports may slice by."
    )
    rest_days: Whole = Field(30, ge=0, le=3650)
    edit_hours: Whole = Field(48, ge=0, le=8760)
    expires_days: Whole = Field(30, ge=1, le=3650)
    floor: Whole = Field(5, ge=3, le=50, description="Fewest responses of a cell that an anonymous survey releases.")
    comment_floor: Whole = Field(
        10, ge=10, le=200,
        description="Fewest responses of a cell whose comments an anonymous survey releases.",
    )  # fmt: skip
    known_days: Whole = Field(
        14, ge=0, le=365,
        description="Days before an anonymous wave opens since when people have to be known to count for its floors. "
        "The page about the answers tells staff.",
    )  # fmt: skip
    always_release_total: Flag = Field(
        False,
        description="Whether an anonymous wave is released even where its total differs from an earlier wave's by "
        "fewer people than the floor. The page about the answers tells staff.",
    )  # fmt: skip
    scores: Scores | None = Field(
        None,
        description="What an anonymous survey keeps of a score when a wave closes: scores, or groups (whether it is a "
        "promoter, passive or detractor). Where left out: groups for waves of fewer than 100 asked, else scores.",
    )


class SurveyOut(BaseModel):
    """A survey as stored."""

    key: str
    template: str
    name: str
    audience: Audience
    mode: Mode
    address: Address
    segments: list[str]
    rest_days: int
    edit_hours: int
    expires_days: int
    floor: int
    comment_floor: int
    known_days: int
    always_release_total: bool
    scores: Scores | None = None
    created_at: datetime
    archived_at: datetime | None = None
    questions: list[QuestionIn]


class TemplateOut(BaseModel):
    """A survey ready to be used."""

    key: str
    name: str
    audience: Audience
    mode: Mode
    address: Address
    locales: list[str]
    questions: list[QuestionIn]


def shown(session: Session, survey: Survey) -> dict[str, Any]:
    """A survey as the API gives it, with the questions asked at present."""
    asked = definitions.questions(session, survey.organisation_id, survey.key)
    return survey.model_dump(exclude={"organisation_id", "version"}) | {
        "questions": [{"key": q.key, "kind": q.kind, "required": q.required, "texts": q.texts} for q in asked]
    }


def _template(key: str, address: str | None) -> library.Template:
    try:
        return library.template(key, address)
    except Unknown as unknown:
        raise Malformed("template", str(unknown)) from None


@router.get("/survey-templates", response_model=Listed[TemplateOut], responses=FORMATS)
def list_templates(request: Request, _caller: Anyone, _format: Annotated[Format, Depends(wanted)]) -> Response:
    """The library of templates."""
    items = [{name: getattr(t, name) for name in TemplateOut.model_fields} for t in library.templates()]
    return answer(request, items, name="survey-templates", envelope={"next": None})


@router.get("/surveys", response_model=Listed[SurveyOut], responses=FORMATS)
def list_surveys(
    request: Request, caller: Anyone, session: Reading, page: Page, *, archived: Archived = False
) -> Response:
    """The surveys in use, or those in the archive, by key."""
    rows, after = by_key(session, Survey, caller.organisation_id, page, archived=archived)
    return answer(request, [shown(session, survey) for survey in rows], name="surveys", envelope={"next": after})


@router.get("/surveys/{key}", response_model=SurveyOut, response_model_exclude_none=True)
def get_survey(key: str, caller: Anyone, session: Reading) -> Any:
    """One survey."""
    return shown(session, definitions.get(session, caller.organisation_id, key))


@router.put("/surveys/{key}", response_model=SurveyOut, response_model_exclude_none=True)
def put_survey(key: str, body: SurveyIn, response: Response, *, caller: Owner, session: Writing, now: Now) -> Any:
    """Make or change a survey. Questions left out are no longer asked; their answers stay."""
    template = _template(body.template, body.address or (library.ADDRESSES[body.audience] if body.audience else None))
    fields = body.model_dump(exclude={"questions", "audience", "mode", "address"})
    fields |= {"audience": body.audience or template.audience, "mode": body.mode or template.mode}
    fields["address"] = template.address
    asked = template.questions
    if body.questions is not None:
        asked = [q.model_dump(exclude_none=True) for q in body.questions]
        questions.check(asked)
    survey, made = definitions.put(session, caller.organisation_id, key, columns=fields, questions=asked, now=now)
    response.status_code = 201 if made else 200
    return shown(session, survey)


@router.delete("/surveys/{key}", status_code=204)
def archive_survey(key: str, caller: Owner, session: Writing, now: Now) -> None:
    """Ask a survey no longer; it is reported as before. A PUT brings it back."""
    archive.archive_survey(session, caller.organisation_id, key, now)
