"""Logging: one line per event on standard error, as text for people or JSON for machines.

Every line carries the ids of the HTTP request and of the job that its task works on, from our own code, from
telemetry and from libraries.
"""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from application.telemetry import job_id, request_id
from entrypoints.settings import Settings

_QUIET: Final = (
    *("asyncio", "botocore", "aiobotocore", "aiohttp", "httpcore"),
    *("httpx", "httpx2", "mcp", "urllib3", "uvicorn"),
)
"""Libraries whose lines below WARNING are left out."""

_PLAIN: Final = re.compile(r"[^\s\"=]+")


def set_up(settings: Settings, process: str) -> None:
    """Send this process's log to standard error."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line shows them
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.log_format, process))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    warn_of_ignored(settings)


def formatter(log_format: str, process: str) -> logging.Formatter:
    """Return the formatter for `text` or `json`; `process` names the process in every line."""
    rendering = _json(process) if log_format == "json" else [_Text(process)]
    return ProcessorFormatter(processors=rendering, foreign_pre_chain=[ExtraAdder(), _add_ids, format_exc_info])


def warn_of_ignored(settings: Settings) -> None:
    """Log the names of variables that are set and have no effect."""
    if settings.ignored:
        names = ", ".join(settings.ignored)
        logging.getLogger(__name__).info("ignoring %s: the queue is in Postgres now", names)


def _add_ids(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Add the ids of the present task, where the line does not have its own."""
    for variable in (job_id, request_id):
        if value := variable.get():
            line.setdefault(variable.name, value)
    return line


def _json(process: str) -> list[Processor]:
    def arrange(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        record, message = line.pop("_record"), line.pop("event")
        del line["_from_structlog"]
        return {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": process,
            "logger": record.name,
            "message": message,
            **line,
        }

    return [arrange, JSONRenderer(serializer=_dump)]


def _dump(line: EventDict, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


class _Text:
    """Renders a line as `time LEVEL process message name=value …`, and an exception below it."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> str:
        record, message = line.pop("_record"), line.pop("event")
        del line["_from_structlog"]
        exception = line.pop("exception", "")
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")  # noqa: DTZ006 - local time is meant
        fields = "".join(f" {name}={_value(value)}" for name, value in line.items())
        head = f"{time} {record.levelname:<7} {self._process} {message}{fields}"
        return f"{head}\n{exception}" if exception else head


def _value(value: object) -> str:
    """Return a value as it is if it is one word, else in quotes, so that no text can forge a field or a line."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else msgspec.json.encode(text).decode()
