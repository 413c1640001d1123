"""Clients of the api that send requests until they are stopped, and count what comes back."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import anyio
import httpx

from tests.support.processes import WAV

PAUSE: Final = 0.02
TIMEOUT: Final = 60.0
SLOW_PIECES: Final = 30
PIECE_SECONDS: Final = 0.1
BOUNDARY: Final = "hum"
HEAD: Final = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="hum.wav"\r\n\r\n'.encode() + WAV


class Traffic:
    """Clients of one URL.

    Attributes:
        outcomes: Counts by kind of request and status; an error of the connection counts by its name.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopped = False
        self.outcomes: Counter[str] = Counter()

    def stop(self) -> None:
        """Let every client finish what it is doing."""
        self._stopped = True

    async def quick(self) -> None:
        """Create moments and read their statuses."""
        async with self._client() as http:
            while not self._stopped:
                job_id = await self._create(http)
                for _ in range(5):
                    await self._send(http, http.build_request("GET", f"/v1/status/{job_id}"))
                    await anyio.sleep(PAUSE)

    async def slow(self) -> None:
        """Upload over a slow line: some seconds each."""
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        async with self._client() as http:
            while not self._stopped:
                await self._send(
                    http, http.build_request("POST", "/v1/create-moment", content=_slowly(), headers=headers)
                )

    async def _create(self, http: httpx.AsyncClient) -> str:
        request = http.build_request("POST", "/v1/create-moment", files={"file": WAV})
        answer = await self._send(http, request)
        return str(answer.json()["job_id"]) if answer and answer.is_success else "none"

    async def _send(self, http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response | None:
        try:
            answer = await http.send(request)
        except httpx.TransportError as error:
            self.outcomes[f"{request.method} {type(error).__name__}"] += 1
            return None
        self.outcomes[f"{request.method} {answer.status_code}"] += 1
        return answer

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT, trust_env=False)


async def _slowly() -> AsyncIterator[bytes]:
    yield HEAD
    for _ in range(SLOW_PIECES):
        await anyio.sleep(PIECE_SECONDS)
        yield bytes(1000)
    yield f"\r\n--{BOUNDARY}--\r\n".encode()
