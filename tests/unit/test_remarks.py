"""What a status says beside its state, on a terminal."""

import msgspec
import pytest

from domain.error_codes import CODES
from domain.warnings import RequestWarning, WarningCode
from entrypoints.commands import job_views
from entrypoints.commands.remarks import HELP, PASSING, printer, remarks
from tests.support.jobs import a_job

POLKA = RequestWarning(WarningCode.UNKNOWN_STYLE, "/style", "no style is known by these words")


def test_each_warning_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    remark, document = printer(), {"warnings": [msgspec.to_builtins(POLKA)]}
    remark(document)
    remark(document)
    remark({})  # version 0.2
    assert capsys.readouterr() == ("", "warning: style: no style is known by these words\n")


def test_operators_see_the_warnings_of_a_job() -> None:
    job = a_job()
    job = msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, warnings=(POLKA,)))
    assert ("warning", "style: no style is known by these words") in list(job_views.facts_of(job))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("tools_unavailable", "it goes on by itself"),
        ("jobs_paused", "moment jobs resume"),
        ("worker_missing", "moment worker"),
        ("wrong_bucket", "moment doctor"),
        ("a_foreign_code", "moment doctor"),
    ],
)
def test_a_job_that_waits_says_who_lets_it_go_on(code: str, words: str) -> None:
    (line,) = remarks({"waiting_for": code})
    assert code in line
    assert words in line
    assert ("by itself" in line) is (code in PASSING)


def test_each_remark_is_about_a_code_that_we_have() -> None:
    assert PASSING | set(HELP) <= set(CODES)
