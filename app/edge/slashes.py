"""Slashes: an address with one too many at its end leads to the one without, as links in mails often get one."""

from starlette.responses import Response
from starlette.types import Scope


def away(scope: Scope) -> Response | None:
    """The way to the address without the slash at its end, and its query; None where there is no such slash."""
    path: bytes = scope["raw_path"]
    if len(path) < 2 or not path.endswith(b"/"):
        return None
    # Relative, as the header Host is anybody's to choose.
    last, query = path[:-1].rpartition(b"/")[2], scope["query_string"]
    location = b"../" + last + (b"?" + query if query else b"")
    return Response(status_code=308, headers={"Location": location.decode("latin-1")})
