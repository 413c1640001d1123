"""Admission control: who computes, who waits, who is refused, and when the refused are told to come back."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.lowlevel import checkpoint

from adapters.toolkit.turns import Stage
from application.ports.tools import ToolsBusy
from entrypoints.music_tools.admission import LONGEST_DELAY, QUIET_SECONDS, SHORTEST_DELAY, Admission

pytestmark = pytest.mark.anyio

RUNNING, WAITING = 3, 4
"""Of two workers."""


class Studio:
    """Admission for two workers, a clock that only tests advance, and calls that end when tests say so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.admission = Admission(2, lambda: self.now)
        self.began: list[str] = []
        self.ends: dict[str, anyio.Event] = {}

    async def call(self, name: str, stage: Stage = Stage.ANALYSIS) -> None:
        self.ends[name] = anyio.Event()
        async with self.admission.admit(stage):
            self.began.append(name)
            await self.ends[name].wait()

    async def compute(self, seconds: float) -> None:
        async with self.admission.admit():
            self.now += seconds

    async def refused(self) -> ToolsBusy:
        with pytest.raises(ToolsBusy) as refusal:
            async with self.admission.admit():
                pass
        return refusal.value


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await checkpoint()


@asynccontextmanager
async def full(studio: Studio) -> AsyncIterator[None]:
    """Let no further call be admitted for the duration of the block."""
    async with anyio.create_task_group() as calls:
        for number in range(RUNNING + WAITING):
            calls.start_soon(studio.call, f"call {number}")
        await settle()
        yield
        calls.cancel_scope.cancel()


async def test_calls_begin_in_order_and_the_queue_is_short() -> None:
    studio = Studio()
    names = [f"call {number}" for number in range(RUNNING + WAITING)]
    async with anyio.create_task_group() as calls:
        for name in names:
            calls.start_soon(studio.call, name)
            await settle()
        assert studio.began == names[:RUNNING]
        refusal = await studio.refused()
        assert (refusal.code, refusal.permanent) == ("tools_busy", False)
        for number, name in enumerate(names):
            assert studio.began == names[: RUNNING + number]
            studio.ends[name].set()
            await settle()
    await studio.compute(1)


async def test_a_moment_that_is_further_takes_the_place_of_the_last_that_waits() -> None:
    studio = Studio()
    refused: list[float] = []

    async def last() -> None:
        refused.append((await studio.refused()).retry_after)

    async with anyio.create_task_group() as calls:
        for number in range(RUNNING + WAITING - 1):
            calls.start_soon(studio.call, f"hum {number}")
            await settle()
        calls.start_soon(last)
        await settle()
        calls.start_soon(studio.call, "render", Stage.RENDER)
        await settle()
        assert refused[0] >= SHORTEST_DELAY
        await studio.refused()  # there is no more room than before
        studio.ends["hum 0"].set()
        await settle()
        assert studio.began[RUNNING:] == ["render"]
        calls.cancel_scope.cancel()


async def test_a_caller_that_goes_away_leaves_its_place_in_the_queue() -> None:
    studio = Studio()
    async with anyio.create_task_group() as calls:
        for number in range(RUNNING):
            calls.start_soon(studio.call, f"runs {number}")
        await settle()
        async with anyio.create_task_group() as impatient:
            for number in range(WAITING):
                impatient.start_soon(studio.call, f"gives up {number}")
            await settle()
            await studio.refused()
            impatient.cancel_scope.cancel()
        for number in range(WAITING):
            calls.start_soon(studio.call, f"waits {number}")
        await settle()
        await studio.refused()
        for end in studio.ends.values():
            end.set()
    assert len(studio.began) == RUNNING + WAITING


async def test_a_call_that_fails_or_is_cancelled_makes_room() -> None:
    studio = Studio()
    for _ in range(2 * (RUNNING + WAITING)):
        with pytest.raises(ValueError, match="a defect"):
            async with studio.admission.admit():
                raise ValueError("a defect")
        with anyio.CancelScope() as scope:
            async with studio.admission.admit():
                scope.cancel()
                await checkpoint()
    await studio.compute(1)


async def test_only_a_call_behind_others_has_to_wait() -> None:
    studio = Studio()
    waited: list[bool] = []

    async def call() -> None:
        async with studio.admission.admit() as has_waited:
            waited.append(has_waited)
            await settle()

    async with anyio.create_task_group() as calls:
        for _ in range(RUNNING + 1):
            calls.start_soon(call)
    assert waited == [False] * RUNNING + [True]


@pytest.mark.parametrize(("seconds", "least", "most"), [(0.001, SHORTEST_DELAY, 1), (10, 10, 25), (1000, 60, 60)])
async def test_the_delay_follows_the_durations_of_calls(seconds: float, least: float, most: float) -> None:
    studio = Studio()
    for _ in range(100):
        await studio.compute(seconds)
    async with full(studio):
        assert least <= (await studio.refused()).retry_after <= most


async def test_each_refused_caller_is_told_to_come_back_after_the_one_before() -> None:
    studio = Studio()
    async with full(studio):
        delays = [(await studio.refused()).retry_after for _ in range(1000)]
        assert delays == sorted(delays)
        assert delays[0] < delays[50] / 5
        assert delays[-1] == LONGEST_DELAY
        studio.now += LONGEST_DELAY + 1
        assert (await studio.refused()).retry_after == delays[0]  # nobody is out there any more


async def test_a_line_is_logged_when_refusing_begins_not_for_each_call(caplog: pytest.LogCaptureFixture) -> None:
    studio = Studio()
    async with full(studio):
        for _ in range(300):
            await studio.refused()
            studio.now += QUIET_SECONDS / 10
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        studio.now += QUIET_SECONDS
        await studio.refused()
        assert len(caplog.records) == 2
    assert caplog.messages[0] == "busy: 3 calls run and 4 wait; more are refused"
