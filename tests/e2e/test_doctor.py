"""`moment doctor` in front of real servers, healthy and ill: each ailment is a real one."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import anyio
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp

from adapters.spaces import SpacesStore
from entrypoints.doctor.report import Verdict
from tests.support.doctor_run import SECRET, UNREACHABLE, DoctorRun, assert_failed
from tests.support.raw_server import raw_server
from tests.support.s3 import S3Server, everything_in
from tests.support.s3_proxy import hang, intercepted, is_signed
from tests.support.up import unconfigured

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(tmp_path: Path) -> DoctorRun:
    return DoctorRun(tmp_path)


async def test_with_nothing_configured_everything_is_embedded(patient: DoctorRun) -> None:
    found = await patient.run()
    assert patient.verdicts("database", "bucket", "tools") == ["not configured"] * 3
    assert all("embedded" in found[name].seen for name in ("database", "bucket", "tools"))
    assert patient.verdicts("settings", "voice", "data folder", "api") == ["ok", "ok", "ok", "warn"]
    assert "hummer" in found["voice"].seen
    assert not (patient.folder / "data").exists()


async def test_something_else_at_the_public_url(patient: DoctorRun) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na page") as (port, _):
        patient.configure(PUBLIC_URL=f"http://127.0.0.1:{port}")
        found = await patient.run()
    assert (found["api"].verdict, "something else" in found["api"].seen) == (Verdict.WARN, True)


async def test_tools_elsewhere_cannot_fetch_from_this_machine(patient: DoctorRun) -> None:
    patient.configure(MCP_BASE_URL="http://tools.invalid")
    assert_failed((await patient.run())["audio"], "tools.invalid", "PUBLIC_URL")


async def test_a_data_folder_that_cannot_be_made(patient: DoctorRun) -> None:
    (patient.folder / "file").touch()
    patient.configure(MOMENT_DATA_DIR=str(patient.folder / "file" / "data"))
    assert_failed((await patient.run())["data folder"], "NotADirectoryError", "MOMENT_DATA_DIR")


def command(
    folder: Path, environment: dict[str, str], *arguments: str, out: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli", "doctor", *arguments],
        cwd=folder,
        env={**unconfigured(), "PUBLIC_URL": UNREACHABLE, **environment},
        stdout=out,
        stderr=out,
        text=True,
    )


def test_the_exit_code_tells_scripts(tmp_path: Path) -> None:
    password = {"CELERY_BROKER_URL": f"redis://:{SECRET}@redis", "DO_SPACES_SECRET": ""}
    well = command(tmp_path, password, "--json")
    ill = command(tmp_path, {"DATABASE_URL": f"postgresql://me:{SECRET}@127.0.0.1:1/x"})
    unusable = [command(tmp_path, {"DO_SPACES_SECRET": SECRET}, *arguments) for arguments in ((), ("--json",))]
    said = {process: process.communicate(timeout=60) for process in (well, ill, *unusable)}
    assert [process.returncode for process in said] == [0, 1, 2, 2]
    assert not any(SECRET in text for texts in said.values() for text in texts)
    report = json.loads(said[well][0])
    checks = {check["name"]: check for check in report["checks"]}
    assert report["ok"]
    assert (checks["ignored"]["verdict"], "CELERY_BROKER_URL" in checks["ignored"]["seen"]) == ("warn", True)
    assert "start the server" in said[ill][0]
    assert said[ill][0].splitlines()[-1] == "1 failed, 1 with warnings"
    assert said[unusable[0]][1].startswith("Error: DO_SPACES_SECRET is set but DO_SPACES_KEY")
    assert json.loads(said[unusable[1]][0])["ok"] is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interruption_leaves_nothing(
    tmp_path: Path, moto: S3Server, moto_store: SpacesStore, number: signal.Signals
) -> None:
    reached = anyio.Event()

    async def hold(request: Request) -> ASGIApp | None:
        if not is_signed(request):
            return None
        reached.set()
        return hang

    async with intercepted(moto, hold) as server:
        spaces = {"DO_SPACES_ENDPOINT": server.endpoint, "DO_SPACES_KEY": "k", "DO_SPACES_SECRET": SECRET}
        process = command(tmp_path, spaces | {"DO_SPACES_BUCKET": moto_store._bucket}, "--timeout", "50")
        with anyio.fail_after(30):
            await reached.wait()
            assert len(await everything_in(moto_store)) == 1
            process.send_signal(number)
            out, err = await anyio.to_thread.run_sync(process.communicate)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert await everything_in(moto_store) == set()


async def test_people_at_a_terminal_see_what_takes_long_and_a_table(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    async with raw_server(b"") as (port, _):
        environment = {"DATABASE_URL": f"postgresql://127.0.0.1:{port}/x", "COLUMNS": "200", "TERM": "xterm"}
        process = command(tmp_path, environment, "--timeout", "2", out=theirs)
        os.close(theirs)
        seen = await anyio.to_thread.run_sync(read_to_the_end, ours)
        assert await anyio.to_thread.run_sync(process.wait) == 1
    assert "checking database" in seen
    assert "\x1b[1;31mfail" in seen
    assert re.search(r"check +result +seen +fix", re.sub(r"\x1b\[[\d;]*m", "", seen))
    assert "1 failed, 1 with warnings" in seen


def read_to_the_end(terminal: int) -> str:
    said = b""
    with suppress(OSError), closing(os.fdopen(terminal, "rb", buffering=0)) as source:  # how a terminal ends
        while chunk := source.read(4096):
            said += chunk
    return said.decode()


async def test_proxies_and_authorities_of_the_environment(patient: DoctorRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@proxy.test:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5://10.0.0.1:1080")
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    patient.configure(MCP_BASE_URL="https://tools.invalid")
    found = await patient.run()
    assert "HTTPS_PROXY" in found["connections out"].seen
    assert "through a proxy: MCP_BASE_URL" in found["connections out"].seen
    assert patient.verdicts("connections out", "ALL_PROXY", "SSL_CERT_FILE") == ["ok", "warn", "warn"]
    assert "SOCKS" in found["ALL_PROXY"].seen
    assert "remove it" in found["SSL_CERT_FILE"].fix
