"""Who is who in a series: the people of all anonymous waves, told apart with the secret; the database alone cannot."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import pseudonyms, seals
from surveys.anonymity.merging import Place
from surveys.anonymity.pseudonyms import Participant
from surveys.anonymity.seals import Seal, Secrets
from surveys.anonymity.series import Series
from surveys.tables import Contact, Invitation, Wave
from surveys.tables.columns import core

_I, _CONTACT = core(Invitation).c, core(Contact).c
Identity = Hashable


def series(
    session: Session, wave: Wave, fine: Mapping[UUID, Place], answered: Sequence[Participant], secrets: Secrets
) -> list[Series]:
    """What a wave is compared with together: all that were released before; none where these are fewer than two.

    People count towards a floor where they did in the last wave they answered. Those who cannot be told apart for
    certain do not: whoever was erased, where waves had several secrets, and whose row is no invitation's any more.
    """
    own, recorded = seals.of(wave, secrets), pseudonyms.recorded(session, wave.organisation_id)
    released = sorted(
        pseudonyms.released(session, wave.organisation_id), key=lambda other: (other.closed_at, other.key)
    )
    seal_of = {
        other.key: seals.of(other, secrets) for other in released if other.key in recorded and other.key != wave.key
    }
    compared = {key: seal for key, seal in seal_of.items() if seal is not None}
    if own is None or len(compared) < 2:
        return []
    people = _People(session, own, compared, answered)
    unknown: set[Identity] = set()
    before = []
    for other in released:
        if other.key in compared:
            counted = {people.of(other.key, row.person): row for row in recorded[other.key]}
            unknown -= {person for person, row in counted.items() if row.known}
            unknown |= {person for person, row in counted.items() if not row.known}
            before.append((other.floor or 0, {person: row.cell_id for person, row in counted.items()}))
    now: dict[Any, Place] = {}
    for number, participant in enumerate(answered):
        person = people.answering(participant)
        twice = person in now  # erased and asked again in the same wave
        person = number if twice else person
        now[person] = fine[participant.cell_id]
        unknown.discard(person) if participant.known and not twice else unknown.add(person)
    return [Series(now, before, wave.floor or 0, unknown | people.uncertain, wave.key)]


class _People:
    """The people of some waves: by ref, or by what stands for it since they were erased."""

    def __init__(
        self, session: Session, own: Seal, seal_of: Mapping[str, Seal], answered: Sequence[Participant]
    ) -> None:
        asked = _asked(session, own.organisation_id, list(seal_of))
        refs = {row.ref for row in asked} | {participant.ref for participant in answered}
        of_secret = {seal.secret: seal for seal in (own, *seal_of.values())}
        self._own = own
        self._ref_of = {
            (secret, seal.former(ref)): ref for secret, seal in of_secret.items() for ref in refs if ref is not None
        }
        self._person: dict[tuple[str, UUID], Identity] = {}
        for row in asked:
            seal = seal_of[row.wave_key]
            former = row.former_id if row.ref is None else seal.former(row.ref)
            if former is not None:
                self._person[row.wave_key, seal.person(former)] = self._identity(seal, row.ref, former)
        self.uncertain: set[Identity] = set()
        erased = {person for person in self._person.values() if isinstance(person, tuple)}
        if any(secret != own.secret for secret, _ in erased):
            self.uncertain |= erased

    def of(self, wave_key: str, person: UUID) -> Identity:
        """Who stands in an earlier wave under a keyed hash."""
        if (wave_key, person) not in self._person:
            self._person[wave_key, person] = person
            self.uncertain.add(person)
        return self._person[wave_key, person]

    def answering(self, participant: Participant) -> Identity:
        """Who answered the wave that closes."""
        return self._identity(self._own, participant.ref, participant.former)

    def _identity(self, seal: Seal, ref: str | None, former: UUID | None) -> Identity:
        if ref is not None or former is None:
            return ref
        return self._ref_of.get((seal.secret, former), (seal.secret, former))


def _asked(session: Session, organisation_id: int, wave_keys: Collection[str]) -> Sequence[sa.Row[Any]]:
    """Who was asked in these waves: the wave, the ref, and what stands for it since they were erased."""
    ref = sa.func.coalesce(_CONTACT.first_ref, _CONTACT.ref)
    rows = sa.select(_I.wave_key, _I.former_id, ref.label("ref")).outerjoin(
        core(Contact), (_CONTACT.organisation_id == _I.organisation_id) & (_CONTACT.id == _I.contact_id)
    )
    mine = (_I.organisation_id == organisation_id, _I.wave_key.in_(wave_keys), _I.withheld_reason.is_(None))
    return session.execute(rows.where(*mine)).all()
