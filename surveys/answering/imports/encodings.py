"""Encodings: which characters the bytes of a file stand for, and how sure that is."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from surveys.facts import Malformed

CHUNK_BYTES = 1 << 20
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
ASCII = bytes(range(128))
OTHER_FILES = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook; save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "compressed; unpack it first",
    b"%PDF": "a PDF; export the answers as CSV",
    b"<": "XML or HTML; export the answers as CSV",
}
USUAL = set("àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœšž’‘“”–—…€\u00a0")
POSSIBLE = set("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒŠŽÿ«»¿¡°·•£§©®™´")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec name, and how sure it is: certain, likely or a guess, with the reason in words."""

    name: str
    certainty: str
    reason: str


def detect(path: Path, stated: str | None = None) -> Encoding:
    """The encoding of a text file. Raises Malformed for one that is empty, not text, or damaged UTF-8."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise Malformed("file", "it is empty.")
    for start, what in OTHER_FILES.items():
        if head.startswith(start):
            raise Malformed("file", f"it is {what}.")
    if stated:
        return _stated(stated)
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig", "certain", "a byte order mark")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "certain", "a byte order mark")
    _refuse_nul(path)
    if _is_utf8(path):
        return Encoding("utf-8", "certain", "every byte fits")
    return _single_byte(path)


def _stated(name: str) -> Encoding:
    try:
        codec = codecs.lookup(name)
    except LookupError:
        raise Malformed("encoding", f"'{name}' is not an encoding such as utf-8, cp1252 or mac_roman.") from None
    return Encoding("utf-8-sig" if codec.name == "utf-8" else codec.name, "certain", "as given")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _refuse_nul(path: Path) -> None:
    line = 1
    for chunk in _chunks(path):
        at = chunk.find(b"\0")
        if at >= 0:
            line += chunk.count(b"\n", 0, at)
            raise Malformed(
                "file",
                f"line {line} holds a NUL byte, so it is damaged, or not text, or UTF-16 without a byte order mark "
                "(then say --encoding utf-16-le).",
            )
        line += chunk.count(b"\n")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(path: Path) -> Encoding:
    """Windows or old Mac, by how many of the bytes over 127 become letters and quotes that people write."""
    seen: Counter[int] = Counter()
    sequences = strays = line = first_stray = 0
    for chunk in _chunks(path):
        rest, whole = MULTIBYTE.subn(b"", chunk)
        stray = len(rest.translate(None, ASCII))
        if stray and not first_stray:
            at = next(i for i, byte in enumerate(rest) if byte > 127)
            first_stray = line + rest.count(b"\n", 0, at) + 1
        seen.update(chunk.translate(None, ASCII))
        sequences, strays, line = sequences + whole, strays + stray, line + chunk.count(b"\n")
    if sequences > strays:
        raise Malformed(
            "file",
            f"it is UTF-8 with damaged bytes, the first in line {first_stray}; export it again, "
            "or say --encoding to read it as something else.",
        )
    windows, mac = _plausible(seen, "cp1252"), _plausible(seen, "mac_roman")
    name, best, other = ("mac_roman", mac, windows) if mac > windows else ("cp1252", windows, mac)
    return Encoding(
        name,
        "likely" if best >= 0.8 and best - other >= 0.3 else "a guess",
        f"not UTF-8; of {seen.total()} bytes over 127 {best:.0%} make sense in {name} and {other:.0%} in the other "
        "of cp1252 and mac_roman; --encoding overrules",
    )


def _plausible(seen: Counter[int], codec: str) -> float:
    """The share, 0 to 1, of bytes that become usual characters; a possible one counts half."""
    weight = 0.0
    for byte, n in seen.items():
        character = bytes([byte]).decode(codec, errors="replace")
        weight += n if character in USUAL else n / 2 if character in POSSIBLE else 0
    return weight / seen.total()
