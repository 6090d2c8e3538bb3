"""People who were made up fill no floor: nine of them and one who is real, answered and erased, tell nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.storage.database import Database
from surveys.anonymity import participation, roll
from surveys.anonymity.roll import Roll
from surveys.contacts import erasure
from surveys.fieldwork import waves
from surveys.tables import AnonymousComment, AnonymousScore, Cell, Contact, Invitation, Survey, Wave
from tests.conftest import SECRETS
from tests.factories import NOW, make_organisation
from tests.surveys.staff import LASTS, Employee, cast, hire, make_enps, make_units, open_wave, team

WORDS = "My manager reads this"
TARGET = Employee("target")
INVENTED = [Employee(f"invented-{n}") for n in range(9)]
LOST = [b"another-secret-that-came-after-it-0123456789"]
YESTERDAY = NOW - timedelta(hours=20)


def setting(session: Session, staff: Sequence[Employee] = (), **columns: object) -> Survey:
    """An organisation that has known the target, and `staff`, for long, and nine invented since yesterday."""
    number = make_organisation(session).id
    hire(session, number, [TARGET, *staff])
    hire(session, number, INVENTED, since=YESTERDAY)
    return make_enps(session, number, scores="scores", **columns)


def switch_off(session: Session) -> None:
    """Undo the mending: whoever was asked counts as known, erased or not, as it was before."""
    (anybody,) = session.execute(sa.select(col(Contact.id)).where(col(Contact.ref) == "target")).one()
    session.execute(sa.update(Invitation).values(known=True))
    session.execute(sa.update(Invitation).where(col(Invitation.contact_id).is_(None)).values(contact_id=anybody))
    session.expire_all()


@pytest.mark.parametrize("mended", [True, False])
@pytest.mark.parametrize(("erased", "secrets"), [("while it is open", SECRETS), ("never", SECRETS), ("never", LOST)])
def test_nine_invented_people_leave_nothing_of_what_the_tenth_wrote(
    database: Database, erased: str, secrets: list[bytes], *, mended: bool
) -> None:
    """Where the secret is lost nobody can tell whose ballots these are: each unknown person may have put one in."""
    with database.writing() as session:
        invitations = open_wave(session, setting(session), "w1", [*INVENTED, TARGET])
        for one in INVENTED:
            cast(session, invitations[one.ref], 9)
        cast(session, invitations["target"], 0, WORDS)
        for one in INVENTED if erased == "while it is open" else []:
            erasure.erase(session, 1, one.ref, NOW, SECRETS)
        wave = waves.get(session, 1, "w1")
        shown = roll.of(session, wave)
        if not mended:
            switch_off(session)
        waves.close(session, 1, "w1", NOW + LASTS, secrets)
        words = session.execute(sa.select(col(AnonymousComment.comment))).scalars().all()
        scores = session.execute(sa.select(col(AnonymousScore.score))).scalars().all()
    assert shown == Roll(asked=10, known=1, added=9, erased=9 if erased == "while it is open" else 0)
    assert (words, sorted(scores)) == (([], []) if mended else ([WORDS], [0, *[9] * 9]))


def released(session: Session) -> tuple[dict[str | None, int], set[str | None]]:
    """How many scores each unit has, and the units that have comments."""
    joined = sa.select(col(Cell.unit_key), sa.func.count()).join(
        AnonymousScore, col(AnonymousScore.cell_id) == col(Cell.id)
    )
    words = sa.select(col(Cell.unit_key)).join(AnonymousComment, col(AnonymousComment.cell_id) == col(Cell.id))
    counts = session.execute(joined.group_by(col(Cell.unit_key)))
    return {row[0]: row[1] for row in counts}, set(session.execute(words).scalars())


@pytest.mark.parametrize("mended", [True, False])
def test_a_unit_of_one_and_nine_invented_is_counted_with_its_neighbours(database: Database, *, mended: bool) -> None:
    sales = [*team("sales", 12)]
    with database.writing() as session:
        number = make_organisation(session).id
        make_units(session, number, {"dept": None, "sales": "dept", "desk": "dept"})
        hire(session, number, [*sales, Employee("target", "desk")])
        hire(session, number, [Employee(one.ref, "desk") for one in INVENTED], since=YESTERDAY)
        everybody = [*sales, *INVENTED, TARGET]
        invitations = open_wave(session, make_enps(session, number), "w1", everybody)
        for one in everybody:
            cast(session, invitations[one.ref], 5, f"Words of {one.ref}")
        if not mended:
            switch_off(session)
        waves.close(session, 1, "w1", NOW + LASTS, SECRETS)
        scores, words = released(session)
    if mended:
        assert (scores, words) == ({"dept": 22}, {"dept"})
    else:
        assert (scores, words) == ({"sales": 12, "desk": 10}, {"sales", "desk"})


@pytest.mark.parametrize("mended", [True, False])
def test_comments_need_the_comment_floor_in_known_people(database: Database, *, mended: bool) -> None:
    """Seven known people are enough for a figure, and with five invented beside them not for their words."""
    staff = team(None, 7)
    with database.writing() as session:
        invitations = open_wave(session, setting(session, staff), "w1", [*staff, *INVENTED[:5]])
        for ref, invitation in invitations.items():
            cast(session, invitation, 3, f"Words of {ref}")
        if not mended:
            switch_off(session)
        waves.close(session, 1, "w1", NOW + LASTS, SECRETS)
        scores, words = released(session)
    assert (scores, bool(words)) == ({None: 12}, not mended)


@pytest.mark.parametrize("mended", [True, False])
def test_participation_of_nine_silent_invented_people_and_one_shows_nothing(
    database: Database, *, mended: bool
) -> None:
    with database.writing() as session:
        invitations = open_wave(session, setting(session), "w1", [*INVENTED, TARGET])
        wave = waves.get(session, 1, "w1")
        if not mended:
            switch_off(session)
            wave.participation = None
            participation.freeze(session, wave)
        cast(session, invitations["target"], 9)
        participation.count_due(session, NOW + timedelta(days=1))
        seen = [(group.invited, group.answered) for group in participation.participation(session, wave)]
    assert seen == ([] if mended else [(10, 1)])


def test_ten_known_people_are_shown_with_the_invented_among_them(database: Database) -> None:
    staff = team(None, 10)
    with database.writing() as session:
        invitations = open_wave(session, setting(session, staff), "w1", [*staff, *INVENTED])
        cast(session, invitations["invented-0"], 9)
        cast(session, invitations["nobody-0"], 9)
        participation.count_due(session, NOW + timedelta(days=1))
        wave = waves.get(session, 1, "w1")
        assert [(one.invited, one.answered) for one in participation.participation(session, wave)] == [(19, 2)]


@pytest.mark.parametrize(
    ("days", "ago", "again", "known"),
    [
        (14, timedelta(days=14), None, 1),
        (14, timedelta(days=14) - timedelta(seconds=1), None, 0),
        (0, timedelta(0), None, 1),
        (30, timedelta(days=14), None, 0),
        (14, timedelta(days=1), timedelta(days=30), 1),  # asked a month ago, erased and imported again
        (14, timedelta(days=1), timedelta(days=9), 0),
    ],
)
def test_known_is_who_was_a_contact_or_asked_so_many_days_before(
    database: Database, days: int, ago: timedelta, again: timedelta | None, known: int
) -> None:
    with database.writing() as session:
        number = make_organisation(session).id
        survey = make_enps(session, number, known_days=days)
        if again is not None:
            hire(session, number, [TARGET], since=NOW - again)
            open_wave(session, survey, "w0", [TARGET], NOW - again)
            erasure.erase(session, number, "target", NOW - timedelta(days=2), SECRETS)
        hire(session, number, [TARGET], since=NOW - ago)
        open_wave(session, survey, "w1", [TARGET])
        wave = waves.get(session, number, "w1")
        assert (wave.known_days, roll.of(session, wave)) == (days, Roll(1, known, int(ago < timedelta(days=1)), 0))


def test_what_the_survey_says_later_changes_nothing_for_a_wave_that_is_open(database: Database) -> None:
    with database.writing() as session:
        survey = setting(session)
        open_wave(session, survey, "w1", [*INVENTED, TARGET])
        survey.known_days = 0
        session.flush()
        wave = session.exec(select(Wave)).one()
        assert (wave.known_days, wave.known_count) == (14, 1)


def test_a_link_of_nobody_and_a_confidential_one_have_no_roll(database: Database, now: datetime) -> None:
    with database.writing() as session:
        survey = make_enps(session, make_organisation(session).id, mode="confidential", key="linked")
        hire(session, 1, [TARGET])
        invitation = open_wave(session, survey, "w1", [TARGET], now)["target"]
        assert roll.behind(session, 1, invitation.id) is None
        assert roll.behind(session, 1, uuid4()) is None
