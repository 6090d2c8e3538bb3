"""Real exports of other tools, and what an independent count found in them."""

from pathlib import Path
from typing import Protocol

from typer.testing import Result

DATA = Path(__file__).parents[1] / "data"
CARPENTRIES = Path(__file__).parents[2] / "app/demo/carpentries"
RECOMMEND_R = "How likely are you to recommend R to a colleague, friend, or family member?"
RECOMIENDES_R = "¿Qué tan probable es que recomiendes R a un colega, amiga/o o un familiar?"

# Scored, promoters, passives, detractors and NPS from an independent count; then what the rest of the rows are.
FILES = [
    (CARPENTRIES / "instructor_training_post.csv", ["LikelyToRecommend", "--date-column", "Date"],
     (889, 501, 317, 71, 48.369), 78),
    (CARPENTRIES / "carpentrycon_sessions_2020.csv",
     ["nps", "--on", "2020-09-01", "--touchpoint-column", "session", "--segment", "country"],
     (124, 84, 33, 7, 62.097), 0),
    (CARPENTRIES / "longterm_2017.csv", ["Likely-To-Recommend", "--on", "2017-10-01", "--segment", "Country=country"],
     (402, 215, 118, 69, 36.318), 74),
    (CARPENTRIES / "longterm_2020-03.csv", ["recommendation_score", "--on", "2020-03-31"],
     (134, 93, 32, 9, 62.687), 42),
    (CARPENTRIES / "longterm_2020-12.csv", ["recommendation_score", "--on", "2020-12-31"],
     (87, 49, 30, 8, 47.126), 0),
    (DATA / "sfo/sfo_2017.csv",
     ["NETPRO", "--on", "2017-05-15", "--touchpoint-column", "BAREA", "--segment", "LANG=language",
      "--blank-codes", "11"],
     (2746, 1436, 968, 342, 39.840), 85),
    (DATA / "r-community/2019_en.csv", [RECOMMEND_R, "--date-column", "Timestamp"],
     (1795, 1386, 351, 58, 73.983), 43),
    (DATA / "r-community/2019_es.csv", [RECOMIENDES_R, "--date-column", "Timestamp"],
     (331, 270, 46, 15, 77.039), 7),
]  # fmt: skip


class Command(Protocol):
    """`soundings import responses FILE --score-column SCORE-COLUMN ...`, as the fixture `command` runs it."""

    def __call__(self, file: Path, score_column: str, *rest: str) -> Result:
        """What came of it."""
