"""A kiosk is told from a telephone: only where one person comes after another does the page go on to the next."""

import pytest

from app.languages import LANGUAGES, translator
from app.settings import Settings
from app.storage.database import Database
from tests.app.pages.plain_http import FORM, call
from tests.app.pages.setting import open_page

FILLED = {"content": "submission_id=one&score=9&answers.ease=4", "headers": FORM}


def test_a_kiosk_returns_to_the_start_by_itself_and_a_telephone_does_not(
    settings: Settings, database: Database
) -> None:
    path, _ = open_page(database)
    posted, kiosk, phone, start = call(
        settings,
        ("POST", f"{path}?kiosk=1&lang=de", FILLED),
        ("GET", f"{path}?kiosk=1&lang=de&step=thanks", {}),
        ("GET", f"{path}?lang=de&step=thanks", {}),
        ("GET", f"{path}?kiosk=1&lang=de", {}),
    )
    assert (posted.status_code, posted.headers["location"]) == (303, "?lang=de&kiosk=1&step=thanks")
    assert '<meta http-equiv="refresh" content="20; url=?lang=de&amp;kiosk=1">' in kiosk.text
    assert 'href="?lang=da&amp;kiosk=1&amp;step=thanks"' in kiosk.text
    assert "refresh" not in phone.text + start.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_kiosk_leads_on_to_the_next_person(settings: Settings, database: Database, language: str) -> None:
    path, _ = open_page(database)
    kiosk, phone = call(
        settings,
        ("GET", f"{path}?kiosk=1&lang={language}&step=thanks", {}),
        ("GET", f"{path}?lang={language}&step=thanks", {}),
    )
    words = translator(language).gettext("Next person")
    assert f'<a class="next" href="?lang={language}&amp;kiosk=1">{words}</a>' in kiosk.text
    assert words not in phone.text
    assert translator(language).gettext("Your answer is saved.") in kiosk.text
    assert translator(language).gettext("Your answer is saved. You can close this page.") not in kiosk.text
    main = phone.text.partition("<main>")[2].partition("</main>")[0]
    assert "<a " not in main
    assert translator(language).gettext("Your answer is saved. You can close this page.") in main
