"""`soundings demo`: answers to look at, and mails to answer, within a minute."""

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.service import serving
from surveys.facts import Malformed

if TYPE_CHECKING:
    from app.settings import Settings
    from app.storage.database import Database


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on, on this machine only.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database and its mail.")] = Path("var/demo"),
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the demo that is there.")] = False,
    serve: Annotated[bool, typer.Option(help="Serve it once it is set up.")] = True,
) -> None:
    """Set up one organisation with real answers of customers and made-up staff, serve it, and say what to try."""
    from app.demo import folder as folders
    from app.demo.guide import guide
    from app.storage.database import Database

    if serve:
        _check_free(port)
    folders.prepare(folder, keep=keep)
    environment = folders.environment(folder, port)
    settings = folders.settings(environment)
    database = Database(settings.database_url)
    try:
        owner_key = _set_up(database, settings, folder / folders.OWNER_KEY)
        results = _results(database, settings)
    finally:
        database.close()
    typer.echo(guide(folder, settings.base_url, owner_key, results))
    if serve:
        _serve(port, environment)


def _set_up(database: "Database", settings: "Settings", kept: Path) -> str:
    """Fill the database, unless an earlier demo did, and give the owner's key."""
    from app import clock
    from app.access import keys
    from app.demo import folder as folders
    from app.demo import history, organisation, waves
    from app.storage.migrations import migrate

    migrate(database.writer)
    if kept.exists():
        typer.echo("Going on with the demo that is there.")
        return kept.read_text(encoding="utf-8")
    with database.writing() as session:
        made = organisation.make(session, clock.now())
        for key in organisation.SURVEYS:
            organisation.make_survey(session, made.id, key, clock.now())
    for file, result in history.bring(database, made.id):
        typer.echo(f"{file.name}: {result}")
    for line in waves.hold(database, settings, made.id, clock.now()):
        typer.echo(line)
    with database.writing() as session:
        organisation.promise_sessions(session, made.id)
        frozen = organisation.freeze(session, made.id, clock.now())
        _, text = keys.create(session, made.id, role="owner", name="demo", now=clock.now())
    typer.echo(f"baseline '{organisation.BASELINE}' is frozen: NPS {frozen}, June 2016 to May 2017")
    folders.write(kept, text)
    return text


def _results(database: "Database", settings: "Settings") -> str | None:
    """The token of the page of results, where one is published."""
    from app.demo import organisation, waves
    from surveys import links
    from surveys.organisation import organisations

    with database.reading() as session:
        link = waves.results(session, organisations.by_key(session, organisation.KEY).id)
    return None if link is None else links.sign(settings.secrets[0], "results", link.organisation_id, link.id)


def _check_free(port: int) -> None:
    """Raise Malformed now, before anything is replaced, where the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Malformed("--port", f"{port} cannot be used ({error.strerror}); name another one.") from None


def _serve(port: int, environment: dict[str, str]) -> None:
    from app.settings import PREFIX

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(environment)
    serving.serve(port=port)
