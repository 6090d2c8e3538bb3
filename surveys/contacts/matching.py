"""Contact matching: which stored contact an item means."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from surveys.facts import Malformed


class Known:
    """The contacts that a chunk of items may mean, by ref and by address, as they are after each item."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self.by_ref: dict[str, dict[str, Any]] = {}
        self.by_email: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        """Keep one more contact."""
        self.by_ref[row["ref"]] = row
        if row["email_key"]:
            self.by_email.setdefault(row["email_key"], []).append(row)

    def meant(self, ref: str | None, email: str | None) -> dict[str, Any] | None:
        """The contact an item means. Raises Malformed where an address alone fits several."""
        key = email.lower() if email else None
        if ref is None:
            return self._addressed(key or "")
        if ref in self.by_ref or key is None:
            return self.by_ref.get(ref)
        nameless = self.by_ref.get(key)
        return nameless if nameless and nameless["email_key"] == key else None

    def change(self, row: dict[str, Any], ref: str, email: str | None, now: datetime) -> None:
        """Give a contact its ref and address; a new address has not bounced yet, and when it came is noted."""
        key = email.lower() if email else None
        if row["ref"] != ref:
            del self.by_ref[row["ref"]]
            self.by_ref[ref] = row
            row["first_ref"] = row["first_ref"] or row["ref"]
        if row["email_key"] != key:
            if row["email_key"]:
                self.by_email[row["email_key"]].remove(row)
            if key:
                self.by_email.setdefault(key, []).append(row)
            row["bounced_at"], row["readdressed_at"] = None, now
        row.update(ref=ref, email=email, email_key=key)

    def _addressed(self, key: str) -> dict[str, Any] | None:
        addressed = self.by_email.get(key, [])
        own = self.by_ref.get(key)
        if own is not None and (not addressed or any(own is row for row in addressed)):
            return own
        if len(addressed) > 1:
            raise Malformed("ref", f"{len(addressed)} contacts have this e-mail address; say which one by its ref.")
        return addressed[0] if addressed else None
