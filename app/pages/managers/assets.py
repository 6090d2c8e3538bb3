"""The style sheet and scripts of the pages for managers; plotly.js comes out of the installed package."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

router = APIRouter(include_in_schema=False, prefix="/static/manage")
FOLDER = Path(__file__).parent / "static"
PLOTLY_VERSION = version("plotly")
HEADERS = {"X-Content-Type-Options": "nosniff"}


@router.get("/manage.css")
def get_style() -> Response:
    """The style sheet."""
    return FileResponse(FOLDER / "manage.css", media_type="text/css", headers=HEADERS)


@router.get("/report.js")
def get_script() -> Response:
    """The script that draws the figures of a page."""
    return FileResponse(FOLDER / "report.js", media_type="text/javascript", headers=HEADERS)


@router.get("/plotly.js")
def get_plotly() -> Response:
    """plotly.js, as the installed package carries it; pages ask for it with its version, so it may be kept."""
    spec = find_spec("plotly")
    assert spec is not None  # noqa: S101 - plotly is a dependency of ours
    assert spec.origin is not None  # noqa: S101
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type="text/javascript", headers=headers)
