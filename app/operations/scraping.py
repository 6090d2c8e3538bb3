"""Scraping: the metrics of a process on an address of their own, apart from where the public comes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.edge.faults import described
from app.operations.addresses import Address

PATH = "/metrics"
PATIENCE_SECONDS = 10

log = structlog.get_logger()


class Scraping:
    """Serves the metrics of this process until closed, on the first port that no other process has."""

    def __init__(self, address: Address) -> None:
        self.port: int | None = None
        self._server = self._listen(address)
        if self._server is not None:
            self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
            self._thread.start()

    def _listen(self, address: Address) -> ThreadingHTTPServer | None:
        """None where no port is left: answers are worth more than their count, so the process goes on without."""
        kind = type("Metrics", (_Server,), {"address_family": address.family})
        for port in address.ports:
            try:
                server: ThreadingHTTPServer = kind((address.host, port), _Handler)
            except OSError as error:
                missed: OSError = error
                continue
            self.port = port
            return server
        log.error("metrics are not served", ports=f"{address.ports[0]}-{address.ports[-1]}", **described(missed))
        return None

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that went away is nothing to write down."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE_SECONDS

    def do_GET(self) -> None:
        """The metrics, and nothing under any other path."""
        if urlsplit(self.path).path != PATH:
            self.send_error(404)
            return
        body = generate_latest()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Nothing about the software in use."""
        return "soundings"

    def log_message(self, format: str, *arguments: object) -> None:
        """Scrapes leave no line in the log."""
