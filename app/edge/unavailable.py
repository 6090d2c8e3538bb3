"""What is answered while the database takes nothing: 503 with a time to come again, as a problem or as a page."""

import sqlite3

import psycopg
import sqlalchemy as sa
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.edge.problems import problem
from app.pages.unavailable import unavailable
from app.storage.outages import RETRY_AFTER, Unavailable

DETAIL = "The database cannot be reached or takes nothing just now; nothing was stored. Please try again shortly."
MACHINES = ("/api/", "/healthz", "/readyz", "/metrics")
KINDS = (Unavailable, sa.exc.SQLAlchemyError, psycopg.Error, sqlite3.Error)


def install(app: FastAPI) -> None:
    """Answer an outage as one; what else the database says stays a fault."""

    async def on_error(request: Request, error: Exception) -> Response:
        if not request.app.state.database.outages.met(error):
            raise error
        return answer(request)

    for kind in KINDS:
        app.add_exception_handler(kind, on_error)


def answer(request: Request) -> Response:
    """503: a page for a person with a browser, a problem for everybody else."""
    asks = request.headers.get("accept", "") + request.headers.get("content-type", "")
    if request.url.path.startswith(MACHINES) or "json" in asks:
        return problem(503, DETAIL, headers=RETRY_AFTER)
    return unavailable(request, RETRY_AFTER)
