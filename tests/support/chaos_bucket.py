"""An S3 server as a process for the chaos tests, and faults in front of it."""

from pathlib import Path
from typing import Final

import httpx
from starlette.types import Scope

from tests.support.chaos_process import run, serve_until_signalled
from tests.support.faulty_app import OUTAGE, FaultyApp
from tests.support.s3 import moto_server
from tests.support.s3_proxy import ReverseProxy

BUCKET: Final = "moments"
AUDITOR: Final = "auditor"
"""Requests signed with this access key never fail."""
MAX_HANG_SECONDS: Final = 2.0
"""Shorter than our client's read time-out of 20 s, which other tests cover."""


async def serve(data_dir: Path, port: int, rate: float, seed: str) -> None:
    """Serve until SIGTERM."""
    with moto_server() as server:
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            (await client.put(f"{server.endpoint}/{BUCKET}")).raise_for_status()
            proxy = ReverseProxy(client, server.endpoint)
            app = FaultyApp(
                proxy,
                rate,
                f"bucket {seed}",
                _is_not_the_auditors,
                max_hang=MAX_HANG_SECONDS,
                outage=data_dir / OUTAGE,
            )
            await serve_until_signalled(app, port)


def _is_not_the_auditors(scope: Scope, _: bytes) -> bool:
    return not any(name == b"authorization" and AUDITOR.encode() in value for name, value in scope["headers"])


if __name__ == "__main__":
    run(serve)
