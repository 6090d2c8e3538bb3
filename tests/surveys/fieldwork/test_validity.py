"""Whether an invitation may be answered or mailed is one rule, in Python and SQL, wherever it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col
from uuid_utils.compat import uuid7

from app.storage.database import Database
from surveys.anonymity import seals
from surveys.facts import Over
from surveys.fieldwork import admission, dispositions, outbox, validity, withholding
from surveys.fieldwork.validity import Rule
from surveys.fieldwork.withholding import Asking
from surveys.responses import cells
from surveys.responses.cells import Slice
from surveys.tables import Contact, Invitation, Wave
from surveys.tables.asking import WITHHELD_REASONS
from surveys.tables.columns import core
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation, make_survey

RULES = {name: rule for name, rule in vars(validity).items() if isinstance(rule, Rule)}
HOUR = timedelta(hours=1)
INSTANTS = st.sampled_from([NOW - HOUR, NOW, NOW + HOUR])
# Most often not so, or hardly an invitation would be left that may be answered.
OFTEN_NULL = st.sampled_from([None, None, None, None, None, NOW - HOUR, NOW, NOW + HOUR])
LATER = st.sampled_from([NOW - HOUR, NOW, NOW + HOUR, NOW + HOUR, NOW + HOUR])
INVITATION = {
    "withheld_reason": st.sampled_from([*[None] * 20, *WITHHELD_REASONS]),
    "withdrawn_at": OFTEN_NULL,
    "answered_at": OFTEN_NULL,
    "expires_at": LATER,
    "sent_at": OFTEN_NULL,
    "failed_at": OFTEN_NULL,
    "deliver": st.sampled_from(["email", "link"]),
    "created_at": INSTANTS,
}
WAVE = {"closes_at": LATER, "closed_at": OFTEN_NULL, "floor": st.sampled_from([None, 5])}
CONTACT = {
    "email": st.sampled_from([None, "ada@example.org"]),
    "unsubscribed_at": OFTEN_NULL,
    "bounced_at": OFTEN_NULL,
    "readdressed_at": OFTEN_NULL,
}
CASES = st.lists(
    st.fixed_dictionaries(
        {
            "invitation": st.fixed_dictionaries(INVITATION),
            "wave": st.none() | st.fixed_dictionaries(WAVE),
            "contact": st.none() | st.fixed_dictionaries(CONTACT) | st.fixed_dictionaries(CONTACT),
        }
    ),
    min_size=20,
    max_size=40,
)
Case = dict[str, Any]
# A database a test, and its rows a case: what each case stored is rolled back.
examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def asked(database: Database) -> Database:
    """A database with an organisation and a survey without days of rest."""
    with database.writing() as session:
        make_survey(session, make_organisation(session).id, rest_days=0)
        cells.ensure(session, 1, [Slice("nps")])
    return database


@contextmanager
def stored(database: Database, cases: list[Case]) -> Iterator[Session]:
    """The cases as rows, each with its own wave and contact, until the block ends."""
    with Session(database.writer) as session:
        for n, case in enumerate(cases):
            wave, contact = case["wave"], case["contact"]
            common: dict[str, Any] = {"organisation_id": 1, "survey_key": "nps"}
            own: dict[str, Any]
            if wave is not None:
                own = {"opens_at": NOW - 3 * HOUR, "contacts": {}, "reminders_after_days": []}
                check = seals.check_of(SECRETS[0], 1, f"w{n}")
                session.add(Wave(key=f"w{n}", secret_check=check, **common, **own, **wave))
            contact_id = None
            if contact is not None:
                contact_id = uuid7()
                own = {"audience": "customers", "attributes": {}, "created_at": NOW, "updated_at": NOW}
                session.add(Contact(organisation_id=1, id=contact_id, ref=str(n), **own, **contact))
            session.flush()
            own = {"invited_on": NOW.date(), "send_at": NOW, "cell_id": Slice("nps").id, "contact_id": contact_id}
            wave_key = f"w{n}" if wave is not None else None
            session.add(Invitation(id=uuid4(), wave_key=wave_key, **common, **own, **case["invitation"]))
        session.flush()
        yield session


def joined(session: Session) -> list[Any]:
    """Every invitation with its wave and contact, and what each rule's SQL says of it under the rule's name."""
    i, w, c = core(Invitation), core(Wave), core(Contact)
    contact = ("email", "unsubscribed_at", "bounced_at", "readdressed_at")
    of_invitation = (column for column in i.c if column.name != "anonymous")
    columns = [*of_invitation, w.c.closes_at, w.c.closed_at, Wave.anonymous.expression.label("anonymous")]
    statement = (
        sa.select(*columns, *(c.c[name] for name in contact), *(r.sql(NOW).label(name) for name, r in RULES.items()))
        .select_from(i)
        .outerjoin(w, (w.c.organisation_id == i.c.organisation_id) & (w.c.key == i.c.wave_key))
        .outerjoin(c, (c.c.organisation_id == i.c.organisation_id) & (c.c.id == i.c.contact_id))
    )
    return list(session.execute(statement))


def where(rule: Rule, rows: list[Any]) -> set[UUID]:
    """The invitations of which a rule holds in Python."""
    return {row.id for row in rows if rule(row, NOW)}


@examples
@given(cases=CASES)
def test_each_rule_says_the_same_in_python_and_in_sql(asked: Database, cases: list[Case]) -> None:
    with stored(asked, cases) as session:
        rows = joined(session)
    in_python = [{name: rule(row, NOW) for name, rule in RULES.items()} for row in rows]
    assert in_python == [{name: getattr(row, name) for name in RULES} for row in rows]


@examples
@given(cases=CASES)
def test_whoever_is_admitted_and_mailed_is_whom_the_rules_name(asked: Database, cases: list[Case]) -> None:
    with stored(asked, cases) as session:
        rows = joined(session)
        admitted = set()
        for (_, id_), invitation in admission.lock(session, [(1, row.id) for row in rows]).items():
            try:
                admission.admit(invitation, None, NOW)
                admitted.add(id_)
            except Over:
                pass
        mailed = {mail.invitation_id for mail in outbox.claim(session, NOW, SECRETS) or []}
    assert admitted == where(validity.ANSWERABLE, rows)
    assert mailed == where(validity.MAILABLE, rows)


@examples
@given(cases=CASES)
def test_whoever_is_expired_and_not_asked_again_is_whom_the_rules_name(asked: Database, cases: list[Case]) -> None:
    with stored(asked, cases) as session:
        survey = make_survey(session, 1, rest_days=0)
        rows = joined(session)
        listed = dispositions.listed(session, 1, now=NOW, limit=99)
        asking = Asking(survey, None, None, "link", NOW)
        kept = session.execute(sa.select(col(Contact.id), withholding.reason(asking))).all()
    expired = {item["id"] for item in listed if item["state"] == "expired"}
    settled = validity.WITHHELD | validity.ANSWERED | (validity.FAILED & ~(validity.ANONYMOUS & validity.SENT))
    assert expired == where(validity.LAPSED & ~settled, rows)
    invited = {row.contact_id for row in rows if (validity.REACHES & validity.OPEN & ~validity.UNSUBSCRIBED)(row, NOW)}
    assert {contact for contact, reason in kept if reason == "already_invited"} == invited - {None}


def test_a_wave_is_anonymous_from_when_it_opens_in_python_and_in_sql(asked: Database) -> None:
    cases = [{"wave": {"closes_at": NOW, "floor": floor}} for floor in (None, 5)]
    rest = {"invitation": {"expires_at": NOW, "deliver": "email", "created_at": NOW}, "contact": None}
    with stored(asked, [case | rest for case in cases]) as session:
        waves = list(session.execute(sa.select(Wave).order_by(col(Wave.key))).scalars())
        named = list(session.execute(sa.select(col(Wave.key)).where(Wave.anonymous)).scalars())
        assert [wave.anonymous for wave in waves] == [False, True]
        assert named == ["w1"]
