"""Logs: one JSON object a line, without tokens, addresses or anything else about a person."""

import logging
import sys
import threading
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, WrappedLogger

from app.edge.faults import described

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
TRACEBACK = "Traceback (most recent call last)"
_state = {"info": True}


def configure(level: str) -> None:
    """Write what is at or above `level` to standard output; no log of this process holds the text of an exception."""
    logging.setLogRecordFactory(_record)
    # An outage has a line of its own, and each connection that broke with it another one here.
    for name in ("sqlalchemy.pool", "psycopg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _state["info"] = logging.getLevelName(level.upper()) <= logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
            _without_text,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_to_standard_output,
        cache_logger_on_first_use=True,
    )


def take_uncaught() -> None:
    """Write down like any other fault what nothing catches in this process, instead of a traceback on its own."""
    logging.raiseExceptions = False  # a line that cannot be written would come with a traceback of its own
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda raised: _uncaught(raised.exc_value)


def _uncaught(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        structlog.get_logger().error("fault", **described(error))


def _without_text(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Of an exception only what `faults.described` says: its text, and a traceback, may quote a row."""
    noted = event.pop("exc_info", None)
    error = sys.exc_info()[1] if noted is True else noted[1] if isinstance(noted, tuple) else noted
    return {**event, **described(error)} if isinstance(error, BaseException) else event


def _record(*arguments: Any, **named: Any) -> logging.LogRecord:
    """The same for what libraries and the server write down."""
    record = logging.LogRecord(*arguments, **named)
    if isinstance(record.args, tuple):
        record.args = tuple(type(a).__name__ if isinstance(a, BaseException) else a for a in record.args)
    error = record.exc_info[1] if record.exc_info else None
    try:
        message = record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit are the handler's to complain of
        return record
    if error is not None or TRACEBACK in message:
        fields = described(error) if error is not None else {}
        known = " ".join(f"{name}={content}" for name, content in fields.items())
        first, *_ = message.partition(TRACEBACK)[0].splitlines() or [""]
        record.msg, record.args = f"{first} {known}".strip(), None
        record.exc_info = None
    return record


def tell(event: str, **fields: Any) -> None:
    """Write one event at level info, with what every line has."""
    if not _state["info"]:
        return
    line = {"event": event, **fields, "request_id": request_id.get(), "level": "info", "timestamp": datetime.now(UTC)}
    with suppress(OSError):  # the disk that is full may be the log's as well
        sys.stdout.write(to_json(line).decode() + "\n")


class _Out:
    """Writes to whatever standard output is at the moment."""

    def msg(self, line: str) -> None:
        with suppress(OSError):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()  # nobody may come for a while whose line would push it out

    debug = info = warning = error = critical = exception = msg


def _to_standard_output(*_arguments: Any) -> _Out:
    return _Out()


def _with_request(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if (known := request_id.get()) is not None:
        event.setdefault("request_id", known)
    return event


def _line(event: EventDict, **_options: Any) -> str:
    return to_json(event, fallback=str).decode()
