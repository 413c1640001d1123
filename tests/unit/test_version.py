"""One version: in pyproject.toml, on the command line, over HTTP, in OpenAPI and in both directions of MCP."""

import tomllib
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from mcp import Client

from adapters.mcp.server_profile import CLIENT
from application.version import PACKAGE, VERSION
from entrypoints.api import health, openapi
from entrypoints.cli import main
from tests.support.our_mcp_server import OurMcpServer
from tests.support.serving import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["version"]) == (PACKAGE, VERSION)
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_command_line_prints_it() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"{VERSION}\n"


@pytest.mark.anyio
async def test_the_api_reports_it() -> None:
    assert await health.healthz.fn() == health.Health("ok", VERSION)
    assert openapi.config().version == VERSION


@pytest.mark.anyio
async def test_mcp_clients_and_servers_name_it(tmp_path: Path) -> None:
    async with serving(OurMcpServer(tmp_path).app(token="")) as base:
        async with Client(f"{base}/mcp") as client:
            assert client.server_info is not None
            assert client.server_info.version == VERSION
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{base}/healthz")).json() == {"status": "ok", "version": VERSION}
    assert CLIENT == {"name": PACKAGE, "version": VERSION}
