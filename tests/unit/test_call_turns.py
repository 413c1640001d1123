"""Turns of calls: by arrival, with a head start for what is further, and never for ever."""

import anyio
import pytest
from anyio.lowlevel import checkpoint

from adapters.toolkit.turns import HEAD_START, Displaced, Stage, Turns

pytestmark = pytest.mark.anyio


class Line:
    """One turn, a clock that only tests advance, and calls that end when tests say so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.turns = Turns(1, lambda: self.now)
        self.began: list[str] = []
        self.displaced: list[str] = []
        self.ends: dict[str, anyio.Event] = {}

    async def call(self, name: str, stage: Stage) -> None:
        self.ends[name] = anyio.Event()
        try:
            async with self.turns.turn(stage):
                self.began.append(name)
                await self.ends[name].wait()
        except Displaced:
            self.displaced.append(name)

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await settle()


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await checkpoint()


async def test_what_is_further_goes_first_and_equals_by_arrival() -> None:
    line, order = Line(), ["running", "mix", "render a", "render b", "hum a", "hum b"]
    async with anyio.create_task_group() as calls:
        for name in ("running", "hum a", "render a", "hum b", "render b", "mix"):
            stage = {"r": Stage.RENDER, "m": Stage.MIX}.get(name[0], Stage.ANALYSIS)
            calls.start_soon(line.call, name, stage)
            await settle()
        for name in order:
            await line.end(name)
    assert line.began == order


async def test_nobody_is_overtaken_for_longer_than_the_head_start() -> None:
    line = Line()
    async with anyio.create_task_group() as calls:
        calls.start_soon(line.call, "running", Stage.MIX)
        await settle()
        calls.start_soon(line.call, "hum", Stage.ANALYSIS)
        await settle()
        line.now += HEAD_START - 1
        calls.start_soon(line.call, "early", Stage.RENDER)
        await settle()
        line.now += 2
        calls.start_soon(line.call, "late", Stage.RENDER)
        await settle()
        for name in ("running", "early", "hum", "late"):
            await line.end(name)
    assert line.began == ["running", "early", "hum", "late"]


async def test_the_last_in_the_line_gives_way_to_what_would_go_before_it() -> None:
    line = Line()
    async with anyio.create_task_group() as calls:
        for name in ("running", "hum a", "hum b"):
            calls.start_soon(line.call, name, Stage.ANALYSIS)
            await settle()
        assert not line.turns.displace(Stage.ANALYSIS)
        assert line.turns.displace(Stage.RENDER)
        await settle()
        assert line.displaced == ["hum b"]
        for name in ("running", "hum a"):
            await line.end(name)
    assert not line.turns.displace(Stage.MIX)  # nobody waits
    async with line.turns.turn(Stage.ANALYSIS):
        pass


async def test_who_goes_away_leaves_the_line_and_its_turn_to_the_next() -> None:
    line = Line()
    async with anyio.create_task_group() as calls:
        calls.start_soon(line.call, "running", Stage.ANALYSIS)
        await settle()
        async with anyio.create_task_group() as impatient:
            impatient.start_soon(line.call, "gives up", Stage.MIX)
            await settle()
            calls.start_soon(line.call, "next", Stage.ANALYSIS)
            await settle()
            line.ends["running"].set()
            await checkpoint()  # the turn has passed on, and nobody knows it yet
            impatient.cancel_scope.cancel()
        await settle()
        await line.end("next")
    assert line.began[-1] == "next"
    async with line.turns.turn(Stage.ANALYSIS):
        pass
