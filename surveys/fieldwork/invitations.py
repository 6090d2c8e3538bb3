"""Invitations: one link for one contact, sent or withheld for a recorded reason."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys import keys
from surveys.facts import Malformed, Refused, Unknown
from surveys.fieldwork import selection
from surveys.fieldwork.issuing import Load, Row
from surveys.fieldwork.selection import Choice
from surveys.fieldwork.withholding import Asking, Sample
from surveys.organisation import organisations, touchpoints
from surveys.organisation.organisations import day_of, end_of_day
from surveys.questionnaire import definitions
from surveys.responses import cells, tallies
from surveys.responses.cells import Slice, segments_of
from surveys.tables import Organisation, Touchpoint, Wave
from surveys.tables.asking import WITHHELD_REASONS

AHEAD = timedelta(days=366)
CELLS_KEPT = 50_000  # combinations of unit, locale and attributes remembered; attributes may differ per person


@dataclass(slots=True)
class Issued:
    """What issuing did. `ids` gives the invitation of each contact's ref, where links are handed out."""

    invited: int = 0
    withheld: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WITHHELD_REASONS, 0))
    ids: dict[str, UUID] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """What differs for one contact in an issuing: when mail is due, and attributes that go before their own."""

    send_at: datetime
    attributes: Mapping[str, Any]


def invite(
    session: Session,
    organisation_id: int,
    survey_key: str,
    *,
    contacts: Choice,
    now: datetime,
    touchpoint: str | None = None,
    wave: str | None = None,
    deliver: str = "email",
    send_at: datetime | None = None,
    sample: float | None = None,
    details: Mapping[str, Detail] | None = None,
    strict: bool = True,
) -> Issued:
    """Ask the contacts chosen; each gets exactly one invitation, to be sent or with the reason it is withheld.

    The first reason that holds is recorded: unsubscribed; bounced, no_address (both for e-mail only);
    already_invited (in the wave, or an open invitation to the same survey about the same touchpoint); resting
    (asked by any survey within this one's `rest_days`); sampled_out. `contacts` is as selection.choose reads it,
    "all" being those of the survey's audience; those without a unit count in the touchpoint's. Mail is due at `send_at`
    or now; a link works until the day that is `expires_days` later is over, and not beyond its wave. `details` gives by
    ref what differs for one contact. Raises Unknown for the survey, Refused for an archived one, or an
    anonymous one outside a wave, Malformed for anything else that is not there; without `strict`, refs that are gone
    are passed over.
    """
    organisations.take_turn(session, organisation_id)  # before the survey is read: it may be on its way to the archive
    survey = definitions.get_offered(session, organisation_id, survey_key)
    chosen = selection.choose(contacts)
    check(session, organisation_id, touchpoint, deliver=deliver, send_at=send_at, sample=sample)
    if send_at is not None and send_at > now + AHEAD:
        raise Malformed("send_at", f"mail can be planned for up to {AHEAD.days} days ahead.")
    if survey.mode == "anonymous" and wave is None:
        raise Refused(f"Survey '{survey_key}' is anonymous, and those are asked in waves only.")
    asking = Asking(survey, touchpoint, wave, deliver, now)
    due = max(send_at or now, now)
    issue = _Issue(session, asking, due, details or {})
    drawn = Sample(sample)
    for page in selection.pages(session, organisation_id, chosen, asking, strict=strict):
        issue.page(_sampled(page, drawn) if sample is not None else ((row, row.reason) for row in page))
    issue.count()
    return issue.issued


def check(
    session: Session,
    organisation_id: int,
    touchpoint: str | None,
    *,
    deliver: str = "email",
    send_at: datetime | None = None,
    sample: float | None = None,
) -> None:
    """Raise Malformed, naming the field, for what nobody could be invited with."""
    keys.check_offered(session, organisation_id, Touchpoint, "touchpoint", touchpoint)
    if deliver not in ("email", "link"):
        raise Malformed("deliver", "email or link is wanted.")
    if deliver == "link" and send_at is not None:
        raise Malformed("send_at", "links are handed out at once; only mail can wait.")
    if sample is not None and not 0 < sample <= 1:
        raise Malformed("sample", "a share above 0, up to 1, is wanted.")


def _expires_at(session: Session, asking: Asking, due: datetime) -> datetime:
    organisation = session.get_one(Organisation, asking.survey.organisation_id)
    expires_at = end_of_day(due + timedelta(days=asking.survey.expires_days), organisation.time_zone)
    if asking.wave is None:
        return expires_at
    wave = session.get(Wave, (asking.survey.organisation_id, asking.wave))
    if wave is None:
        raise Unknown("wave", asking.wave)
    return min(expires_at, wave.closes_at)


def _sampled(page: Sequence[sa.Row[Any]], sample: Sample) -> Iterator[tuple[sa.Row[Any], str | None]]:
    drawn = sample.draw(sum(row.reason is None for row in page))
    position = 0
    for row in page:
        if row.reason is not None:
            yield row, row.reason
            continue
        yield row, None if position in drawn else "sampled_out"
        position += 1


class _Issue:
    """One issuing under way: its cells, its counts, and what all its rows have in common."""

    def __init__(self, session: Session, asking: Asking, due: datetime, details: Mapping[str, Detail]) -> None:
        organisation = session.get_one(Organisation, asking.survey.organisation_id)
        self.session, self.asking, self.details = session, asking, details
        self.locale = organisation.locale
        self.invited_on = day_of(asking.now, organisation.time_zone)
        self.issued = Issued(expires_at=_expires_at(session, asking, due))
        self.cells: dict[tuple[str | None, str | None, str | None], UUID] = {}
        self.reasons: Counter[tuple[UUID, str | None]] = Counter()
        self.due = due
        units = touchpoints.units_of(session, asking.survey.organisation_id, [asking.touchpoint])
        self.unit = units.get(asking.touchpoint)

    def page(self, page: Iterable[tuple[Any, str | None]]) -> None:
        """Write one invitation per contact of a page."""
        fresh: list[Slice] = []
        common: list[Row] = []
        rows: dict[datetime, list[Row]] = {self.due: common}
        random, details = os.urandom, self.details
        hand_out = self.asking.deliver == "link"
        for row, reason in page:
            contact, ref, unit, locale, attributes, _ = row
            into = common
            if details and (own := details.get(ref)):
                attributes = self._overlaid(attributes, own.attributes)
                into = rows.setdefault(own.send_at, [])
            key = (unit or self.unit, locale, attributes)
            cell = self.cells.get(key) or self._cell(key, fresh)
            id_ = random(16)
            into.append((id_, contact, cell, reason))
            if hand_out and reason is None:
                self.issued.ids[ref] = UUID(bytes=id_)
        cells.ensure(self.session, self.asking.survey.organisation_id, fresh)
        for due, part in rows.items():
            self.reasons.update([(cell, reason) for _, _, cell, reason in part])
            self._load(due).write(part)

    def _load(self, due: datetime) -> Load:
        """What writes invitations that are due then."""
        asking = self.asking
        shared = {
            "organisation_id": asking.survey.organisation_id, "survey_key": asking.survey.key,
            "wave_key": asking.wave, "deliver": asking.deliver, "invited_on": self.invited_on,
            "created_at": asking.now, "expires_at": _expires_at(self.session, asking, due), "attempts": 0,
            "reminders_sent": 0, "anonymous": asking.survey.mode == "anonymous",
        }  # fmt: skip
        return Load(self.session, shared, due if asking.deliver == "email" else None)

    def count(self) -> None:
        """Add the links given out to the turnouts, and up what was not issued by its reason.

        A mail counts once it was handed over. The turnout of an anonymous wave is counted when it closes, in the cells
        that are released then.
        """
        organisation_id = self.asking.survey.organisation_id
        invited = {cell_id: n for (cell_id, reason), n in self.reasons.items() if reason is None}
        if self.asking.survey.mode == "confidential" and self.asking.deliver == "link":
            tallies.count_turnout(
                self.session, [(organisation_id, cell_id, self.invited_on, n, 0, 0) for cell_id, n in invited.items()]
            )
        self.issued.invited = sum(invited.values())
        for (_, reason), n in self.reasons.items():
            if reason is not None:
                self.issued.withheld[reason] += n

    def _overlaid(self, stored: str | None, attributes: Mapping[str, Any]) -> str | None:
        """A contact's attributes with `attributes` laid over them, as JSON; as stored where nobody asks for them."""
        if not self.asking.survey.segments:
            return stored
        return json.dumps({**json.loads(stored or "{}"), **attributes})

    def _cell(self, key: tuple[str | None, str | None, str | None], fresh: list[Slice]) -> UUID:
        unit, locale, attributes = key
        asking = self.asking
        if len(self.cells) > CELLS_KEPT:
            self.cells.clear()
        segments = segments_of(asking.survey.segments, json.loads(attributes or "{}"))
        made = Slice(asking.survey.key, asking.wave, asking.touchpoint, unit, segments=segments)
        if asking.survey.mode == "confidential":
            made = replace(made, channel=asking.deliver, locale=locale or self.locale)
        fresh.append(made)
        self.cells[key] = made.id
        return made.id
