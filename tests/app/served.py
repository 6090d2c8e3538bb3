"""The real server on loopback, and a real Chromium to open it with."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from app.edge.deadlines import Deadlines
from app.main import create_app
from app.settings import Settings

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def served(settings: Settings, app: FastAPI | None = None) -> Iterator[str]:
    """The address of a running service on `settings`, or of an application made from them before."""
    server = uvicorn.Server(
        uvicorn.Config(app or create_app(settings), port=0, log_level="warning", ws="none", http=Deadlines)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser: $CHROMIUM, the system's, or the build that playwright installed."""
    there = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=there or shutil.which("google-chrome"), args=ARGUMENTS)
        yield opened
        opened.close()
