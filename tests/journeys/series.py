"""A series of anonymous waves played through the real closing, and what a thief of the database can read of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.anonymity import seals
from surveys.answering.answers import Submission, answer
from surveys.fieldwork import waves
from surveys.responses import tallies
from surveys.tables import Cell, Contact, Invitation, Survey, Tally, Wave, WaveParticipant
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.journeys.solving import Counted
from tests.surveys.staff import Employee, hire, make_enps, make_units, open_wave

DAYS = timedelta(days=8)
SCORES = range(11)
OFTEN = (4, 2, 3, 4, 5, 10, 10, 18, 20, 12, 12)  # how often each score is somebody's


@dataclass(frozen=True)
class Habit:
    """How people behave: which share is asked and answers, each wave anew, and which draws another score."""

    asked: float = 1
    answering: float = 0.75
    redrawing: float = 0


@dataclass(frozen=True)
class Played:
    """What was played: the organisation, each person's own score, and how many waves were released."""

    organisation_id: int
    scores: dict[str, int]
    released: int


def play(database: Database, staff: int, units: int, rounds: int, *, habit: Habit, seed: int) -> Played:
    """Hold so many waves in an organisation of its own; the same each time."""
    chance = random.Random(seed)
    people = [Employee(f"p{n:03}", f"u{n % units}" if units > 1 else None) for n in range(staff)]
    scores = {one.ref: _drawn(chance) for one in people}
    with database.writing() as session:
        number = session.execute(sa.text("SELECT count(*) FROM organisation")).scalar_one()
        organisation_id = make_organisation(session, f"series-{number}").id
        make_units(session, organisation_id, {f"u{n}": None for n in range(units)})
        hire(session, organisation_id, people)
        survey = make_enps(session, organisation_id, scores="scores")
    released = 0
    for n in range(rounds):
        asked = chance.sample(people, round(habit.asked * staff))
        answering = {
            one.ref: _drawn(chance) if chance.random() < habit.redrawing else scores[one.ref]
            for one in asked
            if chance.random() < habit.answering
        }
        with database.writing() as session:
            released += _held(session, survey, n, asked, answering)
    return Played(organisation_id, scores, released)


def _held(session: Session, survey: Survey, number: int, asked: list[Employee], answering: dict[str, int]) -> bool:
    key, now = f"w{number:02}", NOW + number * DAYS
    invitations = open_wave(session, survey, key, asked, now)
    submissions = [
        Submission(survey.organisation_id, invitations[ref].id, score) for ref, score in sorted(answering.items())
    ]
    answer(session, submissions, now, SECRETS)
    closed = waves.close(session, survey.organisation_id, key, now + DAYS - timedelta(days=1), SECRETS)
    return closed.counted_on is not None


def _drawn(chance: random.Random) -> int:
    return chance.choices(SCORES, OFTEN)[0]


def stolen(database: Database, organisation_id: int, *, secret: bool) -> Iterator[Counted]:
    """Every released cell as the database tells of it: who was asked, the counts, and with the secret who answered.

    Without it the rows of `wave_participant` add nothing: each is of one wave, and says no more than its cell's sum.
    """
    with database.reading() as session:
        asked = _asked(session, organisation_id)
        present = _present(session, organisation_id)
        persons = [person for _, person in present]
        assert len(persons) == len(set(persons)), "somebody can be followed from wave to wave"
        counts = _counts(session, organisation_id)
        for (wave_key, cell_id), refs in sorted(asked.items()):
            if cell_id in counts:
                wave = session.get_one(Wave, (organisation_id, wave_key))
                yield Counted(refs, counts[cell_id], _answered(wave, refs, present) if secret else None)


def _asked(session: Session, organisation_id: int) -> dict[tuple[str, UUID], set[str]]:
    i, c, contact = Invitation, Cell, Contact
    rows = session.execute(
        sa.select(col(i.wave_key), col(c.merged_into), col(contact.ref))
        .join_from(i, c, (col(c.organisation_id) == col(i.organisation_id)) & (col(c.id) == col(i.cell_id)))
        .join(
            contact,
            (col(contact.organisation_id) == col(i.organisation_id)) & (col(contact.id) == col(i.contact_id)),
        )
        .where(col(i.organisation_id) == organisation_id, col(c.merged_into).is_not(None))
    )
    asked: dict[tuple[str, UUID], set[str]] = {}
    for wave_key, cell_id, ref in rows:
        asked.setdefault((wave_key, cell_id), set()).add(ref)
    return asked


def _counts(session: Session, organisation_id: int) -> dict[UUID, list[int]]:
    columns = [col(getattr(Tally, name)) for name in tallies.COLUMNS]
    rows = session.execute(sa.select(col(Tally.cell_id), *columns).where(col(Tally.organisation_id) == organisation_id))
    return {row[0]: list(row[1:]) for row in rows}


def _present(session: Session, organisation_id: int) -> set[tuple[str, UUID]]:
    rows = select(WaveParticipant).where(col(WaveParticipant.organisation_id) == organisation_id)
    return {(row.wave_key, row.person) for row in session.exec(rows)}


def _answered(wave: Wave, refs: set[str], present: set[tuple[str, UUID]]) -> set[str]:
    seal = seals.of(wave, SECRETS)
    assert seal is not None
    return {ref for ref in refs if (wave.key, seal.person(seal.former(ref))) in present}
