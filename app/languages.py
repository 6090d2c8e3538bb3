"""Languages of the pages and mails: which one to speak, its texts, and its dates."""

import gettext
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages import mofile, pofile
from babel.numbers import format_decimal, format_percent
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from surveys.organisation.organisations import zone

LANGUAGES = ("da", "de", "en", "fi", "nb", "nl", "sv")
FOLDER = Path(__file__).parent / "locales"
INFORMAL = ("de", "nl")  # languages with a catalogue of their own for people who are addressed informally
VARIANTS = (*LANGUAGES, *(f"{language}@informal" for language in INFORMAL))
SAME = {"no": "nb", "nn": "nb"}  # whoever reads Norwegian reads Bokmål
DATES = {"en": "en_GB"}  # the day comes first for the people we write to


def negotiate(*wanted: str | None) -> str:
    """The language of the first of `wanted` (BCP 47 tags, in order of weight) that the product speaks, else en."""
    for tag in wanted:
        if (language := spoken(tag)) is not None:
            return language
    return "en"


def spoken(tag: str | None) -> str | None:
    """The language of a BCP 47 tag, if it is one that the product speaks."""
    language = (tag or "").replace("_", "-").partition("-")[0].lower()
    language = SAME.get(language, language)
    return language if language in LANGUAGES else None


def accepted(header: str | None) -> list[str]:
    """The tags of an Accept-Language header (RFC 9110, 12.5.4), the best liked first."""
    weighed = []
    for part in filter(None, (header or "").split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        try:
            q = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if q > 0:
            weighed.append((-q, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda weight_and_tag: weight_and_tag[0])]


def addressed(language: str, address: str) -> str:
    """The variant of one of LANGUAGES in which people are addressed so: 'de@informal', or the language itself."""
    return f"{language}@informal" if address == "informal" and language in INFORMAL else language


def plain(variant: str) -> str:
    """The language of a variant, as a BCP 47 tag."""
    return variant.partition("@")[0]


@cache
def translator(variant: str) -> gettext.GNUTranslations:
    """The catalogue of a language or of its variant, which holds what differs and leaves the rest to the language.

    It is read from its .po once, so that no compiled file can be out of date.
    """
    with (FOLDER / variant / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=plain(variant))
    compiled = BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    if variant != plain(variant):
        translations.add_fallback(translator(plain(variant)))
    return translations


class _Compiled(BytecodeCache):
    """Templates as they were compiled, since all languages share them."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what there is."""
        if (code := self._code.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@cache
def environment(folder: Path, variant: str) -> Environment:
    """Templates of `folder` speaking a language or its variant; everything but .txt is escaped."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=lambda name: not (name or "").endswith(".txt"),  # noqa: S701 - plain text has nothing to escape
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_COMPILED,
    )
    made.install_gettext_translations(translator(variant), newstyle=True)  # type: ignore[attr-defined]
    made.globals["language"] = plain(variant)
    return made


@cache
def names() -> Sequence[tuple[str, str]]:
    """Each language with its own name for itself."""
    return [(tag, (Locale(tag).get_display_name(tag) or tag).capitalize()) for tag in LANGUAGES]


def _region(variant: str) -> str:
    """The locale whose dates and numbers a variant writes."""
    language = plain(variant)
    return DATES.get(language, language)


def day_in_words(instant: datetime, language: str, time_zone: str) -> str:
    """The calendar day of an instant in an IANA zone, such as '14 April 2026'."""
    return _day(instant.astimezone(zone(time_zone)).date(), language)


def time_in_words(instant: datetime, language: str, time_zone: str) -> str:
    """Day and time of an instant in an IANA zone, such as '14 April 2026 at 12:00'."""
    _ = translator(language).gettext
    local = instant.astimezone(zone(time_zone))
    return _("%(day)s at %(time)s") % {"day": _day(local.date(), language), "time": _time(local.time(), language)}


@lru_cache(maxsize=1024)
def _day(day: date, language: str) -> str:
    return format_date(day, "long", _region(language))


def _time(local: time, language: str) -> str:
    return _minute(local.replace(second=0, microsecond=0), language)


@lru_cache(maxsize=24 * 60)
def _minute(local: time, language: str) -> str:
    return format_time(local, "short", locale=_region(language))


def deadline(instant: datetime, language: str, time_zone: str) -> tuple[str, bool]:
    """The last day before an instant in words, and True, where that is the end of a day in the zone; else its time."""
    last = instant - timedelta(microseconds=1)
    if last.astimezone(zone(time_zone)).date() != instant.astimezone(zone(time_zone)).date():
        return day_in_words(last, language, time_zone), True
    return time_in_words(instant, language, time_zone), False


def number_in_words(value: float, language: str) -> str:
    """A whole number as the language writes it, such as '1,027' or '−5'."""
    # Some languages write a hyphen for a minus, which a line may break behind.
    return format_decimal(round(value), locale=_region(language)).replace("-", "\N{MINUS SIGN}")


def percent_in_words(percent: float, language: str) -> str:
    """A whole number of percent as the language writes it, such as '62%' or '62 %'."""
    return format_percent(round(percent) / 100, locale=_region(language))
