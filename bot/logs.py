"""One line of JSON (or text) for each thing that happens, and other people's loggers kept quiet (DESIGN.md §5)."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

_FIRST = ["timestamp", "level", "logger", "event", "reference"]
_QUIET = (
    "slack_sdk",
    "slack_bolt",
    "httpx",
    "httpcore",
    "aiohttp",
    "asyncio",
    "uvicorn",
    "stamina",
    "procrastinate",
    "psycopg",
)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is now; a line that cannot be written is lost, and never an exception."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A closed stderr must not stop an order."""


def _type_only(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Keep an exception's type, never its message or traceback: those may hold what people typed."""
    exc_info = event.pop("exc_info", None)
    exc_info = sys.exc_info() if exc_info is True else exc_info
    kind = exc_info[0] if isinstance(exc_info, tuple) else type(exc_info)
    if exc_info and isinstance(kind, type):
        event["error"] = kind.__name__
    return event


def _place_only(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Of a library's line keep only where it comes from: into its sentence it puts exceptions, URLs and payloads."""
    record: logging.LogRecord = event["_record"]
    if not record.name.startswith("shipclerk"):
        event["event"] = f"{record.filename}:{record.lineno} {record.funcName}"
    return event


def _written(log_format: str) -> structlog.typing.Processor:
    """How a line is written; in a line of text each value stands in quotes, so that none can begin a new line."""
    if log_format == "text":
        return structlog.processors.KeyValueRenderer(key_order=_FIRST, drop_missing=True)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def configure(level: str = "INFO", log_format: str = "json") -> None:
    """Set up logging as ``json`` or ``text``: ours at the level asked for, libraries' at WARNING or above."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _type_only,
        _written(log_format),
    ]
    handler = _Stderr()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _place_only], processors=last))
    root = logging.getLogger()
    root.handlers = [*(kept for kept in root.handlers if not isinstance(kept, _Stderr)), handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
