"""The OpenAPI document lints clean, and typed clients that are made from it compile and work.

`make test-clients` installs the tools of node, pinned in package-lock.json, and runs this; where there is no node, it
is skipped with the reason, or fails if `REQUIRE_NODE=1` demands it.
"""

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import httpx
import msgspec
import pytest

from tests.support.api import ServedApi, serving_api

pytestmark = [pytest.mark.clients, pytest.mark.anyio, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "build" / "clients" / "node_modules"
PATIENCE = 300.0
REDIRECTS = """
openapi.json:
  operation-2xx-response:
    - '#/paths/~1v1~1jobs~1{job_id}~1audio/get/responses'
    - '#/paths/~1m~1{token}~1audio/get/responses'
    - '#/paths/~1v1~1proxy-audio/get/responses'
"""
"""What redocly must let pass: the operations whose success is a redirect."""

OUTCOME = ["PENDING", None, "job_not_found", False]
"""What each program prints: the state of a new job, its tempo or blueprint, and the problem of an unknown job."""


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture(scope="module")
async def folder(api: ServedApi, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where clients are made: it has the document and the programs that use them."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "openapi.json").write_bytes((await api.http.get("/openapi.json")).content)
    for program in [*HERE.glob("use_*"), HERE / "tsconfig.json"]:
        shutil.copy(program, folder)
    return folder


@pytest.fixture
def node(folder: Path) -> Iterator[Path]:
    """The folder, with the tools of node beside it."""
    if shutil.which("node") is None or not TOOLS.is_dir():
        reason = "node, or what `make test-clients` installs for it, is not there"
        if os.environ.get("REQUIRE_NODE") == "1":
            pytest.fail(f"{reason} (REQUIRE_NODE=1 demands it)", pytrace=False)
        pytest.skip(reason)
    modules = folder / "node_modules"
    modules.symlink_to(TOOLS)
    yield folder
    modules.unlink()


async def run(folder: Path, *command: str) -> str:
    """Run a command in a folder; return what it writes."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"REDOCLY_TELEMETRY": "off", "NO_COLOR": "1", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    with anyio.fail_after(PATIENCE):
        done = await anyio.run_process(
            command, cwd=folder, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    said = done.stdout.decode()
    assert done.returncode == 0, said
    return said


def tool(name: str) -> str:
    return str(TOOLS / ".bin" / name)


async def test_redocly_finds_nothing(node: Path) -> None:
    (node / "strict.yaml").write_text("extends: [recommended-strict]\n")
    (node / ".redocly.lint-ignore.yaml").write_text(REDIRECTS)
    assert "Your API description is valid" in await run(
        node, tool("redocly"), "lint", "--config", "strict.yaml", "openapi.json"
    )


async def test_spectral_finds_nothing(node: Path) -> None:
    (node / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    await run(node, tool("spectral"), "lint", "--fail-severity", "hint", "openapi.json")


async def test_clients_in_typescript_compile_and_work(api: ServedApi, node: Path) -> None:
    await run(node, tool("openapi-typescript"), "openapi.json", "--output", "schema.d.ts")
    await run(node, tool("openapi-ts"), "--input", "openapi.json", "--output", "sdk", "--no-log-file")
    await run(node, tool("tsc"), "--project", ".")
    for program in ("use_fetch", "use_sdk"):
        assert await outcome(api, node, "node", f"out/{program}.js") == OUTCOME


async def test_a_client_in_python_compiles_and_works(api: ServedApi, folder: Path) -> None:
    generator = ("openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "moment_client")
    said = await run(folder, *generator, "--meta", "none", "--overwrite", "--fail-on-warning")
    assert "Warning" not in said
    assert compileall.compile_dir(folder / "moment_client", quiet=1)
    made = ("moment_client/api", "moment_client/models", "use_client.py")  # client.py is the same for every API
    mypy = (sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent")
    await run(folder, *mypy, *made)
    assert await outcome(api, folder, sys.executable, "use_client.py") == OUTCOME


async def outcome(api: ServedApi, folder: Path, *command: str) -> object:
    """Return what a program that uses a client prints."""
    url = str(httpx.URL(api.http.base_url)).rstrip("/")
    return msgspec.json.decode(await run(folder, *command, url))
