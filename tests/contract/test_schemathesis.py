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


JOB: Final = "createMoment|readStatus|readJob|followEvents|cancelJob|retryJob|deleteJob|readAudio"
"""Where the document's links lead; of lists, schemathesis would make up links of its own, and follow those alone."""

ALONE: Final = ["--phases", "examples,coverage"]
LINKED: Final = ["--phases", "stateful", "--include-operation-id-regex", f"^({JOB})$"]
AT_LENGTH: Final = ["--phases", "fuzzing", "--max-examples", "200"]


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([ALONE, LINKED], id="few"),
        pytest.param([AT_LENGTH], marks=[pytest.mark.clients, pytest.mark.timeout(900)], id="many"),
    ],
)
async def test_every_operation_does_what_the_document_says(start: Start, tmp_path: Path, runs: list[list[str]]) -> None:
    api = start()
    await api.ready()
    for options in runs:
        done = await anyio.to_thread.run_sync(tried, f"{api.url}/openapi.json", options, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert options is not LINKED or int(done.stdout.partition(LINKS)[2].split()[0]) > 0, done.stdout
    assert "Traceback" not in api.process.log


def tried(document: str, options: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run schemathesis, which keeps its files in a folder."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", document, *options]
    environment = unconfigured() | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
