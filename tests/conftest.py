"""Fixtures that every suite shares."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog

# Before testcontainers is imported. Our fixtures remove their containers themselves, and the reaper's image needs
# a registry; a /.dockerenv file on a machine that is itself a container must not hide the engine beside it.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")

pytest_plugins = [
    "tests.support.children",
    "tests.support.database",
    "tests.support.pgbouncer",
    "tests.support.postgres_container",
    "tests.support.s3_fixtures",
    "tests.support.webhook_bench",
]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the loop that production uses."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Put the logging back as it was: commands that run in this process set it up for themselves."""
    structured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**structured)
    root.handlers[:] = handlers
    root.setLevel(level)
