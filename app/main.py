"""The application: routes, error shape and the parts that live as long as it does."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app import VERSION
from app.answering import path
from app.answering.intake import Intake
from app.answering.openings import Openings
from app.api.act import initiatives
from app.api.answer import batches as past_answers
from app.api.answer import open_pages
from app.api.ask import interactions, invitations, publications, statements, waves
from app.api.know import (
    baselines,
    charts,
    comparison,
    distribution,
    drivers,
    representation,
    responses,
    scores,
    trend,
    words,
)
from app.api.set_up import contacts, keys, organisation, surveys, touchpoints, units
from app.demo import inbox
from app.edge import problems, unavailable
from app.edge.door import Door
from app.edge.limits import Guesses, Limits
from app.edge.requests import Requests
from app.feeds.places import Places
from app.openapi import document
from app.operations import addresses, health, logs
from app.operations.readiness import Readiness
from app.operations.scraping import Scraping
from app.pages.managers import assets, entrance, reference, report, why, writing
from app.pages.respondents import results, statement, subscription
from app.pages.respondents.held import Pages
from app.pages.respondents.page import load
from app.settings import Settings
from app.storage.database import Database
from app.worker.worker import Worker

API = (
    organisation.router,
    units.router,
    touchpoints.router,
    surveys.router,
    keys.router,
    past_answers.router,
    responses.router,
    contacts.router,
    open_pages.router,
    interactions.router,
    invitations.router,
    waves.router,
    statements.router,
    publications.router,
    scores.router,
    trend.router,
    distribution.router,
    baselines.router,
    comparison.router,
    drivers.router,
    words.router,
    representation.router,
    initiatives.router,
    charts.router,
)


PAGES = (
    results.router,
    statement.router,
    subscription.router,
    inbox.router,
    entrance.router,
    report.router,
    why.router,
    writing.router,
    reference.router,
    assets.router,
)


class Soundings(FastAPI):
    """The application, with the short path of respondents' links before everything else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respondents' pages and answers take the short way, the rest goes through middleware and router."""
        if (kind := path.leads(scope)) is None:
            await super().__call__(scope, receive, send)
        else:
            await self.state.doors[kind](scope, receive, send)


def create_process() -> FastAPI:
    """The application of a process that serves it and does nothing else: garbage is not sought in what is loaded."""
    app = create_app()
    logs.take_uncaught()
    gc.collect()
    gc.freeze()
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    """What starts and ends with the application."""
    settings: Settings = app.state.settings
    database: Database = app.state.database
    worker: Worker = app.state.worker
    app.state.intake = Intake(database, app.state.secrets)
    app.state.openings = Openings(database, app.state.secrets)
    await run_in_threadpool(load)
    if settings.worker:
        worker.start()
    scraping = Scraping(addresses.read(settings.metrics_address)) if settings.metrics_address else None
    yield
    if scraping:
        await run_in_threadpool(scraping.close)
    worker.stop()
    await app.state.intake.close()
    await app.state.openings.close()
    await run_in_threadpool(worker.close)
    database.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service on `settings`. Raises SecretMissing where links could not be signed, MailSettingWrong."""
    settings = settings or Settings()
    logs.configure(settings.log_level)
    secrets = settings.secrets  # missing ones end it before a database is opened
    database = Database(settings.database_url, settings.report_database_url)
    worker = Worker(database, settings)
    app = Soundings(title="Soundings", version=VERSION, lifespan=_life, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False  # it would lead to whatever the header Host names
    app.state.settings = settings
    app.state.secrets = secrets
    app.state.database = database
    app.state.worker = worker
    app.state.places = Places()
    app.state.readiness = Readiness(database)
    problems.install(app)
    unavailable.install(app)
    document.install(app)
    guesses = Guesses()
    https = settings.base_url.startswith("https://")
    app.add_middleware(Limits, guesses=guesses)
    app.add_middleware(Requests, https=https)
    app.state.pages = Pages()
    short = path.ShortPath(app.state)
    app.state.doors = {
        path.SURVEY: Door(short.respond, guesses=guesses, https=https),
        path.OPEN: Requests(Limits(short, guesses=guesses), https=https),
    }
    app.include_router(health.router)
    if settings.metrics == "public":
        app.include_router(health.public_metrics)
    for router in API:
        app.include_router(router, prefix="/api/v1")
    for page in PAGES:
        app.include_router(page)
    return app
