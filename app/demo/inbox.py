"""The inbox of the demo: mails in the folder, opened and clicked where there is no mail server."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from app.edge.problems import Problem
from app.mail.transports import Folder, transport

SHOWN = 200
NAME = re.compile(r"[0-9a-f]{32}")
HERE = Path(__file__).parent
STYLE = (HERE / "static" / "inbox.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow"}
PAGE = _HEADERS | {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
}
# A mail runs nothing and loads nothing; a click in it may take the whole window to the survey.
SANDBOX = "allow-top-navigation-by-user-activation"
MAIL = _HEADERS | {
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
}

router = APIRouter(prefix="/dev/inbox", include_in_schema=False)
_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: the file's name without its ending, and what the mail's header says."""

    name: str
    to: str
    subject: str
    at: datetime


@router.get("")
def show_list(request: Request) -> HTMLResponse:
    """The newest mails, none opened."""
    return _page(request, None, None)


@router.get("/{name}")
def show_mail(request: Request, name: str) -> HTMLResponse:
    """The newest mails, and one opened. Raises 404 for a name that is none."""
    return _page(request, name, _read(request, name))


@router.get("/{name}/html")
def show_html(request: Request, name: str) -> HTMLResponse:
    """The HTML of one mail, for a frame: its links open in the whole window. Raises 404."""
    part = _read(request, name).get_body(("html",))
    if part is None:
        raise Problem(404, "This mail has no HTML.")
    return HTMLResponse(str(part.get_content()).replace("<head>", '<head><base target="_top">', 1), headers=MAIL)


def _page(request: Request, name: str | None, mail: EmailMessage | None) -> HTMLResponse:
    plain = mail.get_body(("plain",)) if mail else None
    context = {
        "style": Markup(STYLE),  # noqa: S704 - our own file
        "sandbox": SANDBOX,
        "entries": list(_entries(_folder(request))),
        "name": name,
        "mail": mail,
        "plain": plain.get_content() if plain else "",
    }
    return HTMLResponse(_templates.get_template("inbox.html").render(context), headers=PAGE)


def _folder(request: Request) -> Path:
    """Where the mails are. Raises 404 unless this is the demo, and its mail goes into a folder."""
    settings = request.app.state.settings
    through = transport(settings.mail) if settings.demo else None
    if not isinstance(through, Folder):
        raise Problem(404, "There is no such page.")
    return through.path


def _entries(folder: Path) -> Iterator[Entry]:
    mails = [(file.stat().st_mtime, file) for file in folder.glob("*.eml") if NAME.fullmatch(file.stem)]
    for written_at, file in sorted(mails, reverse=True)[:SHOWN]:
        with file.open("rb") as opened:
            header = BytesHeaderParser(policy=policy.default).parse(opened)
        at = datetime.fromtimestamp(written_at, UTC)
        to = ", ".join(address.display_name or address.addr_spec for address in header["To"].addresses)
        yield Entry(file.stem, to, str(header["Subject"]), at)


def _read(request: Request, name: str) -> EmailMessage:
    folder = _folder(request)
    # Only names that we give are looked for, so no name can lead out of the folder.
    file = folder / f"{name}.eml"
    if not NAME.fullmatch(name) or not file.is_file():
        raise Problem(404, "There is no such mail.")
    with file.open("rb") as opened:
        return BytesParser(policy=policy.default).parse(opened)
