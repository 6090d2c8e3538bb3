"""Every text of pages and mails is there in every language, and the right language is chosen."""

import re
import string
from datetime import UTC, datetime
from typing import Any

import pytest
from babel.messages import Catalog, pofile
from babel.messages.extract import extract_from_dir

from app import languages
from app.languages import FOLDER, LANGUAGES, accepted, negotiate, time_in_words
from surveys.questionnaire import library

FIGURES = {"Metric": (3,), "Certain": (3,)}
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2")]


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return pofile.read_po(file, locale=language)


@pytest.fixture(scope="module")
def texts() -> set[Any]:
    """What the templates and the code of the application say to people, and the meanings of its figures."""
    said = extract_from_dir(FOLDER.parent, METHODS)
    meant = extract_from_dir(FOLDER.parents[1] / "analytics" / "reports", METHODS, keywords=FIGURES)
    return {text for extracted in (said, meant) for _, _, text, _, _ in extracted}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_every_text_and_no_other(language: str, texts: set[Any]) -> None:
    assert len(texts) > 50
    there = catalogue(language)
    assert {message.id for message in there if message.id} == texts
    assert [m.id for m in there if m.id and m.fuzzy] == []
    assert not there.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_complete_and_keeps_its_placeholders(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        ids = tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)
        strings = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)
        assert len(ids) == len(strings), ids
        for original, text in zip(ids, strings, strict=True):
            assert text, original
            assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", original)), text
            assert text.count("%") == original.count("%"), text
            assert text[-1] in string.whitespace or (text[-1] == ":") == (original[-1] == ":"), text
        assert language == "en" or strings != ids or ids[0] in ("Send", "Interval"), f"{ids} is not translated"


# What careful readers struck out: wrong words, words of a dialect of our own, or two words for a thing.
STRUCK = {
    "da": "Frameld|frameldt|klarer det|udelad|bliver tallet til|Over hele tiden|med ingen virkning",
    "de": "Befragung|Befund|ausgelost|höhere Zahl|Ihre Zahl|liegt wohl|unsere Sache|hat am [^.]* geendet|"
    "macht die Arbeit|zu keiner Wirkung|hat als Erstes",
    "en": "by lot|less the share|as you give it|do not know this link|no more surveys\\?",
    "fi": "Peru tilaus|Tilauksesi|nimetön|pahassa|[Aa]rvotussa|hankkeella|verrattuna: |Missä olemme",
    "nb": "i det hele tatt|Hva skal til|et hint|blir tallet til|ikke et funn|Over hele tiden|med ingen virkning",
    "nl": "(?<![Uu]it)genodigd|gelot|het ware|; hij |niet verplicht|onderzoek|"
    "Over de hele tijd [^g]|bij geen effect|Gevraagd",
    "sv": "Välj en siffra|Ändra siffran|[Dd]in siffra|[Ss]iffran du|"
    "utan siffra|högre siffra|slumpad|sluta här|undersökning|Över hela tiden|med ingen effekt|jämfört med jämförelsen",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_readers_struck_out_do_not_come_back(language: str) -> None:
    translated = [message.string for message in catalogue(language) if message.id]
    worded = [question["texts"][language] for template in library.templates() for question in template.questions]
    assert re.findall(STRUCK[language], f"{translated} {worded}") == []


# Where texts for those who are asked stand; what managers read addresses them formally always.
TO_PEOPLE = ("languages.py", "mail/", "pages/respondents/")
# Words that address people formally; German "Sie" also means "it" at the head of a sentence.
FORMAL = {"de": r"\b(?:Ihnen|Ihr\w*)\b|\bSie\b(?! (?:kann|wird|ist)\b)", "nl": r"\b(?:[Uu]|[Uu]w)\b"}


@pytest.mark.parametrize("language", languages.INFORMAL)
def test_what_addresses_people_formally_has_an_informal_wording_and_keeps_its_placeholders(language: str) -> None:
    asked = {text for place, _, text, _, _ in extract_from_dir(FOLDER.parent, METHODS) if place.startswith(TO_PEOPLE)}
    there: dict[Any, Any] = {m.id: m.string for m in catalogue(language) if m.id in asked}
    informal = {message.id: message.string for message in catalogue(f"{language}@informal") if message.id}
    formal = {original for original, text in there.items() if re.search(FORMAL[language], str(text))}
    assert len(formal) > 40
    assert formal - set(informal) == set()
    assert set(informal) - set(there) == set()
    for original, text in informal.items():
        assert text != there[original], original
        assert not re.search(FORMAL[language], str(text)), text
        assert sorted(re.findall(r"%\(\w+\)s", str(text))) == sorted(re.findall(r"%\(\w+\)s", str(there[original])))


def test_a_variant_leaves_the_rest_to_its_language_and_exists_where_the_difference_is_known() -> None:
    assert languages.translator("de@informal").gettext("Send") == "Absenden"
    assert [languages.addressed(language, "informal") for language in ("de", "da", "nl")] == [
        "de@informal", "da", "nl@informal",
    ]  # fmt: skip
    assert languages.addressed("de", "formal") == languages.plain("de@informal") == "de"
    day = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert time_in_words(day, "de@informal", "UTC") == time_in_words(day, "de", "UTC")


@pytest.mark.parametrize("template", library.templates(), ids=lambda template: template.key)
@pytest.mark.parametrize("language", languages.INFORMAL)
def test_a_template_is_worded_for_both_addresses(language: str, template: library.Template) -> None:
    for address in ("formal", "informal"):
        for question in library.template(template.key, address).questions:
            texts = question["texts"][language]
            assert bool(re.search(FORMAL[language], str(texts))) == (address == "formal"), texts
            names = set(re.findall(r"{\w+}", texts["text"]))
            assert names == set(re.findall(r"{\w+}", question["texts"]["en"]["text"]))


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-AT"], "de"),
        (["nn", "sv"], "nb"),
        (["no"], "nb"),
        (["pt-BR", None, "sv_FI"], "sv"),
        (["xx", "", None], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_spoken_is_chosen(wanted: list[str | None], language: str) -> None:
    assert negotiate(*wanted) == language


def test_a_browser_is_heard_by_weight_and_nonsense_is_passed_over() -> None:
    assert accepted("fi;q=0.5, de-AT, *;q=0.1, x;q=z, da;q=0") == ["de-AT", "fi", "*"]
    assert accepted(None) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_in_words_in_the_zone_of_the_organisation(language: str) -> None:
    written = time_in_words(datetime(2026, 3, 31, 22, 30, tzinfo=UTC), language, "Europe/Copenhagen")
    assert "2026" in written
    assert re.search(r"\b1\b", written)
    assert re.search(r"\b0?0[:.]30\b", written)


def test_a_catalogue_is_read_once() -> None:
    assert languages.translator("fi") is languages.translator("fi")
