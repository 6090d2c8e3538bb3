"""An attacker with every key and any number of waves works nothing out about fewer than k people."""

import asyncio
import os
import random
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, col

from app.settings import Settings
from app.storage.database import Database
from surveys.fieldwork import waves
from surveys.tables import Cell, Contact, Invitation, Survey, Wave
from surveys.tables.columns import core
from tests.app.client import client, make_key
from tests.conftest import SECRET, SECRETS
from tests.factories import NOW, make_organisation
from tests.journeys import attack
from tests.surveys.staff import Employee, cast, hire, make_enps, make_units, open_wave

ORGANISATIONS = int(os.environ.get("ATTACK_ORGANISATIONS", "4"))
SURVEYS = ("enps", "pulse")
SITES = ("north", "south")
MOST_UNITS, MOST_STAFF, MOST_WAVES = 6, 70, 4
FLOOR = 5


class Twins(RuleBasedStateMachine):
    """Two organisations alike in all but one thing: in the second, people of one cell have swapped their scores.

    If any figure told them apart, that figure would know more than the sums of cells. So everything is asked of both,
    by every role and in every format, and has to be the same.
    """

    def __init__(self, database: Database, settings: Settings, *, merging: bool) -> None:
        super().__init__()
        self.database, self.merging = database, merging
        self.settings = settings.model_copy(update={"worker": False})
        self.parents: dict[str, str | None] = {}
        self.staff: dict[str, Employee] = {}
        self.mind: dict[str, int] = {}
        self.released: list[list[attack.Cell]] = []
        self.waves: list[str] = []
        self.hired = 0

    @initialize(seed=st.integers(0, 2**32), units=st.integers(2, MOST_UNITS))
    def found(self, seed: int, units: int) -> None:
        self.random = chance = random.Random(seed)
        with self.database.writing() as session:
            number = session.execute(sa.text("SELECT count(*) FROM organisation")).scalar_one()
            made = [make_organisation(session, f"twin-{number + n}") for n in range(2)]
            self.organisations = [organisation.id for organisation in made]
            for organisation in self.organisations:
                for survey in SURVEYS:
                    make_enps(session, organisation, key=survey, segments=["site", "age"], floor=FLOOR)
        for unit in range(units):
            self.add_unit(None if unit == 0 else chance.choice([None, 0, unit - 1]))
            self.take_on(unit, chance.randint(2, 14), chance.choice([None, *SITES]))

    @precondition(lambda self: len(self.parents) < MOST_UNITS)
    @rule(below=st.none() | st.integers(0, MOST_UNITS))
    def add_unit(self, below: int | None) -> None:
        known = sorted(self.parents)
        self.parents[f"u{len(known)}"] = known[below % len(known)] if known and below is not None else None

    @rule(unit=st.none() | st.integers(0, MOST_UNITS), count=st.integers(1, 12), site=st.sampled_from([None, *SITES]))
    def take_on(self, unit: int | None, count: int, site: str | None) -> None:
        for _ in range(min(count, MOST_STAFF - len(self.staff))):
            ref = f"p{self.hired:03}"
            self.hired += 1
            self.staff[ref] = Employee(ref, self._unit(unit), {"site": site} if site else {})
            self.mind[ref] = self.random.randint(0, 10)

    @precondition(lambda self: self.staff)
    @rule(count=st.integers(1, 3))
    def leave(self, count: int) -> None:
        for ref in self.random.sample(sorted(self.staff), min(count, len(self.staff))):
            del self.staff[ref]

    @precondition(lambda self: self.staff)
    @rule(count=st.integers(1, 3), unit=st.none() | st.integers(0, MOST_UNITS))
    def move(self, count: int, unit: int | None) -> None:
        for ref in self.random.sample(sorted(self.staff), min(count, len(self.staff))):
            self.staff[ref] = Employee(ref, self._unit(unit), self.staff[ref].attributes)

    @precondition(lambda self: len(self.parents) > 1)
    @rule(unit=st.integers(1, MOST_UNITS), below=st.integers(0, MOST_UNITS))
    def reorganise(self, unit: int, below: int) -> None:
        moved = sorted(self.parents)[unit % len(self.parents)]
        parent: str | None = sorted(self.parents)[below % len(self.parents)]
        above = parent
        while above is not None and above != moved:
            above = self.parents[above]
        self.parents[moved] = None if above == moved else parent

    @precondition(lambda self: len(self.staff) >= FLOOR and len(self.waves) < MOST_WAVES)
    @rule(rate=st.sampled_from([0.6, 0.9, 1.0]), survey=st.sampled_from(SURVEYS))
    def hold_wave(self, rate: float, survey: str) -> None:
        key, now = f"w{len(self.waves)}", NOW + timedelta(days=8 * len(self.waves))
        answering = [ref for ref in sorted(self.staff) if self.random.random() < rate]
        scores = {ref: self.mind[ref] for ref in answering}
        first, second = self.organisations
        cells = self._wave((first, survey), key, scores, now)
        assert self._wave((second, survey), key, self._swapped(scores, cells), now) == cells, (
            "merging looked at the scores"
        )
        self.waves.append(key)
        if cells:
            self.released.append(list(cells))
        assert attack.isolated(self.released, FLOOR) == []

    def teardown(self) -> None:
        if self.waves and self.merging:
            self._attack()

    def _unit(self, number: int | None) -> str | None:
        return None if number is None else sorted(self.parents)[number % len(self.parents)]

    def _wave(self, asked: tuple[int, str], key: str, scores: dict[str, int], now: datetime) -> set[attack.Cell]:
        """Hold one wave of a survey and give its cells, as who was counted in each."""
        organisation_id = asked[0]
        with self.database.writing() as session:
            make_units(session, organisation_id, dict.fromkeys(self.parents))
            make_units(session, organisation_id, self.parents)
            hire(session, organisation_id, list(self.staff.values()))
            survey = session.get_one(Survey, asked)
            invitations = open_wave(session, survey, key, list(self.staff.values()), now)
            if not self.merging:
                session.get_one(Wave, (organisation_id, key)).floor = 1
                session.flush()
            for ref, score in scores.items():
                cast(session, invitations[ref], score, f"words of {ref}", now)
            wave = waves.close(session, organisation_id, key, now + timedelta(days=7), SECRETS)
            return _cells(session, organisation_id, key, scores) if wave.counted_on else set()

    def _swapped(self, scores: dict[str, int], cells: set[attack.Cell]) -> dict[str, int]:
        swapped = dict(scores)
        for cell in sorted(cells, key=sorted):
            given = [scores[ref] for ref in sorted(cell)]
            self.random.shuffle(given)
            swapped |= dict(zip(sorted(cell), given, strict=True))
        return swapped if cells else dict.fromkeys(scores, 0)

    def _attack(self) -> None:
        manages = sorted(self.parents)[0]
        asked = {role: list(attack.paths(sorted(self.parents), SITES, self.waves, role)) for role in attack.ROLES}
        keys = []
        with self.database.writing() as session:
            for number in self.organisations:
                units = {role: manages if role == "manager" else None for role in attack.ROLES}
                keys.append({role: make_key(session, number, role, unit) for role, unit in units.items()})

        async def pull() -> list[dict[str, object]]:
            async with client(self.settings) as http:
                return [await attack.pull(http, own, asked) | await attack.look(http, own, self.waves) for own in keys]

        first, second = asyncio.run(pull())
        assert [(asked, first[asked], second[asked]) for asked in first if first[asked] != second[asked]] == []


def _cells(session: Session, organisation_id: int, key: str, answered: Collection[str]) -> set[attack.Cell]:
    i = core(Invitation).c
    rows = session.execute(
        sa.select(col(Contact.ref), col(Cell.merged_into))
        .join_from(Contact, Invitation, (i.organisation_id == Contact.organisation_id) & (i.contact_id == Contact.id))
        .join(Cell, (col(Cell.organisation_id) == i.organisation_id) & (col(Cell.id) == i.cell_id))
        .where(i.organisation_id == organisation_id, i.wave_key == key, col(Contact.ref).in_(answered))
    )
    cells = defaultdict(set)
    for ref, cell in rows:
        cells[cell].add(ref)
    return {frozenset(people) for people in cells.values()}


@pytest.fixture(name="service")
def service_settings(database_url: str) -> Settings:
    """Settings of the service; the name `settings` is Hypothesis's here."""
    return Settings(database_url=database_url, secret=SECRET, base_url="http://soundings.test")


def play(database: Database, given: Settings, *, merging: bool) -> None:
    often = settings(
        max_examples=ORGANISATIONS,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(
        lambda: Twins(database, given, merging=merging),  # type: ignore[arg-type] # it takes any factory, as documented
        settings=often,
    )


def test_nothing_is_worked_out_about_fewer_than_k(database: Database, service: Settings) -> None:
    play(database, service, merging=True)


def test_without_merging_the_attacker_finds_single_people(database: Database, service: Settings) -> None:
    with pytest.raises(AssertionError, match="a cell of "):
        play(database, service, merging=False)
