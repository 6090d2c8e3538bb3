"""Whatever happens in whatever order, tallies equal a recount of responses, and turnouts one of invitations."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from sqlmodel import select

from app.storage.database import Database
from surveys.answering import answers
from surveys.answering.answers import Recorded, Submission
from surveys.contacts import erasure
from surveys.fieldwork import outbox
from surveys.responses import cells, responses, tallies
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry, response_id
from surveys.tables import Invitation, MonthTurnout, Response, Turnout
from tests.conftest import SECRETS
from tests.factories import NOW, make_contact, make_invitation, make_organisation, make_survey, make_touchpoint

SCORES = st.integers(0, 10)
TOUCHPOINTS = st.sampled_from([None, "phone", "reception"])
HOURS = st.integers(0, 40 * 24)  # reaches over several months, beyond the edit window and the links' last day
ORGANISATION = 1
EMPTIED = (
    "answer", "response", "invitation", "tally", "month_tally", "turnout", "month_turnout", "cell",
    "contact", "question", "survey", "touchpoint", "organisation",
)  # fmt: skip


class Life(RuleBasedStateMachine):
    """Answers, corrections, imports and erasures against one organisation, beside a plain model of them."""

    people = Bundle("people")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.now = NOW
        self.expected: dict[UUID, int] = {}
        self.owner: dict[UUID, str] = {}
        with database.writing() as session:
            for table in EMPTIED:
                session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own tables
            make_organisation(session)
            self.survey = make_survey(session, ORGANISATION, rest_days=0)
            for key in ("phone", "reception"):
                make_touchpoint(session, ORGANISATION, key)

    @rule(target=people, touchpoint=TOUCHPOINTS, locale=st.sampled_from(["da", "en"]))
    def invite(self, touchpoint: str | None, locale: str) -> tuple[str, UUID]:
        with self.database.writing() as session:
            contact = make_contact(session, ORGANISATION, locale=locale)
            invitation = make_invitation(session, self.survey, contact, touchpoint=touchpoint, created_at=self.now)
        return contact.ref, invitation.id

    @rule(taken=st.booleans())
    def mail(self, taken: bool) -> None:
        """Every mail that is due is handed over, or refused for good."""
        with self.database.writing() as session:
            due = outbox.claim(session, self.now, SECRETS) or []
            if taken:
                outbox.record_sent(session, [(each, self.now) for each in due])
            for each in () if taken else due:
                outbox.record_refused(session, each, "550 no such user", self.now, permanent=True)

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(person=people, score=SCORES, comment=st.sampled_from([None, "Quick", "Slow"]))
    def answer(self, person: tuple[str, UUID], score: int, comment: str | None) -> None:
        ref, invitation = person
        with self.database.writing() as session:
            given = [Submission(ORGANISATION, invitation, score, {"comment": comment})]
            (outcome,) = answers.answer(session, given, self.now, SECRETS)
        if isinstance(outcome, Recorded):
            id_ = response_id("nps", "invitation", invitation.hex)
            assert outcome.corrected == (id_ in self.expected)
            self.expected[id_] = score
            self.owner[id_] = ref

    @rule(rows=st.lists(st.tuples(st.integers(0, 20), SCORES, TOUCHPOINTS, st.integers(0, 90)), max_size=8))
    def bring_in(self, rows: list[tuple[int, int, str | None, int]]) -> None:
        slices = [Slice("nps", touchpoint=touchpoint, channel="import") for _, _, touchpoint, _ in rows]
        entries = [
            Entry(
                ORGANISATION, response_id("nps", "import", str(number)), "nps", where.id,
                (NOW - timedelta(days=days)).date(), score, NOW - timedelta(days=days),
            )
            for (number, score, _, days), where in zip(rows, slices, strict=True)
        ]  # fmt: skip
        with self.database.writing() as session:
            cells.ensure(session, ORGANISATION, slices)
            stored = responses.store_missing(session, entries, self.now)
        fresh = {e.id: e.score for e in reversed(entries) if e.id not in self.expected}
        assert stored == len(fresh)
        self.expected |= fresh

    @rule(person=consumes(people), keep=st.booleans())
    def erase(self, person: tuple[str, UUID], keep: bool) -> None:
        ref, _ = person
        with self.database.writing() as session:
            erasure.erase(session, ORGANISATION, ref, self.now, SECRETS, keep_responses=keep)
        if not keep:
            self.expected = {id_: s for id_, s in self.expected.items() if self.owner.get(id_) != ref}

    @rule(tear=st.sampled_from(["tally", "month_tally"]))
    def tear_and_repair(self, tear: str) -> None:
        with self.database.writing() as session:
            session.execute(sa.text(f"UPDATE {tear} SET s9 = s9 + 1"))  # noqa: S608 - one of two names above
            tallies.repair(session, ORGANISATION)

    @invariant()
    def every_count_is_a_recount(self) -> None:
        with self.database.reading() as session:
            assert {r.id: r.score for r in session.exec(select(Response))} == self.expected
            assert tallies.check(session, ORGANISATION) == []
            issued = session.exec(select(Invitation)).all()
            invited = [i for i in issued if i.withheld_reason is None and (i.sent_at or i.failed_at or i.answered_at)]
            asked = (len(invited), len([i for i in issued if i.answered_at]))
            for table in (Turnout, MonthTurnout):
                counted = session.execute(
                    sa.select(
                        sa.func.coalesce(sa.func.sum(table.invited), 0),
                        sa.func.coalesce(sa.func.sum(table.answered), 0),
                    )
                ).one()
                assert tuple(counted) == asked


def test_tallies_equal_a_recount_after_any_sequence(database: Database) -> None:
    run_state_machine_as_test(
        lambda: Life(database),  # type: ignore[arg-type] # Hypothesis takes any factory, and declares classes only
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
