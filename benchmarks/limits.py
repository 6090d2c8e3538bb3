"""The bare limits the answer path is measured against, as applications of their own."""

import os
import uuid

from fastapi import FastAPI
from pydantic import BaseModel
from sqlmodel import Field, Session, SQLModel

from app.storage.database import Database


class Body(BaseModel):
    """The body of an answer."""

    score: int
    comment: str | None = None
    answers: dict[str, str] = {}


class Plain(SQLModel, table=True):
    """One row of the plain route."""

    __tablename__ = "bench_plain"
    id: uuid.UUID = Field(primary_key=True)
    token: str
    score: int
    comment: str | None


def nothing() -> FastAPI:
    """A route that parses the body and stores nothing."""
    app = FastAPI()

    @app.post("/s/{token}", status_code=201)
    async def answer(token: str, body: Body) -> dict[str, str]:
        return {"recorded_at": f"{token[:4]}{body.score}"}

    return app


def plain() -> FastAPI:
    """A route that inserts and commits one row through a SQLModel session."""
    app = FastAPI()
    database = Database(os.environ["SOUNDINGS_DATABASE_URL"])
    Plain.__table__.create(database.writer, checkfirst=True)  # type: ignore[attr-defined]

    @app.post("/s/{token}", status_code=201)
    def answer(token: str, body: Body) -> dict[str, str]:
        with Session(database.writer) as session:
            session.add(Plain(id=uuid.uuid4(), token=token, score=body.score, comment=body.comment))
            session.commit()
        return {"recorded_at": f"{body.score}"}

    return app
