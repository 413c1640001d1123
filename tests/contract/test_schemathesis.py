"""schemathesis finds nothing: every operation, and the ways that the document's links lead, over real Postgres.

The requests are always the same ones (`tests/support/schemathesis.toml`); `make test-clients` sends many more.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import anyio.to_thread
import pytest

from tests.contract.test_api_shutdown import Start, start
from tests.support.processes import ROOT
from tests.support.up import unconfigured

__all__ = ["start"]

pytestmark = pytest.mark.anyio

CONFIGURATION = ROOT / "tests" / "support" / "schemathesis.toml"
LINKS = "API Links:"


FEW: Final = ["--phases", "examples,coverage,stateful"]
MANY: Final = ["--max-examples", "200"]


@pytest.mark.parametrize(
    "amount", [FEW, pytest.param(MANY, marks=[pytest.mark.clients, pytest.mark.timeout(900)])], ids=["few", "many"]
)
async def test_every_operation_does_what_the_document_says(start: Start, tmp_path: Path, amount: list[str]) -> None:
    api = start()
    await api.ready()
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
        *("run", f"{api.url}/openapi.json", *amount),
    ]
    environment = unconfigured() | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = await anyio.to_thread.run_sync(run)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Stateful" in done.stdout
    assert int(done.stdout.partition(LINKS)[2].split()[0]) > 0, done.stdout
    assert "Traceback" not in api.process.log
