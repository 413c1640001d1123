"""An S3 server as a process for the chaos tests, and faults in front of it."""

from pathlib import Path
from typing import Final

import httpx
from starlette.types import Scope

from tests.support.chaos_process import run, serve_until_signalled
from tests.support.faults import Faults
from tests.support.s3 import moto_server
from tests.support.s3_proxy import Relay

BUCKET: Final = "moments"
AUDITOR: Final = "auditor"
"""Whoever signs with this key is spared."""
STALL_SECONDS: Final = 2.0
"""Until a request that hangs breaks off: our client's own patience of 20 s is tested elsewhere, in less time."""


async def serve(_: Path, port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    with moto_server() as server:
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            (await client.put(f"{server.endpoint}/{BUCKET}")).raise_for_status()
            relay = Relay(client, server.endpoint)
            app = Faults(relay, rate, f"bucket {seed}", _is_the_fleets, longest_hang=STALL_SECONDS)
            await serve_until_signalled(app, port)


def _is_the_fleets(scope: Scope, _: bytes) -> bool:
    return not any(name == b"authorization" and AUDITOR.encode() in value for name, value in scope["headers"])


if __name__ == "__main__":
    run(serve)
