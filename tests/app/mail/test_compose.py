"""A mail is whole: what mail programs read of it, in every language, and nothing slipped in."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest

from app.languages import LANGUAGES, day_in_words, translator
from app.mail.compose import Ask, compose
from surveys.facts import Malformed
from surveys.questionnaire import library, wordings

ASK = Ask(
    organisation="Fjord Færger & Co",
    sender="Fjord Færger <ask@fjord.example>",
    base_url="https://ask.fjord.example",
    answer_token="a" * 48,
    unsubscribe_token="u" * 48,
    email="anna@example.org",
    name="Åsa <b>Öberg</b>",
    locale="en",
    question="How likely is it that you would recommend us?",
    touchpoint="Phone",
    expires_at=datetime(2026, 5, 14, 10, 0, tzinfo=UTC),
    message_id=f"<{'m' * 90}@ask.fjord.example>",
    time_zone="Europe/Copenhagen",
    now=datetime(2026, 4, 14, 10, 0, tzinfo=UTC),
)


def sent(ask: Ask) -> tuple[bytes, EmailMessage, str, str]:
    """The bytes as they travel, parsed back, with the plain text and the HTML."""
    raw = bytes(compose(ask))
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert html is not None
    return raw, parsed, plain.get_content().replace("\r\n", "\n"), html.get_content()


@pytest.mark.parametrize("reminder", [False, True])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_mail_is_whole_in_every_language(locale: str, reminder: bool) -> None:
    score = library.template("nps").questions[0]["texts"]
    told = wordings.word(score, [locale], organisation=ASK.organisation, touchpoint=None)
    ask = replace(ASK, locale=locale, question=told.text, low=told.low, high=told.high, reminder=reminder)
    raw, mail, plain, html = sent(ask)
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Content-Language"] == locale
    assert f'lang="{locale}"' in html
    assert re.findall(r'href="(https://ask\.fjord\.example/s/[^"]+)"', html) == [
        f"https://ask.fjord.example/s/{'a' * 48}?score={n}" for n in range(11)
    ]
    for text in (plain, html):
        assert f"https://ask.fjord.example/u/{'u' * 48}" in text
        assert "Phone" in text
        assert "2026" in text
        assert "12:00" in text or "12.00" in text
    assert f"https://ask.fjord.example/s/{'a' * 48}\n" in plain
    assert told.text in plain
    assert "Åsa <b>Öberg</b>" in plain
    assert "Åsa &lt;b&gt;Öberg&lt;/b&gt;" in "".join(
        chr(int(p[2:-1])) if p.startswith("&#") and p[2:-1].isdigit() else p for p in re.split(r"(&#\d+;)", html)
    )
    assert "<style" not in html
    assert 'style="' in html
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


@pytest.mark.parametrize("reminder", [False, True])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_mail_of_an_anonymous_survey_has_one_button_without_a_score(locale: str, reminder: bool) -> None:
    ask = replace(ASK, locale=locale, reminder=reminder, anonymous=True)
    _, _, plain, html = sent(ask)
    link = f"https://ask.fjord.example/s/{'a' * 48}"
    assert re.findall(r'href="(https://ask\.fjord\.example/s/[^"]+)"', html) == [link, f"{link}/about"]
    assert re.findall(r"https://ask\.fjord\.example/s/\S+", plain) == [link, f"{link}/about"]
    speak = translator(locale).gettext
    for text in (plain, unescape(html)):
        assert speak("This survey is anonymous.") in text
        assert speak("What is stored, and who can see it") in text
    assert speak("Open the survey") in unescape(html)
    assert speak("This survey is anonymous.") not in sent(replace(ask, anonymous=False))[2]
    assert "\n\n\n" not in plain


def test_headers_are_what_mail_programs_look_for() -> None:
    raw, mail, _, _ = sent(ASK)
    assert f"\r\nList-Unsubscribe: <https://ask.fjord.example/u/{'u' * 48}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert f"\r\nMessage-ID: {ASK.message_id}\r\n".encode() in raw
    assert mail["From"] == "Fjord Færger <ask@fjord.example>"
    assert mail["To"].addresses[0].display_name == "Åsa <b>Öberg</b>"
    assert mail["To"].addresses[0].addr_spec == "anna@example.org"
    assert mail["Subject"] == "One question from Fjord Færger & Co"
    assert mail["Date"].datetime == ASK.now
    assert mail["Auto-Submitted"] == "auto-generated"


def test_long_names_are_folded_into_words_that_parse_back() -> None:
    name = ("Ødegård 🚢 " * 20).strip()
    raw = sent(replace(ASK, organisation=name, name=name))[0]
    # The older parser: the newer one of some CPythons puts spaces between the words of a folded name.
    mail = message_from_bytes(raw)
    assert str(make_header(decode_header(mail["Subject"]))) == f"One question from {name}"
    assert str(make_header(decode_header(mail["To"]))) == f"{name} <anna@example.org>"
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?[^ ]+\?=", raw))


@pytest.mark.parametrize("bad", ["a\r\nBcc: all@example.org", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b", "a\x0cb"])
@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("name", "To"),
        ("email", "To"),
        ("sender", "From"),
        ("organisation", "Subject"),
        ("message_id", "Message-ID"),
        ("base_url", "List-Unsubscribe"),
    ],
)
def test_a_header_of_two_lines_is_refused_by_name(field: str, header: str, bad: str) -> None:
    changed: dict[str, Any] = {field: bad}
    with pytest.raises(Malformed) as refused:
        compose(replace(ASK, **changed))
    assert refused.value.field == header


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.org", "a b@example.org", "å@example.org", "a@b@c"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Malformed) as refused:
        compose(replace(ASK, email=email))
    assert refused.value.field == "To"


def test_a_domain_beyond_ascii_is_written_so_that_every_server_takes_it() -> None:
    assert sent(replace(ASK, email="anna@færger.example"))[1]["To"].addresses[0].domain == "xn--frger-sra.example"


def test_names_cannot_reach_into_the_page() -> None:
    evil = '"><script>alert(1)</script>{{ 7*7 }}%(name)s'
    ask = replace(ASK, organisation=evil, touchpoint=evil, question=evil, low=evil, high=evil, name=evil)
    html = sent(ask)[3]
    assert "<script" not in html
    assert "49" not in re.sub(r"#[0-9a-f]+|&#\d+;", "", html)


def test_one_letter_serves_many_people_and_mixes_none_up() -> None:
    one, two = (sent(replace(ASK, name=n, answer_token=n * 24, email=f"{n}@example.org")) for n in ("Al", "Bo"))
    assert "Al" * 24 in one[3]
    assert "Bo" * 24 not in one[3]
    assert "Bo" * 24 in two[2]
    assert "Hello Bo," in two[2]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_mail_counts_its_questions_and_says_how_long_they_take(locale: str) -> None:
    speak = translator(locale)
    for questions, minutes in ((1, 0), (3, 1), (12, 2)):
        _, mail, plain, html = sent(replace(ASK, locale=locale, question_count=questions, answer_minutes=minutes))
        number = speak.ngettext("It is one question.", "There are %(num)s questions.", questions)
        spent = speak.ngettext("It takes about a minute.", "It takes about %(num)s minutes.", minutes)
        effort = spent % {"num": minutes} if minutes else speak.gettext("It takes less than a minute.")
        for text in (plain, unescape(html)):
            assert f"{number % {'num': questions}} {effort}" in text
        assert (str(questions) in mail["Subject"]) == (questions > 1)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_link_that_ends_with_a_day_is_said_to_last_that_day(locale: str) -> None:
    midnight = datetime(2026, 12, 24, 23, 0, tzinfo=UTC)  # in Copenhagen
    _, _, plain, html = sent(replace(ASK, locale=locale, expires_at=midnight))
    until = translator(locale).gettext("You can answer until the end of %(day)s.")
    for text in (plain, unescape(html)):
        assert until % {"day": day_in_words(midnight - timedelta(hours=1), locale, "Europe/Copenhagen")} in text
        assert not re.search(r"\b0?0[:.]00\b|\b25\b", text)


@pytest.mark.parametrize(("locale", "greeting"), [("de", "Hallo,"), ("nl", "Hallo,"), ("da", "Hej")])
def test_a_mail_addresses_people_as_its_survey_does(locale: str, greeting: str) -> None:
    _, mail, plain, html = sent(replace(ASK, locale=locale, name=None, address="informal", question="?"))
    assert plain.startswith(f"{greeting}\n")
    assert not re.search(r"(?<!/)\b(?:Ihr\w*|Ihnen|uw?)\b", plain)
    assert f'lang="{locale}"' in html
    assert mail["Content-Language"] == locale


@pytest.mark.parametrize("reminder", [False, True])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_mail_names_the_touchpoint_once_above_the_question_as_the_page_does(locale: str, reminder: bool) -> None:
    score = library.template("nps-touchpoint").questions[0]["texts"]
    wording, above = wordings.word_score(score, [locale], organisation=ASK.organisation, touchpoint=ASK.touchpoint)
    assert above
    _, _, plain, html = sent(replace(ASK, locale=locale, question=wording.text, reminder=reminder))
    assert f"\n\nPhone\n{wording.text}\n\n" in plain
    cells = [" ".join(unescape(cell).split()) for cell in re.findall(r"<td[^>]*>([^<]*)</td>", html)]
    assert cells[cells.index(wording.text) - 1] == "Phone"
    for text in (plain, html):
        assert text.count("Phone") == 1
        assert "(Phone" not in text


def test_a_mail_without_a_touchpoint_has_nothing_above_the_question() -> None:
    _, _, plain, html = sent(replace(ASK, touchpoint=None))
    assert f"{ASK.question}\n" in plain
    assert "\n\n\n" not in plain
    assert "in contact with us" not in plain + html
    assert len(re.findall("<td", sent(ASK)[3])) == len(re.findall("<td", html)) + 1


@pytest.mark.parametrize(
    "name",
    ["Anna", "Berg, Anna", 'An "Ann" Berg', "back\\slash", "a (b) c", "a@b", "=?utf-8?q?x?=", "Å" * 120, "Ann  Berg",
     "Ødegård 🚢, Ann", "x" * 200, "Dr. A. Berg", "<b>", "日本語の名前"],
)  # fmt: skip
def test_every_name_comes_back_as_it_was(name: str) -> None:
    raw, mail, plain, _ = sent(replace(ASK, name=name))
    older = message_from_bytes(raw)
    assert str(make_header(decode_header(older["To"]))).endswith("<anna@example.org>")
    if name.isascii() and "=?" not in name:
        assert mail["To"].addresses[0].display_name == name
    else:
        assert str(make_header(decode_header(older["To"]))) == f"{name} <anna@example.org>"
    assert f"Hello {name},\n" in plain
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_name_cannot_end_a_part_of_the_mail() -> None:
    """Quoted-printable wraps lines, so that a name can come to stand at the start of one."""
    first = sent(ASK)[0]
    (mark,) = re.findall(rb'boundary="(\w+)"', first)
    evil = f"{'x' * 68}--{mark.decode()}--"
    raw, mail, plain, _ = sent(replace(ASK, name=evil))
    assert mark not in re.findall(rb'boundary="(\w+)"', raw)
    assert len(list(mail.walk())) == 3
    assert evil in plain
