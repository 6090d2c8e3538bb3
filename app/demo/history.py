"""The history of the demo: real answers that The Carpentries collected, brought in as any past answers are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app import clock
from app.demo import reasons
from app.storage.database import Database
from surveys.answering.imports.plan import prepare
from surveys.answering.imports.run import Result, Run
from surveys.answering.imports.wanted import Wanted

FOLDER = Path(__file__).parent / "carpentries"


@dataclass(frozen=True, slots=True)
class File:
    """One file, the survey its answers belong to, and how it is read."""

    name: str
    survey: str
    wanted: Wanted


# Only the training file says when each answer came; the days of the others are assumptions.
FILES = (
    File(
        "instructor_training_post.csv",
        "instructor-training",
        Wanted(
            "LikelyToRecommend",
            date_column="Date",
            touchpoint="instructor-training",
            segments={"WhenTaking": "when"},
        ),
    ),
    File(
        "carpentrycon_sessions_2020.csv",
        "conference",
        Wanted("nps", on=date(2020, 8, 31), touchpoint_column="session", segments={"country": None}),
    ),
    *(
        File(name, "workshop", Wanted(column, on=day, touchpoint="after-workshop", segments={country: "country"}))
        for name, column, day, country in (
            ("longterm_2017.csv", "Likely-To-Recommend", date(2017, 10, 1), "Country"),
            ("longterm_2020-03.csv", "recommendation_score", date(2020, 3, 31), "workshop_country"),
            ("longterm_2020-12.csv", "recommendation_score", date(2020, 12, 31), "workshop_country"),
        )
    ),
)


def bring(database: Database, organisation_id: int) -> Iterator[tuple[File, Result]]:
    """Import the files one by one, telling what came of each; what is there already stays as it is."""
    for file in FILES:
        with database.reading() as session:
            plan = prepare(session, organisation_id, file.survey, FOLDER / file.name, file.wanted, now=clock.now())
        run = Run(plan, clock.now(), stores=True)
        for chunk in run.chunks():
            with database.writing() as session:
                run.take(session, chunk)
        if file.survey == reasons.SURVEY:
            with database.writing() as session:
                reasons.bring(session, plan)
        yield file, run.result
