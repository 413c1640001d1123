"""Settings as processes read them: what is in force, what is wrong, and what is none of ours."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from entrypoints.local.network import free_port
from tests.support.up import PATIENCE, unconfigured


def moment(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", *arguments],
        cwd=folder,
        env={**unconfigured(), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Path]:
    """Run a command for the duration of the block; yield its log."""
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.cli", *arguments],
            env={**unconfigured(), **environment},
            cwd=folder,
            stdout=sink,
            stderr=sink,
        )
        try:
            yield log
        finally:
            process.kill()
            process.wait(PATIENCE)


def answer(url: str, log: Path, **headers: str) -> httpx.Response:
    """Return the response to a GET, once the process listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(url, headers=headers, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def test_each_value_is_shown_with_its_source(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOMENT_WORKER_SLOTS=3\nMCP_AUTH_TOKEN=hush-token\nMOMENT_LOG_FORMAT=json\n")
    environment = {
        "MOMENT_LOG_FORMAT": "'text'",
        "DATABASE_URL": "postgresql://me:hush-password@db/x",
        "MOMENT_SLOTS": "5",
        "MOMENT_PORT": "tcp://10.0.0.1:80",
    }
    done = moment(tmp_path, "settings", "--host", "::1", "--json", **environment)
    document = json.loads(done.stdout)
    found = {each["name"]: (each["value"], each["source"]) for each in document["settings"]}
    assert found["MOMENT_HOST"] == ("::1", "option")
    assert found["MOMENT_LOG_FORMAT"] == ("text", "environment")
    assert found["MOMENT_WORKER_SLOTS"] == ("3", ".env")
    assert found["MOMENT_PORT"] == ("8000", "default")
    assert found["MCP_AUTH_TOKEN"] == ("***", ".env")
    assert found["DATABASE_URL"] == ("postgresql://db/x", "environment")
    assert document["unknown"] == [{"name": "MOMENT_SLOTS", "nearest": "MOMENT_WORKER_SLOTS"}]
    assert document["ignored"] == ["MOMENT_PORT"]
    table = moment(tmp_path, "settings", **environment).stdout
    assert "MOMENT_SLOTS (is it MOMENT_WORKER_SLOTS?)" in table
    assert "hush" not in done.stdout + table


@pytest.mark.parametrize("command", ["up", "api", "worker", "music-tools", "migrate", "settings", "doctor"])
def test_every_command_names_all_that_is_wrong(command: str, tmp_path: Path) -> None:
    done = moment(tmp_path, command, MOMENT_PORT="http", DATABASE_URL="mysql://hush@db", MOMENT_LEASE_SECONDS="1")
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (2, 3)
    assert all(line.startswith("Error: ") for line in lines)
    assert all(name in done.stderr for name in ("MOMENT_PORT", "DATABASE_URL", "MOMENT_LEASE_SECONDS"))
    assert "hush" not in done.stderr


def test_an_api_among_links_of_kubernetes_and_origins_as_people_write_them(tmp_path: Path) -> None:
    port = free_port()
    links = {"MOMENT_PORT": "tcp://10.0.0.1:80", "MUSIC_TOOLS_PORT": "tcp://10.0.0.2:8080", "MOMENT_GRACE": "5"}
    origins = '"https://App.Example.com/"'
    database = "'postgresql://me:a/b@127.0.0.1:9/x'"
    settings = {"DATABASE_URL": database, "CORS_ORIGINS": origins, **links}
    with running(tmp_path, "api", "--port", str(port), **settings) as log:
        found = answer(f"http://127.0.0.1:{port}/healthz", log, Origin="https://app.example.com")
        assert found.headers["access-control-allow-origin"] == "https://app.example.com"
        printed = log.read_text()
    assert printed.count("links to services") == 1
    assert "MOMENT_GRACE is no setting" in printed
    assert "MOMENT_GRACE_SECONDS?" in printed


def test_music_tools_among_links_of_kubernetes(tmp_path: Path) -> None:
    done = moment(tmp_path, "settings", "--json", MUSIC_TOOLS_PORT="tcp://10.0.0.2:8080")
    found = {each["name"]: each["value"] for each in json.loads(done.stdout)["settings"]}
    assert found["MUSIC_TOOLS_PORT"] == "8080"
