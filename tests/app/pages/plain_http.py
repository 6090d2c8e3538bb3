"""The survey over plain HTTP for tests: requests to the application, and what is stored after them."""

import asyncio
from typing import Any

import httpx
import sqlalchemy as sa
from sqlmodel import select

from app.settings import Settings
from app.storage.database import Database
from surveys.responses import tallies
from surveys.tables import Answer, Response, metadata
from tests.app.client import client

Request = tuple[str, str, dict[str, Any]]  # method, path and what is sent
FORM = {"content-type": "application/x-www-form-urlencoded"}


def call(settings: Settings, *requests: Request) -> list[httpx.Response]:
    """The replies to requests, one after another, on one service."""

    async def run() -> list[httpx.Response]:
        async with client(settings) as http:
            return [await http.request(method, path, **more) for method, path, more in requests]

    return asyncio.run(run())


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as session:
        return {t.name: sorted(map(repr, session.execute(sa.select(t)).all())) for t in metadata.sorted_tables}


def stored(database: Database) -> tuple[list[Response], dict[str, Any]]:
    with database.reading() as session:
        assert tallies.check(session, 1) == []
        answers = {a.question_key: a.number if a.number is not None else a.text for a in session.exec(select(Answer))}
        return list(session.exec(select(Response)).all()), answers
