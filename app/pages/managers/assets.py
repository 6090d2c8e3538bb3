"""The style sheet and scripts of the pages for managers: compressed once, and kept by browsers for a year."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

router = APIRouter(include_in_schema=False, prefix="/static/manage")
FOLDER = Path(__file__).parent / "static"
KINDS = {"manage.css": "text/css", "report.js": "text/javascript", "plotly-basic.min.js": "text/javascript"}
# The address changes with the content, so what is kept never goes stale.
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is and compressed; `version` is made of its content."""

    plain: bytes
    compressed: bytes
    version: str


@cache
def asset(name: str) -> Asset:
    """One of KINDS, read and compressed once."""
    plain = (FOLDER / name).read_bytes()
    return Asset(plain, gzip.compress(plain, 9, mtime=0), sha256(plain).hexdigest()[:16])


def address(name: str) -> str:
    """Where a page asks for a file."""
    return f"{router.prefix}/{name}?v={asset(name).version}"


@router.get("/{name}")
def get_asset(name: str, request: Request) -> Response:
    """A style sheet or script; 304 for a browser that has it."""
    if name not in KINDS:
        return Response(status_code=404)
    file = asset(name)
    headers = HEADERS | {"ETag": f'"{file.version}"'}
    if f'"{file.version}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.compressed, 200, headers | {"Content-Encoding": "gzip"}, media_type=KINDS[name])
    return Response(file.plain, 200, headers, media_type=KINDS[name])
