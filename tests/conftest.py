"""Fixtures that every suite shares."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the loop that production uses."""
    return "asyncio"
