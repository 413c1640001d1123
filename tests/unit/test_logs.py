"""Log lines: what a line looks like, and which ids it carries."""

import logging
import sys
from collections.abc import Iterator

import msgspec
import pytest
import structlog

from adapters.telemetry.structured_logs import StructuredLogs
from application import telemetry
from application.telemetry import CancellationReceived, JobClaimed
from domain.jobs.transitions import JobStatus
from entrypoints import logs
from entrypoints.settings import Settings
from tests.support.jobs import JOB_ID


@pytest.fixture(autouse=True)
def _ids() -> Iterator[None]:
    """Give the ids back as they were."""
    tokens = [(variable, variable.set("")) for variable in (telemetry.job_id, telemetry.request_id)]
    yield
    for variable, token in tokens:
        variable.reset(token)


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "some.library", "levelno": logging.INFO, "levelname": "INFO", **fields})
    made.msg, made.args = message, args
    return made


def test_a_json_line_has_its_time_level_process_logger_message_and_fields() -> None:
    line = msgspec.json.decode(logs.formatter("json", "api").format(record("%d tries", 3, route="/v1/x")))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info", "process": "api", "logger": "some.library", "message": "3 tries", "route": "/v1/x",
    }  # fmt: skip


def test_a_text_line_is_for_people() -> None:
    line = logs.formatter("text", "worker").format(record("job ended", status="COMPLETED", seconds=1.5))
    assert line[8:] == " INFO    worker job ended status=COMPLETED seconds=1.5"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_lines_of_libraries_carry_the_ids_of_the_task(log_format: str) -> None:
    telemetry.request_id.set("r-1")
    telemetry.job_id.set("j-1")
    line = logs.formatter(log_format, "api").format(record("hello"))
    assert "r-1" in line
    assert "j-1" in line


def test_a_line_without_ids_has_none() -> None:
    line = logs.formatter("text", "api").format(record("hello"))
    assert line.endswith("INFO    api hello")


def test_an_event_about_another_job_keeps_its_own_id() -> None:
    telemetry.job_id.set("j-1")
    line = msgspec.json.decode(logs.formatter("json", "worker").format(record("job dropped", job_id="j-2")))
    assert line["job_id"] == "j-2"


def test_no_field_can_forge_another_line_or_field() -> None:
    line = logs.formatter("text", "api").format(record("request served", route="/x\n12:00 ERROR status=200"))
    assert "\n" not in line
    assert line.endswith(r'route="/x\n12:00 ERROR status=200"')


@pytest.mark.parametrize("text", ["/\x1b[2Jx\x07\x08", "/\u2028y\x85z", "/\x7f"])
def test_no_text_moves_the_cursor_of_a_terminal(text: str) -> None:
    line = logs.formatter("text", "api").format(record(text, route=text))
    assert line.isprintable()
    assert line.count("\\") >= 2


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_exceptions_are_logged_with_their_traceback(log_format: str) -> None:
    try:
        msgspec.json.decode("{")
    except msgspec.DecodeError:
        line = logs.formatter(log_format, "api").format(record("broken", exc_info=sys.exc_info()))
    assert "Traceback" in line
    assert "DecodeError: Input data was truncated" in line


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_lines_of_telemetry_look_like_all_others(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.request_id.set("r-1")
    before, level = structlog.get_config(), logging.getLogger().level
    handlers = logging.getLogger().handlers[:]
    try:
        logs.set_up(Settings(log_format=log_format), "worker")
        StructuredLogs().emit(JobClaimed(JOB_ID, JobStatus.PENDING, 1))  # DEBUG: not written
        StructuredLogs().emit(CancellationReceived(JOB_ID))
        logging.getLogger("moment.jobs").info("cancellation received", extra={"job_id": JOB_ID})
    finally:
        structlog.configure(**before)
        logging.basicConfig(level=level, handlers=handlers, force=True)
    ours, theirs = capsys.readouterr().err.splitlines()
    if log_format == "json":
        first, second = msgspec.json.decode(ours), msgspec.json.decode(theirs)
        assert {**first, "time": ""} == {**second, "time": ""}
    else:
        assert ours[8:] == theirs[8:] == f" INFO    worker cancellation received job_id={JOB_ID} request_id=r-1"
