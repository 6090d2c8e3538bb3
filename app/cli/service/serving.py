"""`soundings migrate` and `soundings serve`."""

import os
from typing import Annotated

import typer

from app.cli.opening import database


def migrate(
    to: Annotated[str, typer.Option(help="A revision, 'head' for this release or 'base' for none.")] = "head",
) -> None:
    """Bring the database to this release's schema."""
    from app.storage import migrations

    with database(migrated=False) as opened:
        migrations.migrate(opened.writer, to)
    typer.echo(f"The database is at revision {migrations.head_revision() if to == 'head' else to}.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; SQLite is served best by one.")] = 1,
    worker: Annotated[bool, typer.Option(help="Send mail from this process as well.")] = True,
) -> None:
    """Serve the pages and the API."""
    import uvicorn

    from app.edge.deadlines import connections_allowed
    from app.settings import Settings

    Settings().secrets  # noqa: B018 - raises here, with the remedy, rather than in every process
    with database():
        pass
    os.environ["SOUNDINGS_WORKER"] = "1" if worker else "0"
    uvicorn.run(
        "app.main:create_process",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        ws="none",  # nothing here speaks it, and the server would log the path of whoever tries
        proxy_headers=True,
        http="app.edge.deadlines:Deadlines",
        limit_concurrency=connections_allowed(),
        timeout_graceful_shutdown=30,
    )
