"""The snippets of the README work as they stand, against a running service."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from entrypoints.local.network import free_port
from entrypoints.music_tools.server import MCP_PATH
from entrypoints.settings import Settings
from tests.support.up import HUM, Up, up

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("readme") / "data", free_port(), MUSIC_TOOLS_WORKERS="1") as running:
        running.await_ready()
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like a clone's, with the example in it."""
    (tmp_path / "examples").mkdir()
    shutil.copy(HUM, tmp_path / "examples" / "hum.wav")
    return tmp_path


def snippet(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


def run(command: list[str], code: str, service: Up, folder: Path) -> str:
    """Run a snippet where the service is; return what it printed."""
    code = code.replace("http://localhost:8000", service.url)
    done = subprocess.run([*command, code], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_is_music(path: Path) -> None:
    content = path.read_bytes()
    assert content[:3] == b"ID3" or content[:2] == b"\xff\xfb"
    assert len(content) > 100_000


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_the_shell_snippet(service: Up, folder: Path) -> None:
    program("curl")
    run(["sh", "-euc"], snippet("sh"), service, folder)
    assert_is_music(folder / "theme.mp3")


def test_the_python_snippet(service: Up, folder: Path) -> None:
    run([sys.executable, "-c"], snippet("python"), service, folder)
    assert_is_music(folder / "theme.mp3")


def test_the_javascript_snippet(service: Up, folder: Path) -> None:
    node = program("node")
    if int(subprocess.check_output([node, "--version"], text=True)[1:].split(".")[0]) < 20:
        pytest.skip("fs.openAsBlob needs node 20")
    given = 'import { openAsBlob } from "node:fs"; const file = await openAsBlob("examples/hum.wav");'
    url = run([node, "--input-type=module", "--eval"], given + snippet("js"), service, folder).strip().splitlines()[-1]
    assert httpx.get(url).headers["content-type"] == "audio/mpeg"


def test_the_mcp_client_s_settings() -> None:
    url = json.loads(snippet("json"))["mcpServers"]["music-tools"]["url"]
    assert url == f"http://localhost:{Settings().tools_port}{MCP_PATH}"


def test_what_the_readme_links_to_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
    for page in [*pages, *(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page.name} links to {link}"
