"""What every route of the API asks for: the caller, and a session that reads or writes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from app import clock
from app.access import keys
from app.access.keys import Caller
from app.api.conventions import once
from app.edge.problems import Problem
from app.storage.database import Database

bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer snd_...`")


def database(request: Request) -> Database:
    """The database of this application."""
    return cast(Database, request.app.state.database)


def reading(request: Request) -> Iterator[Session]:
    """A session that cannot write."""
    with database(request).reading() as session:
        yield session


def opening(request: Request) -> Iterator[Session]:
    """A session that cannot write, for what the link of a respondent opens."""
    with database(request).opening() as session:
        yield session


def reporting(request: Request) -> Iterator[Session]:
    """A session for figures, on the replica where there is one."""
    with database(request).reporting() as session:
        yield session


def writing(request: Request) -> Iterator[Session]:
    """A session that commits before the answer is sent. Raises Repeated for a request that was answered before."""
    claim = getattr(request.state, "claim", None)
    with database(request).writing() as session:
        if claim is not None:
            if (answered := once.take(session, claim, clock.now())) is not None:
                raise once.Repeated(answered)
            request.state.session = session
        yield session


def holder(request: Request, key: str | None) -> Caller:
    """Who holds a key. Raises 401 for one that is absent, unknown, expired or revoked."""
    with database(request).reading() as session:
        known = keys.authenticate(session, key, clock.now()) if key else None
    if known is None:
        raise Problem(401, "Send 'Authorization: Bearer <key>' with a valid key.", {"WWW-Authenticate": "Bearer"})
    return known


def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)] = None
) -> Caller:
    """Who calls. Raises 401 as `holder` does."""
    known: Caller | None = getattr(request.state, "caller", None)  # looked up before the body was read
    return known or holder(request, credentials.credentials if credentials else None)


class Allow:
    """A caller with one of the roles named; an owner may do everything."""

    def __init__(self, *roles: str) -> None:
        self.roles = {"owner", *roles}

    def __call__(self, known: Annotated[Caller, Depends(caller)]) -> Caller:
        """The caller. Raises 403 where the role is too small."""
        if known.role not in self.roles:
            raise Problem(403, f"This needs a key with the role {' or '.join(sorted(self.roles))}.")
        return known


Reading = Annotated[Session, Depends(reading, scope="function")]
Opening = Annotated[Session, Depends(opening, scope="function")]
Reporting = Annotated[Session, Depends(reporting, scope="function")]
Writing = Annotated[Session, Depends(writing, scope="function")]
Now = Annotated[datetime, Depends(clock.now)]
Anyone = Annotated[Caller, Depends(caller)]
Owner = Annotated[Caller, Depends(Allow())]
Analyst = Annotated[Caller, Depends(Allow("analyst"))]
Sender = Annotated[Caller, Depends(Allow("sender"))]
