"""Pseudonyms: who is who in two anonymous waves, told by keyed hashes of refs that the database alone cannot undo.

Otherwise whoever is erased and imported again would count as two people, and so hide somebody else who alone is
different.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from surveys.anonymity import seals, urn
from surveys.anonymity.seals import Seal, Secrets
from surveys.tables import Contact, Invitation, Wave, WaveParticipant, bulk
from surveys.tables.asking import of_wave
from surveys.tables.columns import core

PAGE = 5_000

_I, _W, _P, _CONTACT = (core(table).c for table in (Invitation, Wave, WaveParticipant, Contact))


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who answered a wave: their cell, their ref, or what stands for it since they were erased.

    Who is `known` counts towards floors and differences: known as the wave opened, and not erased while it was open.
    """

    cell_id: UUID
    ref: str | None
    former: UUID | None
    known: bool

    def under(self, seal: Seal, own: Seal) -> UUID | None:
        """The person under the seal of another wave, `own` being that of this wave; None where nobody can tell."""
        if self.ref is not None:
            return seal.person(seal.former(self.ref))
        return seal.person(self.former) if self.former is not None and seal.secret == own.secret else None


def answered(session: Session, wave: Wave, seal: Seal) -> list[Participant]:
    """Who answered an open wave: those whose ballot is in the urn."""
    ref = sa.func.coalesce(_CONTACT.first_ref, _CONTACT.ref)
    rows = session.execute(
        sa.select(_I.id, _I.cell_id, _I.former_id, _I.known, ref.label("ref"))
        .outerjoin(core(Contact), (_CONTACT.organisation_id == _I.organisation_id) & (_CONTACT.id == _I.contact_id))
        .where(*of_wave(_I, wave), _I.withheld_reason.is_(None))
    ).all()
    ballots = {(wave.organisation_id, seal.ballot(row.id)): row for row in rows}
    return [_participant(ballots[key]) for key in sorted(urn.holding(session, ballots))]


def _participant(row: sa.Row[tuple[object, ...]]) -> Participant:
    erased = row.ref is None
    return Participant(row.cell_id, row.ref, row.former_id if erased else None, known=row.known and not erased)


def record(
    session: Session, wave: Wave, seal: Seal, participants: Iterable[Participant], merged: Mapping[UUID, UUID]
) -> None:
    """Write down who answered a wave that is released, for later ones to be compared with it, and nothing else."""
    persons = {person: one for one in participants if (person := one.under(seal, seal)) is not None}
    rows = [
        {
            "organisation_id": wave.organisation_id,
            "wave_key": wave.key,
            "person": person,
            "cell_id": merged[persons[person].cell_id],
            "known": persons[person].known,
        }
        for person in sorted(persons)
    ]
    for start in range(0, len(rows), PAGE):
        bulk.insert(session, WaveParticipant, rows[start : start + PAGE])


def recorded(session: Session, organisation_id: int) -> Mapping[str, Sequence[sa.Row[tuple[UUID, UUID, bool]]]]:
    """Who answered each wave of an organisation that was released: person, cell and whether they count."""
    rows = session.execute(
        sa.select(_P.wave_key, _P.person, _P.cell_id, _P.known).where(_P.organisation_id == organisation_id)
    )
    waves: dict[str, list[sa.Row[tuple[UUID, UUID, bool]]]] = {}
    for row in rows:
        waves.setdefault(row.wave_key, []).append(row)
    return waves


def released(session: Session, organisation_id: int) -> list[Wave]:
    """The anonymous waves of an organisation that were released, by key."""
    rows = sa.select(Wave).where(_W.organisation_id == organisation_id, Wave.anonymous, _W.counted_on.is_not(None))
    return list(session.execute(rows.order_by(_W.key)).scalars())


def incomparable(session: Session, organisation_id: int, secrets: Secrets) -> list[str]:
    """The keys of released waves that none can be compared with: the secret is lost, or who answered was not kept."""
    kept = set(
        session.execute(sa.select(_P.wave_key).where(_P.organisation_id == organisation_id).distinct()).scalars()
    )
    waves = released(session, organisation_id)
    return [wave.key for wave in waves if wave.key not in kept or seals.of(wave, secrets) is None]


def keep_together(session: Session, contact: Contact, secrets: Secrets) -> None:
    """Let what stands for a contact who is about to be erased take their place in anonymous waves.

    It is kept for as long as those waves are; docs/anonymity.md says so.
    """
    own = (_I.organisation_id == contact.organisation_id, _I.contact_id == contact.id, _I.anonymous)
    asked = session.execute(sa.select(Wave).where(_W.organisation_id == contact.organisation_id, _W.key.in_(
        sa.select(_I.wave_key).where(*own)
    )).order_by(_W.key)).scalars()  # fmt: skip
    for wave in asked:
        if (seal := seals.of(wave, secrets)) is not None:
            session.execute(
                sa.update(core(Invitation))
                .where(*own, _I.wave_key == wave.key)
                .values(former_id=seal.former(contact.first_ref or contact.ref))
            )
