"""Logging: one line per event on standard error, as text for people or JSON for machines.

Two ways lead to the same lines: telemetry writes through structlog, our own modules and libraries through the standard
library's loggers. Every line carries the ids of the HTTP request and of the job that its task works on.
"""

import logging
import re
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from structlog.processors import format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.toolkit.certificates import unusable_authorities
from adapters.toolkit.proxies import unusable_proxies
from application.telemetry import job_id, request_id
from entrypoints.settings import Settings, reasons_to_ignore

_QUIET: Final = (
    *("asyncio", "botocore", "aiobotocore", "aiohttp", "httpcore"),
    *("httpx", "httpx2", "mcp", "urllib3", "uvicorn"),
)
"""Libraries whose lines below WARNING are left out."""

_PLAIN: Final = re.compile(r"[^\s\"=]+")


class _Head(NamedTuple):
    """What stands before the message: seconds since 1970, the level in capitals, the logger's name."""

    created: float
    level: str
    logger: str


def set_up(settings: Settings, process: str) -> None:
    """Send this process's log to standard error; `process` names the process in every line."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line shows them
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.log_format, process))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[_head_of_event, _add_ids, _renderer(settings.log_format, process)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger().level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    warn_of_ignored(settings)


def formatter(log_format: str, process: str) -> logging.Formatter:
    """Return the standard library's formatter for `text` or `json`."""
    return ProcessorFormatter(
        processors=[_head_of_record, _renderer(log_format, process)],
        foreign_pre_chain=[ExtraAdder(), _add_ids, format_exc_info],
    )


def warn_of_ignored(settings: Settings) -> None:
    """Log the names of variables that are set and have no effect, one line for each kind."""
    if settings.ignored:
        logging.getLogger(__name__).info("ignoring %s", reasons_to_ignore(settings.ignored))
    if settings.links:
        logging.getLogger(__name__).info("ignoring %s: links to services, not settings", ", ".join(settings.links))
    for found in settings.unknown:
        hint = f"; is it {found.nearest}?" if found.nearest else ""
        logging.getLogger(__name__).warning("%s is no setting, and has no effect%s", found.name, hint)
    for problem in (*unusable_proxies(), *unusable_authorities()):
        logging.getLogger(__name__).warning("ignoring %s: %s", problem.name, problem.reason)


def _head_of_event(_logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    line["_head"] = _Head(time.time(), method.upper(), line.pop("logger", ""))
    return line


def _head_of_record(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    record = line.pop("_record")
    del line["_from_structlog"]
    line["_head"] = _Head(record.created, record.levelname, record.name)
    return line


def _add_ids(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Add the ids of the present task, where the line does not have its own."""
    for variable in (job_id, request_id):
        if value := variable.get():
            line.setdefault(variable.name, value)
    return line


def _renderer(log_format: str, process: str) -> Processor:
    return _Json(process) if log_format == "json" else _Text(process)


class _Json:
    """Renders a line as one JSON object."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> str:
        head, message = line.pop("_head"), line.pop("event")
        document = {
            "time": datetime.fromtimestamp(head.created, UTC).isoformat(timespec="milliseconds"),
            "level": head.level.lower(),
            "process": self._process,
            "logger": head.logger,
            "message": message,
            **line,
        }
        return msgspec.json.encode(document, enc_hook=str).decode()


class _Text:
    """Renders a line as `time LEVEL process message name=value …`, and an exception below it."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> str:
        head, message = line.pop("_head"), line.pop("event")
        exception = line.pop("exception", "")
        fields = "".join([f" {name}={_value(value)}" for name, value in line.items()])
        text = f"{_time_of_day(int(head.created))} {head.level:<7} {self._process} {_visible(message)}{fields}"
        return f"{text}\n{exception}" if exception else text


@lru_cache(1)
def _time_of_day(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _value(value: Any) -> str:
    """Return a value as it is if it is one word, else in quotes, so that no text can forge a field or a line."""
    text = str(value)
    if _PLAIN.fullmatch(text):
        return _visible(text)
    return _visible(msgspec.json.encode(text).decode())


def _visible(text: str) -> str:
    """Return a text whose control characters are escaped: none may move a terminal's cursor or end the line."""
    if text.isprintable():
        return text
    return "".join([letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text])
