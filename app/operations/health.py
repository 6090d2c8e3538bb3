"""Health: whether the process lives, whether it is ready for work, and what it counted."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import Response

from app.edge.problems import Problem
from app.storage.outages import RETRY_AFTER

router = APIRouter(tags=["run"])
public_metrics = APIRouter(tags=["run"])


class Health(BaseModel):
    """That all is well."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz")
def readyz(request: Request) -> Health:
    """The database can be reached, takes writes and has the schema of this release; 503 otherwise."""
    if (reason := request.app.state.readiness.reason()) is not None:
        raise Problem(503, reason, RETRY_AFTER)
    return Health()


@public_metrics.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics() -> Response:
    """What this process counted since it started."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
