"""What a status says beside its state, on a terminal."""

import msgspec
import pytest

from domain.warnings import RequestWarning, WarningCode
from entrypoints.commands import job_views
from entrypoints.commands.remarks import printer
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
