"""Health: whether the process lives, whether it is ready for work, and what it counted."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app import migrations
from app.api.conventions.edge import database
from app.problems import Problem

router = APIRouter(tags=["run"])


class Health(BaseModel):
    """That all is well."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz")
def readyz(request: Request) -> Health:
    """The database can be reached and has the schema of this release; 503 otherwise."""
    try:
        with database(request).reader.connect() as connection:
            current = migrations.current_revision(connection)
    except SQLAlchemyError as fault:
        raise Problem(503, "The database cannot be reached.") from fault
    if current != migrations.head_revision():
        raise Problem(503, f"The database is at revision {current}; run 'soundings migrate'.")
    return Health()


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics() -> Response:
    """What this process counted since it started."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
