"""Group commit on the client's side: what travels together, what does not, and who hears of errors."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.toolkit.batcher import CROWDED, MAX_BATCH, MAX_IN_FLIGHT, Batcher
from application.ports.jobs import DatabaseUnavailable

pytestmark = pytest.mark.anyio

OUTAGE = -1
NONSENSE = -2


class Server:
    """Answers ten times each item; holds statements until it is let go; fails on two special items."""

    def __init__(self) -> None:
        self.statements: list[list[int]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def send(self, items: list[int]) -> Sequence[int]:
        self.statements.append(items)
        await self.free.wait()
        if OUTAGE in items:
            raise DatabaseUnavailable("it went away")
        if NONSENSE in items:
            raise ValueError("not a row")
        return [10 * item for item in items]


async def submit(batcher: Batcher[int, int], *items: int) -> list[asyncio.Task[int]]:
    """Ask for all items at the same moment and wait until everything that can be sent is under way."""
    asked = [asyncio.ensure_future(batcher(item)) for item in items]
    for _ in range(5):
        await asyncio.sleep(0)
    return asked


async def test_a_caller_alone_is_served_at_once() -> None:
    server = Server()
    assert await Batcher(server.send)(4) == 40
    assert server.statements == [[4]]


async def test_who_asks_again_as_soon_as_there_is_an_answer_gets_another() -> None:
    server = Server()
    batcher = Batcher(server.send)

    async def ask_twice() -> list[int]:
        return [await batcher(1), await batcher(2)]

    server.free.clear()
    asked = asyncio.ensure_future(ask_twice())
    await submit(batcher)
    server.free.set()
    assert await asyncio.wait_for(asked, 5) == [10, 20]


async def test_callers_at_the_same_moment_share_a_statement_and_get_their_own_answers() -> None:
    server = Server()
    assert await asyncio.gather(*await submit(Batcher(server.send), 1, 2, 3)) == [10, 20, 30]
    assert server.statements == [[1, 2, 3]]


async def test_those_who_come_while_a_batch_is_under_way_go_together() -> None:
    server, late = Server(), [7, 8, 9]
    server.free.clear()
    batcher = Batcher(server.send)
    early = await submit(batcher, 1)
    waiting = await submit(batcher, *late)
    assert server.statements == [[1]]
    server.free.set()
    assert await asyncio.gather(*early, *waiting) == [10, 70, 80, 90]
    assert server.statements == [[1], late]


async def test_a_crowd_does_not_wait_for_the_batch_under_way() -> None:
    server, crowds = Server(), [list(range(first, first + CROWDED)) for first in (100, 200, 300)]
    server.free.clear()
    batcher = Batcher(server.send)
    asked = await submit(batcher, 1)
    for crowd in crowds:
        asked += await submit(batcher, *crowd)
    assert server.statements == [[1], crowds[0]]  # every lane is busy now
    server.free.set()
    assert len(await asyncio.gather(*asked)) == 1 + 3 * CROWDED
    assert server.statements[MAX_IN_FLIGHT:] == [crowds[1] + crowds[2]]


async def test_a_statement_has_its_limit() -> None:
    server = Server()
    await asyncio.gather(*await submit(Batcher(server.send), *range(MAX_BATCH + 1)))
    assert [len(items) for items in server.statements] == [MAX_BATCH, 1]


async def test_what_has_the_same_key_never_travels_together_and_keeps_its_order() -> None:
    server = Server()
    server.free.clear()
    asked = await submit(Batcher(server.send, key=lambda item: item % 2), 1, 3, 2, 5)
    assert server.statements == [[1, 2]]
    server.free.set()
    assert await asyncio.gather(*asked) == [10, 30, 20, 50]
    assert server.statements == [[1, 2], [3], [5]]


async def test_an_outage_reaches_every_caller() -> None:
    server = Server()
    answers = await asyncio.gather(*await submit(Batcher(server.send), 1, OUTAGE), return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseUnavailable, DatabaseUnavailable]
    assert len(server.statements) == 1


async def test_one_bad_item_does_not_affect_the_others() -> None:
    server = Server()
    answers = await asyncio.gather(*await submit(Batcher(server.send), 1, NONSENSE, 3), return_exceptions=True)
    assert [answers[0], type(answers[1]), answers[2]] == [10, ValueError, 30]


async def test_a_caller_that_gives_up_leaves_the_others_alone() -> None:
    server = Server()
    server.free.clear()
    batcher = Batcher(server.send)
    first, second = await submit(batcher, 1, 2)
    first.cancel()
    server.free.set()
    assert await second == 20
    assert await batcher(3) == 30
