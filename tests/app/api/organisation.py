"""An organisation with something in it for every list and report: customers who said why, and staff in two waves."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from culture import initiatives
from surveys.answering import open_pages
from surveys.fieldwork import interactions
from surveys.responses import cells, responses
from surveys.responses.cells import Slice
from surveys.responses.responses import Entry
from tests.factories import NOW, SCORE, WHY, make_contact, make_invitation, make_survey, make_touchpoint
from tests.surveys.results import make_results

START = date(2025, 11, 5)
PERSON = "anna@example.org"
WORDS = {2: "Waiting and waiting", 5: "Slow answers", 8: "It was fine", 10: "Kind people, quick answers"}


def scale(key: str) -> dict[str, Any]:
    """A further question on a scale."""
    return {"key": key, "kind": "scale", "required": False, "texts": {"en": {"text": f"How good is {key}?"}}}


def furnish(session: Session, waves: int = 2) -> int:
    """The number of a new organisation: all of it is there, but for baselines and what is published."""
    number, _ = make_results(session, waves=waves)
    survey = make_survey(session, number, segments=["plan"], questions=[SCORE, WHY, scale("ease"), scale("speed")])
    for touchpoint in ("support", "advice"):
        make_touchpoint(session, number, touchpoint, unit_key="ships")
    contact = make_contact(session, number, PERSON, attributes={"plan": "gold"}, unit_key="deck")
    make_invitation(session, survey, contact, touchpoint="support", sent_at=NOW)
    meeting: dict[str, Any] = {
        "contact": {"ref": PERSON},
        "touchpoint": "support",
        "occurred_at": NOW,
        "attributes": {"plan": "gold"},
    }
    interactions.record(session, number, [interactions.Item(row=1, id="case-1", **meeting)], NOW)
    open_pages.make(session, number, "support", survey="nps", unit="deck", now=NOW)
    places = [Slice("nps", touchpoint=name, unit="deck", channel="link", locale="en") for name in ("support", "advice")]
    cells.ensure(session, number, places)
    responses.store(session, [_answer(number, places[n % 2], n, contact.id) for n in range(240)], NOW)
    initiatives.put(
        session, number, "course", name="Listening course", kind="instruct", scope={"touchpoint": ["support"]},
        comparison={"touchpoint": ["advice"]}, starts_on=START + timedelta(days=70), ends_on=None,
    )  # fmt: skip
    return number


def _answer(number: int, place: Slice, n: int, contact: UUID) -> Entry:
    """The answer of one person: those who score high find all easy, and say so; the later, the more of them."""
    score = (2, 5, 8, 10)[(n * 7 + n // 60) % 4]
    day = START + timedelta(days=7 * (n // 12))
    given = {"ease": float(1 + score // 3), "speed": float(1 + (n * 3) % 5)}
    return Entry(
        number, uuid4(), "nps", place.id, day, score, datetime.combine(day, time(12), UTC), WORDS[score],
        contact if n == 0 else None, given,
    )  # fmt: skip
