"""Tokens: the words of a comment, in whatever script it is written."""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

INSIDE = "'’-‐·"  # within a word, and not at its ends
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA")


def words(text: str) -> set[str]:
    """The different words of a text: letters with their marks and digits, casefolded, composed (NFC).

    Chinese and Japanese put no spaces between words; there each pair of neighbouring signs is taken for one.
    """
    words_used: set[str] = set()
    for run in _runs(unicodedata.normalize("NFC", text.casefold())):
        if any(map(_unspaced, run)):
            words_used.update(_pairs(run))
        elif any(map(str.isalpha, run)):
            words_used.add(run.replace("’", "'"))
    return words_used


def _runs(text: str) -> Iterator[str]:
    """Stretches of letters, marks and digits; an apostrophe or hyphen between two of them belongs to the word."""
    run = ""
    for i, sign in enumerate(text):
        if _of_word(sign) or (run and sign in INSIDE and i + 1 < len(text) and _of_word(text[i + 1])):
            run += sign
        elif run:
            yield run
            run = ""
    if run:
        yield run


def _of_word(sign: str) -> bool:
    # Marks (vowel signs of Hindi or Thai) belong to words, but Python's \w leaves them out.
    return unicodedata.category(sign)[0] in "LMN"


def _unspaced(sign: str) -> bool:
    return sign > "\u2e7f" and unicodedata.name(sign, "").startswith(UNSPACED)


def _pairs(run: str) -> Iterator[str]:
    signs = [sign for sign in run if _unspaced(sign)]
    yield from ("".join(pair) for pair in pairwise(signs))
    if len(signs) == 1:
        yield signs[0]
