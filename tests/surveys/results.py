"""Waves of an anonymous survey with results to look at: small teams, teams that agree, and a wave after the other."""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from surveys.tables import Survey
from tests.factories import NOW, make_organisation
from tests.surveys.staff import Employee, hire, hold_wave, make_enps, make_units, team

# Bridge and deck are teams of the ships, desk one of the shore.
PARENTS: Mapping[str, str | None] = {
    "ships": None, "bridge": "ships", "deck": "ships", "engine": "ships", "shore": None, "desk": "shore",
}  # fmt: skip
MIXED = (10, 9, 8, 7, 3)
QUARTER = timedelta(days=91)


def crew() -> list[Employee]:
    """Three on the bridge, seventeen on deck, twenty at the engine and twelve at the desk."""
    return [
        *team("bridge", 3, watch="day"), *team("deck", 17, watch="day"), *team("engine", 20, watch="night"),
        *team("desk", 12, watch="office"),
    ]  # fmt: skip


def scores(staff: list[Employee], alike: str = "desk", score: int = 10) -> dict[str, int]:
    """Scores of all kinds, but for one unit in which all give the same."""
    return {one.ref: score if one.unit == alike else MIXED[n % len(MIXED)] for n, one in enumerate(staff)}


def make_results(session: Session, key: str = "fjord", waves: int = 1, **facts: object) -> tuple[int, Survey]:
    """An organisation whose crew answered so many waves, `w1` and on, a quarter apart.

    Of the ships, bridge and deck are counted together; all at the desk are promoters.
    """
    number = make_organisation(session, key).id
    make_units(session, number, PARENTS)
    survey = make_enps(session, number, **{"segments": ["watch"], **facts})
    staff = crew()
    comments = {one.ref: f"Words of {one.ref}" for one in staff if one.ref.endswith("-1")}
    for n in range(waves):
        hire(session, number, staff)
        hold_wave(session, survey, f"w{n + 1}", staff, scores(staff), now=NOW + n * QUARTER, comments=comments)
    return number, survey
