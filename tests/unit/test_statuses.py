"""The statuses: wherever they are written as text, they are those of the enum."""

import re
from importlib.resources import files

import pytest

from domain.jobs.transitions import JobStatus
from entrypoints.web.texts import texts

_WORD = re.compile(r"'([A-Z]{4,})'")
STATEMENTS = sorted((files("adapters.postgres") / "sql").iterdir(), key=lambda file: file.name)


def test_the_table_admits_every_status() -> None:
    table = (files("adapters.postgres") / "migrations" / "0001_jobs.sql").read_text(encoding="utf-8")
    check = re.search(r"status IN \(([^)]*)\)", table)
    assert check is not None
    assert _WORD.findall(check[1]) == list(JobStatus)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda file: file.name)
def test_statements_name_no_other_status(statement: object) -> None:
    named = set(_WORD.findall(statement.read_text(encoding="utf-8")))  # type: ignore[attr-defined]
    assert named <= set(JobStatus)


def test_the_page_has_a_text_for_every_status() -> None:
    assert {f"moment.state.{status}" for status in JobStatus} <= texts().keys()
