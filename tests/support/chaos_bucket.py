"""An S3 server as a process for the chaos tests, and faults in front of it."""

import argparse
from pathlib import Path
from typing import Final

import anyio
import httpx
from starlette.types import Scope

from entrypoints.lifecycle import run_until_signalled
from entrypoints.studio.hosting import host, listen
from tests.support.faults import Faults
from tests.support.s3 import moto_server
from tests.support.s3_proxy import Relay

BUCKET: Final = "moments"
AUDITOR: Final = "auditor"
"""Whoever signs with this key is spared."""
STALL_SECONDS: Final = 2.0
"""Until a request that hangs breaks off: our client's own patience of 20 s is tested elsewhere, in less time."""


async def serve(port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    with moto_server() as server:
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            (await client.put(f"{server.endpoint}/{BUCKET}")).raise_for_status()
            relay = Relay(client, server.endpoint)
            app = Faults(relay, rate, f"bucket {seed}", _is_the_fleets, longest_hang=STALL_SECONDS)

            async def until(stopping: anyio.Event) -> None:
                async with anyio.create_task_group() as serving:
                    serving.start_soon(host, app, listen("127.0.0.1", port), 1.0)
                    await stopping.wait()
                    serving.cancel_scope.cancel()

            await run_until_signalled(until)


def _is_the_fleets(scope: Scope, _: bytes) -> bool:
    return not any(name == b"authorization" and AUDITOR.encode() in value for name, value in scope["headers"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path, help="names the process, so that the tests find it if it survives")
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=float)
    parser.add_argument("seed")
    given = parser.parse_args()
    anyio.run(serve, given.port, given.rate, given.seed)
