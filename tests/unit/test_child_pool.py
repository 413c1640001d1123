"""The pool of child processes: what becomes of a call, of its process, and of those who come after it."""

import os
import resource
import signal
import time
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from adapters.audio.children.losses import ChildCrashed, ChildLost, OutOfTime
from adapters.audio.children.pool import ChildPool, open_pool

pytestmark = pytest.mark.anyio

PATIENCE = 60.0
"""Seconds after which something does not happen at all."""


def kill_with(number: int) -> None:
    os.kill(os.getpid(), number)


def crash_once(note: Path, number: int = signal.SIGSEGV) -> int:
    """Crash the first process that calls it; return the id of the second."""
    if not note.exists():
        note.write_text(str(os.getpid()))
        kill_with(number)
    return os.getpid()


def stop_once(note: Path) -> int:
    """Stop the first process that calls it, as if it had only started; return the id of the second."""
    if not note.exists():
        note.write_text(str(os.getpid()))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kill_with(signal.SIGTERM)
    return os.getpid()


def sleep(started: Path) -> None:
    started.write_text(str(os.getpid()))
    time.sleep(60)


def swallow_once(started: Path) -> None:
    """Work on after the first request to stop, as a library does that calls back into Python."""
    with suppress(BaseException):
        sleep(started)
    time.sleep(60)


def stop_in_bounds(started: Path) -> None:
    """Be stopped without a chance to take back one's own limits."""
    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_CPU):
        resource.setrlimit(kind, (2**33, resource.getrlimit(kind)[1]))
    sleep(started)


def limits() -> list[tuple[int, int]]:
    return [resource.getrlimit(kind) for kind in (resource.RLIMIT_DATA, resource.RLIMIT_CPU)]


def ignore(started: Path) -> None:
    """Work on, whatever is asked."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    sleep(started)


async def cancel(pool: ChildPool, work: object, started: Path) -> int:
    """Cancel a call once it has started; return the id of its process."""
    async with anyio.create_task_group() as group:
        group.start_soon(pool.run, work, started)  # type: ignore[arg-type]
        with anyio.fail_after(PATIENCE):
            while not (process := _written(started)):
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    return int(process)


def _written(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def test_a_killed_child_ends_its_own_call_only(children: ChildPool) -> None:
    with pytest.raises(ChildLost) as lost:
        await children.run(kill_with, signal.SIGKILL)
    assert not lost.value.permanent
    assert not isinstance(lost.value, ChildCrashed)  # the memory may have been a neighbour's
    assert await children.run(os.getpid) != os.getpid()


async def test_a_call_that_crashes_is_made_again_in_a_process_of_its_own(children: ChildPool, tmp_path: Path) -> None:
    second = await children.run(crash_once, tmp_path / "note")
    assert second != int((tmp_path / "note").read_text())


async def test_a_child_leaves_the_signal_to_stop_to_its_parent(children: ChildPool) -> None:
    await children.run(kill_with, signal.SIGTERM)


async def test_a_call_whose_process_could_not_ignore_that_signal_yet_is_made_again(
    children: ChildPool, tmp_path: Path
) -> None:
    second = await children.run(stop_once, tmp_path / "note")
    assert second != int((tmp_path / "note").read_text())


async def test_a_call_that_crashes_twice_is_given_up(children: ChildPool) -> None:
    with pytest.raises(ChildCrashed):
        await children.run(kill_with, signal.SIGSEGV)


async def test_a_call_that_uses_up_its_time_twice_is_not_made_again(children: ChildPool) -> None:
    with pytest.raises(OutOfTime):
        await children.run(kill_with, signal.SIGXCPU)


async def test_time_that_is_up_once_may_have_been_that_of_the_process(children: ChildPool, tmp_path: Path) -> None:
    await children.run(crash_once, tmp_path / "note", signal.SIGXCPU)


@pytest.mark.parametrize("work", [sleep, swallow_once])
async def test_a_cancelled_call_stops_and_its_process_serves_on(
    work: object, children: ChildPool, tmp_path: Path
) -> None:
    stopped = await cancel(children, work, tmp_path / "started")
    assert await children.run(os.getpid) == stopped


async def test_the_limits_of_a_stopped_call_are_not_those_of_the_next(children: ChildPool, tmp_path: Path) -> None:
    before = await children.run(limits)
    await cancel(children, stop_in_bounds, tmp_path / "started")
    assert await children.run(limits) == before


async def test_a_call_that_does_not_stop_is_killed(children: ChildPool, tmp_path: Path) -> None:
    killed = await cancel(children, ignore, tmp_path / "started")
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)


WARM: list[int] = []


def warm_up() -> None:
    WARM.append(os.getpid())


def warmth() -> tuple[int, list[int]]:
    return os.getpid(), WARM


async def test_whoever_comes_after_a_lost_child_finds_a_warm_one_and_it_is_replaced() -> None:
    async with open_pool(1, warm_up) as pool, anyio.create_task_group() as group:
        await pool.fill()
        first, _ = await pool.run(warmth)
        with pytest.raises(ChildLost):
            await pool.run(kill_with, signal.SIGKILL)
        second, warm = await pool.run(warmth)  # nothing replaces children yet: it is the spare
        assert second != first
        assert warm == [second]
        group.start_soon(pool.keep_filled)
        with anyio.fail_after(PATIENCE):
            while len(pool._idle) < 2:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()


async def test_the_spare_may_come_later() -> None:
    async with open_pool(1, warm_up) as pool, anyio.create_task_group() as group:
        await pool.fill(spare=False)
        assert len(pool._idle) == 1
        group.start_soon(pool.keep_filled)
        with anyio.fail_after(PATIENCE):
            while len(pool._idle) < 2:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()


async def test_a_pool_ends_its_children() -> None:
    async with open_pool(1) as pool:
        child = await pool.run(os.getpid)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
