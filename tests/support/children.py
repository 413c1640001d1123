"""Child processes for the tests of one module."""

from collections.abc import AsyncIterator

import pytest

from adapters.audio.children.pool import ChildPool, open_pool


@pytest.fixture(scope="module")
async def children() -> AsyncIterator[ChildPool]:
    """Yield a pool that starts its children when they are needed."""
    async with open_pool(1) as pool:
        yield pool
