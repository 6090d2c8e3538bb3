"""Logs: one JSON object a line, without tokens, addresses or anything else about a person."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, WrappedLogger

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_state = {"info": True}


def configure(level: str) -> None:
    """Write what is at or above `level` to standard output."""
    _state["info"] = logging.getLevelName(level.upper()) <= logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_to_standard_output,
        cache_logger_on_first_use=True,
    )


def tell(event: str, **facts: Any) -> None:
    """Write one event at level info, with what every line has."""
    if not _state["info"]:
        return
    line = {"event": event, **facts, "request_id": request_id.get(), "level": "info", "timestamp": datetime.now(UTC)}
    sys.stdout.write(to_json(line).decode() + "\n")


class _Out:
    """Writes to whatever standard output is at the moment."""

    def msg(self, line: str) -> None:
        sys.stdout.write(line + "\n")

    debug = info = warning = error = critical = exception = msg


def _to_standard_output(*_arguments: Any) -> _Out:
    return _Out()


def _with_request(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if (known := request_id.get()) is not None:
        event.setdefault("request_id", known)
    return event


def _line(event: EventDict, **_options: Any) -> str:
    return to_json(event, fallback=str).decode()
