"""The library gives surveys that can be put as they are, worded in every language."""

import re

import pytest

from app.languages import LANGUAGES
from app.storage.database import Database
from surveys.facts import Unknown
from surveys.questionnaire import definitions, library
from surveys.questionnaire.wordings import word
from tests.factories import NOW, make_organisation


def test_the_templates_are_there_for_customers_and_staff() -> None:
    told = {t.key: (t.audience, t.mode) for t in library.templates()}
    assert told == {
        "nps": ("customers", "confidential"),
        "nps-touchpoint": ("customers", "confidential"),
        "enps": ("staff", "anonymous"),
    }
    with pytest.raises(Unknown):
        library.template("nps2")


@pytest.mark.parametrize("template", library.templates(), ids=lambda t: t.key)
def test_a_template_is_worded_in_every_language_with_the_same_names(template: library.Template) -> None:
    assert set(template.locales) == set(LANGUAGES)
    score, why = template.questions
    names = set(re.findall(r"{\w+}", score["texts"]["en"]["text"]))
    for locale in template.locales:
        assert set(re.findall(r"{\w+}", score["texts"][locale]["text"])) == names
        assert set(score["texts"][locale]) == {"text", "low", "high"}
        assert set(why["texts"][locale]) == {"text", "promoter", "passive", "detractor"}
        assert len(set(why["texts"][locale].values())) == 4
    assert len({score["texts"][locale]["text"] for locale in template.locales}) == len(LANGUAGES)


def test_a_template_can_be_put_as_it_is(database: Database) -> None:
    template = library.template("nps-touchpoint")
    facts = {
        "template": template.key, "name": template.name, "audience": template.audience, "mode": template.mode,
        "segments": [], "rest_days": 30, "edit_hours": 48, "expires_days": 30,
    }  # fmt: skip
    with database.writing() as session:
        organisation = make_organisation(session)
        definitions.put(session, organisation.id, "after", columns=facts, questions=template.questions, now=NOW)
    with database.reading() as session:
        score, _ = definitions.questions(session, organisation.id, "after")
        told = word(score.texts, ["fi-FI"], organisation="Fjord", touchpoint=None)
    assert told.locale == "fi"
    assert "(Fjord)" in told.text
    assert "{" not in told.text


def test_what_a_caller_does_to_a_template_stays_with_the_caller() -> None:
    library.template("nps").questions[0]["texts"].clear()
    assert library.template("nps").questions[0]["texts"]
