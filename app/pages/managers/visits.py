"""Visits: who opens a page, in which language, about which survey, and which answers they ask for."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session

from analytics.counts import query
from analytics.counts.query import COMMON, SEGMENT, Query
from app import languages
from app.access.keys import Caller
from app.phrases.speech import Speech
from surveys.facts import Malformed
from surveys.organisation import organisations, units
from surveys.questionnaire import definitions
from surveys.tables import Organisation, Survey

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at one page. `survey` is the one asked for, or the oldest; None where there is none.

    `parameters` are those of the address that have a value, but for the survey's.
    """

    caller: Caller
    organisation: Organisation
    speech: Speech
    surveys: list[Survey]
    wanted: list[str]
    survey: Survey | None
    parameters: Pairs
    unit_name: str | None

    @property
    def key(self) -> str | None:
        """The key of the survey."""
        return self.survey.key if self.survey else None

    @property
    def mode(self) -> str:
        """confidential or anonymous."""
        return self.survey.mode if self.survey else "confidential"

    @property
    def figure(self) -> str:
        """What the figure is called."""
        return "eNPS" if self.survey and self.survey.audience == "staff" else "NPS"

    @property
    def may_write(self) -> bool:
        """Whether a baseline or an initiative may be made by this person."""
        return self.caller.role in ("owner", "analyst")

    def values(self, name: str) -> list[str]:
        """The values of a parameter."""
        return [value for key, value in self.parameters if key == name]

    def single(self, name: str) -> str | None:
        """The value of a parameter that may stand once. Raises Malformed where it stands twice."""
        values = self.values(name)
        if len(values) > 1:
            raise Malformed(name, "only one is possible here.")
        return values[0] if values else None

    def filters(self, *apart: str) -> Pairs:
        """The parameters that filter answers or set days, as a report's query takes them, but for those named."""
        return [pair for pair in self.parameters if pair[0] not in apart]

    def asked(self, session: Session, *apart: str, own: tuple[str, ...] = (), refused: tuple[str, ...] = ()) -> Query:
        """The query of this visit without the parameters `apart`, which the page reads itself.

        `own` are further parameters that the page takes, `refused` common ones that it does not. Raises Malformed
        naming the parameter, and OutsideUnit.
        """
        if len(self.wanted) > 1:
            raise Malformed("survey", "a page shows one survey at a time.")
        pairs = self.filters(*apart)
        for name, _ in pairs:
            if name in ("by", *refused):
                raise Malformed(name, "this page does not take it.")
        surveys = [("survey", key) for key in self.wanted or filter(None, [self.key])]
        return query.parse(
            session, self.caller.organisation_id, [*surveys, *pairs], within=self.caller.unit_key, own=own
        )

    def address(self, path: str, *names: str) -> str:
        """A page about the same survey, with the filters that every page takes and the parameters named."""
        survey = [("survey", self.key)] if self.key else []
        kept = [pair for pair in self.parameters if pair[0] in (*COMMON, *names) or pair[0].startswith(SEGMENT)]
        return f"{path}?{urlencode([*survey, *kept])}".rstrip("?")


def arrive(request: Request, session: Session, caller: Caller, pairs: Pairs | None = None) -> Visit:
    """The visit of whoever is signed in, with the parameters of the address or else these."""
    organisation = organisations.get(session, caller.organisation_id)
    surveys = definitions.listed(session, organisation.id)
    sent = request.query_params.multi_items() if pairs is None else pairs
    parameters = [(name, value.strip()) for name, value in sent if value.strip()]
    wanted = [value for name, value in parameters if name == "survey"]
    survey = next((each for each in surveys if each.key in wanted), None if wanted else next(iter(surveys), None))
    own = caller.unit_key
    return Visit(
        caller, organisation, Speech(language(request, organisation)), surveys, wanted, survey,
        [pair for pair in parameters if pair[0] != "survey"],
        units.get(session, organisation.id, own).name if own else None,
    )  # fmt: skip


def language(request: Request, organisation: Organisation | None) -> str:
    """The language of the browser, else of the organisation."""
    browser = languages.accepted(request.headers.get("accept-language"))
    return languages.negotiate(*browser, organisation.locale if organisation else None)
