"""How the api ends, as a real process: readiness first, then the listener, then the requests in flight."""

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from entrypoints.local.network import free_port, responds
from tests.support.processes import PATIENCE, Process, eventually
from tests.support.up import unconfigured

pytestmark = pytest.mark.anyio

LONGER_THAN_THE_TEST = str(10 * PATIENCE)
HUM = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(1000)
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="hum.wav"\r\n\r\n' + HUM + b"\r\n--b--\r\n"
HEAD = f"""\
POST /v1/create-moment HTTP/1.1
Host: test
Content-Type: multipart/form-data; boundary=b
Content-Length: {len(FORM)}

""".replace("\n", "\r\n").encode()


class Api:
    """A running api."""

    def __init__(self, folder: Path, database_url: str, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        places = {"DATABASE_URL": database_url, "MOMENT_PORT": str(self.port), "MOMENT_DATA_DIR": str(folder / "data")}
        self.process = Process(["entrypoints.cli", "api"], unconfigured() | places | settings, folder / "api.log")

    async def ready(self) -> None:
        await eventually(lambda: responds(f"{self.url}/readyz"))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def uploading(self) -> socket.socket:
        """Return a connection over which half of an upload was sent."""
        connection = self.connect()
        connection.sendall(HEAD + FORM[:200])
        return connection

    def accepts(self) -> bool:
        try:
            self.connect().close()
        except ConnectionError:
            return False
        return True

    def stopping(self) -> bool:
        return "SIGTERM: stopping" in self.process.log


def read_to_end(connection: socket.socket) -> bytes:
    """Return what is sent until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(10_000), b""))


Start = Callable[..., Api]


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Iterator[Start]:
    """Provide a function that starts an api with settings."""
    started: list[Api] = []

    def run(**settings: str) -> Api:
        started.append(Api(tmp_path, database_url, settings))
        return started[-1]

    yield run
    for api in started:
        if api.process.alive:
            api.process.kill()


async def test_a_lame_duck_is_not_ready_serves_and_closes_each_connection(start: Start) -> None:
    api = start(MOMENT_LAME_DUCK_SECONDS=LONGER_THAN_THE_TEST)
    await api.ready()
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as kept:
        before = await kept.get("/v1/styles")
        api.process.send(signal.SIGTERM)
        await eventually(api.stopping)
        after = await kept.get("/v1/styles")
        readiness = await kept.get("/readyz")
        created = await kept.post("/v1/create-moment", files={"file": HUM})
    assert (before.status_code, before.headers.get("connection")) == (200, None)
    assert (after.status_code, after.headers["connection"]) == (200, "close")
    assert (readiness.status_code, readiness.json()) == (503, {"status": "stopping", "parts": {}})
    assert readiness.headers["connection"] == "close"
    assert created.status_code == 202
    api.process.send(signal.SIGTERM)  # a second signal does not wait
    assert await api.process.ended() == 0
    assert "Traceback" not in api.process.log


async def test_an_upload_in_flight_is_finished_after_the_listener_has_closed(start: Start) -> None:
    api = start(MOMENT_LAME_DUCK_SECONDS="0", MOMENT_GRACE_SECONDS=LONGER_THAN_THE_TEST)
    await api.ready()
    with api.uploading() as upload:
        api.process.send(signal.SIGTERM)
        await eventually(lambda: not api.accepts())
        upload.sendall(FORM[200:])
        answer = read_to_end(upload)
    assert answer.startswith(b"HTTP/1.1 202")
    assert b"connection: close" in answer.lower()
    assert await api.process.ended() == 0
    assert "Traceback" not in api.process.log


@pytest.mark.parametrize("signals", [1, 2])
async def test_a_request_that_is_cut_is_answered_and_logged_and_the_exit_code_is_zero(
    start: Start, signals: int
) -> None:
    grace = "0.5" if signals == 1 else LONGER_THAN_THE_TEST
    api = start(MOMENT_LAME_DUCK_SECONDS="0", MOMENT_GRACE_SECONDS=grace)
    await api.ready()
    with api.uploading() as upload:
        for _ in range(signals):
            api.process.send(signal.SIGTERM)
            await eventually(lambda: not api.accepts())
        answer = read_to_end(upload)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in answer.lower()
    assert b"service_stopping" in answer
    assert answer.lower().count(b"x-request-id: ") == 1
    assert b'"request_id":""' not in answer
    assert await api.process.ended() == 0
    assert ("requests cut because they were not finished after 0.5 s: 1" in api.process.log) == (signals == 1)
    assert "Traceback" not in api.process.log
