"""Speech: one language with its texts, its numbers and its lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal

from app import languages
from app.languages import DATES

MINUS = "\N{MINUS SIGN}"
NO_VALUE = "–"


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said in one of LANGUAGES. Numbers are written as the language writes them, with a true minus sign."""

    language: str

    def gettext(self, message: str, /, **values: Any) -> str:
        """A text of the catalogue with these values in the places of their names."""
        text = languages.translator(self.language).gettext(message)
        return text % values if values else text

    def ngettext(self, singular: str, plural: str, number: int, /, **values: Any) -> str:
        """The same for a number of things; %(num)s is the number."""
        text = languages.translator(self.language).ngettext(singular, plural, number)
        return text % (values | {"num": self.number(number)})

    def number(self, value: float) -> str:
        """A whole number, such as '1,027'."""
        return languages.number_in_words(value, self.language)

    def decimal(self, value: float | None, decimals: int = 1) -> str:
        """A number with so many decimals, such as '−5.3'; a dash where there is none."""
        if value is None:
            return NO_VALUE
        digits = "#,##0." + "0" * decimals if decimals else "#,##0"
        # Adding zero turns a rounded -0.0 into 0.0.
        rounded = round(value, decimals) + 0.0
        return format_decimal(rounded, digits, locale=DATES.get(self.language, self.language)).replace("-", MINUS)

    def points(self, value: float | None) -> str:
        """Points with one decimal."""
        return self.decimal(value)

    def change(self, value: float | None) -> str:
        """Points of a change, with their sign."""
        return ("+" if value is not None and round(value, 1) > 0 else "") + self.points(value)

    def sentence(self, text: str) -> str:
        """A text as a sentence begins, where what comes first is a name, such as that of a month."""
        return text[:1].upper() + text[1:]

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row, such as 'Bridge, Deck and Engine'."""
        return format_list(list(names), locale=DATES.get(self.language, self.language))


ENGLISH = Speech("en")
