"""A worker's second task over a served API: it makes formats and samples with the tools of a test."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import anyio

from application.worker.conversion_loop import ConversionLoop
from application.worker.convert_music import ConvertMusic
from application.worker.make_ordered import MakeOrdered
from application.worker.make_sample import MakeSample
from tests.support.api import ServedApi
from tests.support.fake_conversions import InMemoryConversions
from tests.support.fake_tools import FakeMusicTools


def conversions(api: ServedApi) -> InMemoryConversions:
    """Return the queue of what is made on demand."""
    return cast("InMemoryConversions", api.container.conversions())


def tools_of(api: ServedApi) -> FakeMusicTools:
    """Return tools that upload to the store of the API."""

    async def put(url: str, content: bytes, mime_type: str) -> None:
        (await api.http.put(url, content=content, headers={"Content-Type": mime_type})).raise_for_status()

    return FakeMusicTools(put)


@asynccontextmanager
async def worker(
    api: ServedApi,
    tools: FakeMusicTools,
    chance: float = 0.0,
    *,
    at_once: int = 1,
    is_idle: Callable[[], bool] = lambda: True,
) -> AsyncIterator[None]:
    """Make what is asked for for the duration of the block; with a chance of 0, what fails is tried again at once."""
    convert = ConvertMusic(conversions(api), api.jobs, tools, api.store, api.store, encoder=tools)
    sample = MakeSample(conversions(api), tools, api.store, api.store, api.container.bucket_guard())
    make = MakeOrdered(convert, sample)
    loop = ConversionLoop(
        conversions(api), make, lambda: chance, at_once=at_once, is_idle=is_idle, poll=0.02, renew_every=0.02
    )
    async with anyio.create_task_group() as group:
        group.start_soon(loop.run, anyio.Event())
        yield
        group.cancel_scope.cancel()
