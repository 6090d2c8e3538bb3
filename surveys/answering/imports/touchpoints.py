"""Touchpoints that a file names: those there already, and those an import makes."""

import re
import unicodedata
from hashlib import blake2b

import sqlalchemy as sa
from sqlmodel import Session, col

from surveys.facts import Malformed
from surveys.names import check_line
from surveys.tables import Survey, Touchpoint
from surveys.tables.bulk import insert_missing

LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "œ": "oe"})
KEY_LENGTH = 64


def slug(name: str) -> str:
    """A key made from a name, always the same one: 'Rådgivning & køb' gives 'radgivning-kob'."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:KEY_LENGTH].strip("-")


def one_line(value: str) -> str:
    """A value as a name: the lines of a cell, and what lies between words, as single spaces."""
    return " ".join(value.split())


class Touchpoints:
    """Values to keys: a value is the key or the name of a touchpoint, in any case; other values become new ones."""

    def __init__(self, session: Session, survey: Survey) -> None:
        self._survey = survey
        self.made: dict[str, str] = {}
        rows = session.execute(
            sa.select(col(Touchpoint.key), col(Touchpoint.name), col(Touchpoint.audience), col(Touchpoint.unit_key))
            .where(col(Touchpoint.organisation_id) == survey.organisation_id)
            .order_by(col(Touchpoint.key))
        ).all()
        self.units: dict[str | None, str | None] = {row.key: row.unit_key for row in rows}
        self._audiences = {row.key: row.audience for row in rows}
        self._keys = {one_line(row.name).casefold(): row.key for row in reversed(rows)} | {
            row.key: row.key for row in rows
        }
        self._unsaved: list[str] = []

    def key(self, value: str) -> str | None:
        """The touchpoint of a value; None for an empty one. Raises Malformed where it is for the other audience."""
        name = one_line(value)
        if not name:
            return None
        key = self._keys.get(name.casefold())
        if key is None:
            check_line("touchpoint_column", name)
            key = self._new_key(name)
            self._keys[name.casefold()] = key
            self._audiences[key] = self._survey.audience
            self.made[key] = name
            self._unsaved.append(key)
        else:
            self.check("touchpoint_column", key)
        return key

    def check(self, field: str, key: str) -> None:
        """Raise Malformed, naming `field`, where there is no such touchpoint or it is for the other audience."""
        audience, survey = self._audiences.get(key), self._survey
        if audience is None:
            raise Malformed(field, f"there is no touchpoint '{key[:KEY_LENGTH]}'.")
        if audience != survey.audience:
            raise Malformed(
                field, f"touchpoint '{key}' is for {audience}, survey '{survey.key}' for {survey.audience}."
            )

    def save(self, session: Session) -> None:
        """Make the touchpoints that are new."""
        rows = [
            {
                "organisation_id": self._survey.organisation_id,
                "key": key,
                "name": self.made[key],
                "audience": self._survey.audience,
                "promise": "",
            }
            for key in self._unsaved
        ]
        insert_missing(session, Touchpoint, rows)
        self._unsaved.clear()

    def _new_key(self, value: str) -> str:
        """The slug; where another name has it, or there is none, it ends in a hash of the value."""
        key = slug(value)
        if key and key not in self._audiences:
            return key
        mark = blake2b(value.casefold().encode(), digest_size=4).hexdigest()
        return f"{key[: KEY_LENGTH - 9].strip('-') or 'touchpoint'}-{mark}"
