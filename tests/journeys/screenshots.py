"""The pictures in the documents: the demo's report as it stands now, drawn anew by `make screenshots`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app.demo import folder as folders
from tests.app.served import chromium
from tests.journeys.newcomer import started

DOCS = Path(__file__).resolve().parents[2] / "docs"
LAST = "section[aria-labelledby=trend-h]"
WIDTH, MARGIN = 1200, 10


def main() -> int:
    """Draw docs/report.png: the report from its top to the trend, by day."""
    with TemporaryDirectory() as folder, started(Path(folder)) as said, chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, locale="en-GB", color_scheme="light")
        page.goto(said.partition("report      ")[2].split()[0])
        page.locator("#key").fill((Path(folder) / folders.OWNER_KEY).read_text(encoding="utf-8"))
        page.locator("main button").click()
        page.locator("#chart-distribution .main-svg").first.wait_for()
        end = page.locator(LAST).evaluate("e => e.getBoundingClientRect().bottom + window.scrollY")
        page.screenshot(
            path=DOCS / "report.png", full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": end + MARGIN}
        )
    sys.stdout.write(f"{DOCS / 'report.png'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
