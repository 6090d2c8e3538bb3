"""The folder of the demo: its database, its mail, its secret, its owner's key, and people to ask."""

import secrets
import shutil
from pathlib import Path

from app.settings import PREFIX, Settings

DATABASE, SECRET, OWNER_KEY, PEOPLE = "soundings.db", "secret", "owner.key", "people.csv"
OWN = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}.migrating", SECRET, OWNER_KEY, PEOPLE)
# Addresses under example.org reach nobody (RFC 2606).
CONTACTS = """ref,email,name,locale,country
demo-1,ada@example.org,Ada Demo,en,Canada
demo-2,juergen@example.org,Jürgen Demo,de,Germany
demo-3,aino@example.org,Aino Demo,fi,Finland
"""


def prepare(folder: Path, *, keep: bool) -> None:
    """Make the folder and what it lacks; unless `keep`, what an earlier demo left in it goes first.

    So does a demo whose setting up was cut short, which has no key yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not keep or not (folder / OWNER_KEY).exists():
        for name in OWN:
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "mail", ignore_errors=True)
    if not (folder / SECRET).exists():
        write(folder / SECRET, secrets.token_urlsafe(48))
    (folder / PEOPLE).write_text(CONTACTS, encoding="utf-8")


def write(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def environment(folder: Path, port: int) -> dict[str, str]:
    """The settings of the demo, as environment variables."""
    return {
        "SOUNDINGS_DEMO": "1",
        "SOUNDINGS_DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "SOUNDINGS_SECRET": (folder / SECRET).read_text(encoding="utf-8"),
        "SOUNDINGS_BASE_URL": f"http://127.0.0.1:{port}",
        "SOUNDINGS_MAIL": f"folder:{folder / 'mail'}",
        "SOUNDINGS_MAIL_FROM": "Soundings demo <demo@example.org>",
        "SOUNDINGS_LOG_LEVEL": "WARNING",
    }


def settings(environment: dict[str, str]) -> Settings:
    """The same as settings of this process."""
    return Settings.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in environment.items()})
