"""Workspaces and the end of their processes: nothing stays, and nothing of a living process is deleted."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from adapters.toolkit.locked_folders import delete_abandoned
from adapters.toolkit.workspaces import PREFIX, Workspaces, open_workspaces

pytestmark = pytest.mark.anyio

PROCESS = """
import sys, time
from pathlib import Path
from adapters.toolkit.workspaces import Workspaces

workspaces = Workspaces(Path(sys.argv[1]))
print(workspaces.create(), flush=True)
time.sleep(60)
"""


WARMING_UP = """
import sys, time
from adapters.audio.mix import mastering

def master(stem, *rest):
    print(stem.parent, flush=True)
    time.sleep(60)

mastering.master = master
mastering.warm_up()
"""

CONTAINER = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child=SIGKILL"]
"""Runs a command as process 1 of a namespace of its own, as a container does."""


@contextmanager
def another_process(parent: Path, program: str = PROCESS, wrapper: Sequence[str] = ()) -> Iterator[Path]:
    """Yield a workspace of a process that is killed at the end of the block."""
    process = subprocess.Popen(
        [*wrapper, sys.executable, "-c", program, str(parent)],
        env={**os.environ, "TMPDIR": str(parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        try:
            workspace = Path(output.readline().strip())
            (workspace / "hum.wav").write_bytes(b"hmm")
            yield workspace
        finally:
            process.kill()
            output.read()  # to its end: a process in a namespace has ended, too
            process.wait()


def skip_without_namespaces() -> None:
    if shutil.which("unshare") is None or subprocess.run([*CONTAINER, "true"], check=False).returncode:
        pytest.skip("this machine lets us create no namespace")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_what_a_killed_process_left_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    with another_process(tmp_path) as dead:
        pass
    assert (dead / "hum.wav").exists()
    with another_process(tmp_path) as living:
        async with open_workspaces(tmp_path) as workspaces:
            assert not dead.parent.exists()
            assert (living / "hum.wav").exists()
            ours = workspaces.create()
            assert names(ours) == set()
        assert names(tmp_path) == {living.parent.name}


async def test_a_container_deletes_what_its_predecessor_left_and_nothing_of_its_neighbour(tmp_path: Path) -> None:
    skip_without_namespaces()
    program = PROCESS.replace("print(", "import os; assert os.getpid() == 1; print(")
    with another_process(tmp_path, program, CONTAINER) as dead:
        pass
    assert (dead / "hum.wav").exists()
    with another_process(tmp_path, program, CONTAINER) as living:
        async with open_workspaces(tmp_path):
            assert not dead.parent.exists()
            assert (living / "hum.wav").exists()


async def test_a_child_that_is_killed_while_it_warms_up_leaves_nothing_either(tmp_path: Path) -> None:
    with another_process(tmp_path, WARMING_UP) as folder:
        delete_abandoned(PREFIX, tmp_path)
        assert folder.exists()
    assert folder.exists()
    delete_abandoned(PREFIX, tmp_path)
    assert names(tmp_path) == set()


async def test_only_our_own_folders_are_deleted(tmp_path: Path) -> None:
    outside, parent = tmp_path / "outside", tmp_path / "tmp"
    for folder in (outside, parent / "moment-other", parent / f"{PREFIX}dead"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (parent / f"{PREFIX}link").symlink_to(outside)
    (parent / f"{PREFIX}file").touch()
    delete_abandoned(PREFIX, parent)
    assert names(parent) == {"moment-other", f"{PREFIX}link", f"{PREFIX}file"}
    assert (outside / "file").exists()


async def test_workspaces_come_back_when_somebody_emptied_the_temporary_directory(tmp_path: Path) -> None:
    async with open_workspaces(tmp_path) as workspaces:
        lost = workspaces.create()
        lost.rmdir()
        lost.parent.rmdir()
        found = workspaces.create()
        delete_abandoned(PREFIX, tmp_path)
        assert found.exists()
    assert names(tmp_path) == set()


async def test_processes_that_start_at_the_same_time_do_not_delete_each_others_folders(tmp_path: Path) -> None:
    stop = threading.Event()
    kept: list[bool] = []

    def start_and_end() -> None:
        for _ in range(100):
            workspaces = Workspaces(tmp_path)
            workspace = workspaces.create()
            kept.append(workspace.exists())
            workspaces.close()

    def clean() -> None:
        while not stop.is_set():
            delete_abandoned(PREFIX, tmp_path)

    cleaners = [threading.Thread(target=clean) for _ in range(2)]
    for cleaner in cleaners:
        cleaner.start()
    try:
        async with anyio.create_task_group() as starts:
            for _ in range(3):
                starts.start_soon(anyio.to_thread.run_sync, start_and_end)
    finally:
        stop.set()
        for cleaner in cleaners:
            cleaner.join()
    assert kept == [True] * 300
