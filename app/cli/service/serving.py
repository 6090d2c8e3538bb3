"""`soundings migrate` and `soundings serve`."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import database

if TYPE_CHECKING:
    from app.settings import Settings


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

    _check(Settings(), workers)  # here, with the remedy, rather than in every process
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


def _check(settings: "Settings", workers: int) -> None:
    """Raise SecretMissing, and SettingsWrong unless each process has a port where metrics have their own address."""
    from app.operations import addresses
    from app.settings import PREFIX, SettingsWrong

    settings.secrets  # noqa: B018 - raises what is wrong with them
    if settings.metrics_address is None:
        return
    address, name = addresses.read(settings.metrics_address), f"{PREFIX}METRICS_ADDRESS"
    if len(address.ports) < workers:
        first = address.ports[0]
        raise SettingsWrong(
            [f"{name}: {workers} processes need a port each, such as {first}-{first + workers - 1} behind the host."]
        )
    if taken := addresses.taken(address):
        ports = ", ".join(map(str, taken))
        raise SettingsWrong([f"{name}: {address.host} is not this machine's, or others listen on {ports} already."])
