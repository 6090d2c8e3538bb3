"""Checks of the machine: mail, time zones, room on the disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.checkup.finding import Finding, fail, ok, warn
from app.mail.handover import MailSettingWrong, ServerTrouble, sender_of
from app.mail.transports import Folder, transport
from app.settings import Settings

LEAST_BYTES = 200 * 1024**2
FEW_BYTES = 1024**3


def mail(settings: Settings) -> Finding:
    """Whether a mail could be handed over now."""
    try:
        sender_of(settings.mail_from)
        way = transport(settings.mail)
    except MailSettingWrong as wrong:
        return fail("mail", str(wrong), "Set it right, and restart.")
    try:
        with way:
            way.check()
    except ServerTrouble as trouble:
        return fail("mail", str(trouble), "See that SOUNDINGS_MAIL names the server, its port, user and password.")
    if isinstance(way, Folder) and not settings.demo:
        return warn("mail", f"mails are written into {way.path} and reach nobody",
                    "Set SOUNDINGS_MAIL to smtp://user:password@host:port")  # fmt: skip
    return ok("mail", "the folder of the demo" if isinstance(way, Folder) else "the server answers")


def time_zones() -> Finding:
    """Whether this machine knows when a day begins elsewhere."""
    try:
        ZoneInfo("Europe/Copenhagen")
    except ZoneInfoNotFoundError:
        return fail("time zones", "there is no time zone data", "Install the package tzdata of the system or of PyPI.")
    return ok("time zones", "known")


def room(paths: list[Path], *, least: int = LEAST_BYTES, few: int = FEW_BYTES) -> Iterator[Finding]:
    """Whether the disks that the paths are on, or will be on, have room (bytes)."""
    for path in paths:
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        free = shutil.disk_usage(there).free
        detail, remedy = f"{free / 1024**3:.1f} GB free for {path}", "Make room, or move it to a larger disk."
        if free < least:
            yield fail("disk", detail, remedy)
        else:
            yield warn("disk", detail, remedy) if free < few else ok("disk", detail)
