"""The command line and the shutdown of the chaos tests' servers."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from starlette.types import ASGIApp

from entrypoints.lifecycle import run_until_signalled
from tests.support.serving import serving


async def serve_until_signalled(app: ASGIApp, port: int) -> None:
    """Serve until SIGTERM."""
    async with serving(app, port):
        await run_until_signalled(lambda stopping: stopping.wait())


def run(serve: Callable[[Path, int, float, str], Awaitable[None]]) -> None:
    """Run `serve(folder, port, rate of faults, their seed)` with the arguments of this process.

    The folder is the service's: tests find processes that survive them by it.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=float)
    parser.add_argument("seed")
    given = parser.parse_args()
    anyio.run(serve, given.folder, given.port, given.rate, given.seed)
