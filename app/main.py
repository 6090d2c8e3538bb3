"""The application: routes, error shape and the parts that live as long as it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app import problems
from app.answers import AnswerPath
from app.api import units
from app.database import Database
from app.intake import Intake
from app.pages import inbox, subscription, survey
from app.settings import Settings
from app.worker import Worker


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service on `settings`. Raises SecretMissing where links could not be signed, MailSettingWrong."""
    settings = settings or Settings()
    secrets = settings.secrets
    database = Database(settings.database_url, settings.report_database_url)
    worker = Worker(database, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.intake = Intake(database)
        if settings.worker:
            worker.start()
        yield
        worker.stop()
        await app.state.intake.close()
        await run_in_threadpool(worker.close)
        database.close()

    app = FastAPI(title="Soundings", version="0.1.0", lifespan=lifespan)
    app.state.settings = settings
    app.state.secrets = secrets
    app.state.database = database
    app.state.worker = worker
    problems.install(app)
    app.add_middleware(AnswerPath)
    for module in (units,):
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(survey.router)
    app.include_router(subscription.router)
    app.include_router(inbox.router)
    return app
