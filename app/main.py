"""The application: routes, error shape and the parts that live as long as it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import problems
from app.answers import AnswerPath
from app.api import units
from app.database import Database
from app.intake import Intake
from app.pages import subscription, survey
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service on `settings`. Raises SecretMissing where links could not be signed."""
    settings = settings or Settings()
    secrets = settings.secrets
    database = Database(settings.database_url, settings.report_database_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.intake = Intake(database)
        yield
        await app.state.intake.close()
        database.close()

    app = FastAPI(title="Soundings", version="0.1.0", lifespan=lifespan)
    app.state.settings = settings
    app.state.secrets = secrets
    app.state.database = database
    problems.install(app)
    app.add_middleware(AnswerPath)
    for module in (units,):
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(survey.router)
    app.include_router(subscription.router)
    return app
