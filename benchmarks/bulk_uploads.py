"""Uploads in bulk: the speed of a large one against writing its bytes to the disk, and the memory of many at once."""

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import httpx
import msgspec
import psutil

from benchmarks.load import create_moment
from benchmarks.site import Site, our_site
from tests.support.s3 import moto_server

BLOCK: Final = 1 << 20
LARGE: Final = b"RIFF\x24\x10\x00\x00WAVEfmt " + os.urandom(BLOCK) * 181
"""190 MB, of which no megabyte is quickly written or searched for the end of a form."""

ROUNDS: Final = 5
AT_ONCE: Final = 100
HUM: Final = LARGE[:1_500_000]
HELD_BACK: Final = 1000
"""Bytes of each hum, until all the others have arrived."""

SETTLE_SECONDS: Final = 2.0
SAMPLE_SECONDS: Final = 0.002


class Bulk(NamedTuple):
    """What was measured.

    Attributes:
        speed: Of an upload of 190 MB, in MB/s.
        direct: Of writing, digesting and syncing the same bytes.
        part: The one of the other, in the same round.
        folder: What 100 hums of 1.5 MB take of the api's memory at most, in MB.
        bucket: The same where the store is S3.
    """

    speed: float
    direct: float
    part: float
    folder: float
    bucket: float


def measure(server: str, folder: Path) -> Bulk:
    """Measure on sites of their own, without workers."""
    with our_site(server, folder / "folder", workers=0) as site:
        rounds = [(_uploaded(site), _written(site.objects / "direct")) for _ in range(ROUNDS)]
        in_folder = _megabytes(site)
    with _site_on_s3(server, folder / "bucket") as site:
        in_bucket = _megabytes(site)
    size = len(LARGE) / 1e6
    return Bulk(
        size / median(upload for upload, _ in rounds),
        size / median(direct for _, direct in rounds),
        median(direct / upload for upload, direct in rounds),
        in_folder,
        in_bucket,
    )


@contextmanager
def _site_on_s3(server: str, folder: Path) -> Iterator[Site]:
    with moto_server() as s3:
        httpx.put(f"{s3.endpoint}/bench", trust_env=False).raise_for_status()
        with our_site(
            server,
            folder,
            workers=0,
            DO_SPACES_KEY=s3.key,
            DO_SPACES_SECRET=s3.secret,
            DO_SPACES_BUCKET="bench",
            DO_SPACES_REGION="us-east-1",
            DO_SPACES_ENDPOINT=s3.endpoint,
        ) as site:
            yield site


def _uploaded(site: Site) -> float:
    """Return the seconds of an upload."""
    request = create_moment(LARGE)
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        began = time.perf_counter()
        connection.sendall(request)
        job_id = _accepted(connection)
        took = time.perf_counter() - began
    (site.objects / f"{job_id}+" / "original").unlink()
    return took


def _accepted(connection: socket.socket) -> Any:
    response = b""
    while not response.endswith((b"}", b"0\r\n\r\n")):
        response += connection.recv(65_536)
    head, _, body = response.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 202"):
        raise RuntimeError(response)
    return msgspec.json.decode(body[body.index(b"{") : body.rindex(b"}") + 1])["job_id"]


def _written(path: Path) -> float:
    """Return the seconds of writing the same bytes."""
    began = time.perf_counter()
    digest, content = hashlib.sha256(), memoryview(LARGE)
    with path.open("wb") as file:
        for start in range(0, len(content), BLOCK):
            file.write(content[start : start + BLOCK])
            digest.update(content[start : start + BLOCK])
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took


def _megabytes(site: Site) -> float:
    """Return what many hums take at most, of which the ends come when all the rest is there."""
    api = next(each for each in psutil.Process().children() if each.cmdline()[-1:] == ["api"])
    requests = [create_moment(HUM, client=f"192.0.2.{number}") for number in range(AT_ONCE)]
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port))) for _ in requests]
        with _watched(api) as most:
            for connection, request in zip(connections, requests, strict=True):
                connection.sendall(request[:-HELD_BACK])
            time.sleep(SETTLE_SECONDS)
            for connection, request in zip(connections, requests, strict=True):
                connection.sendall(request[-HELD_BACK:])
            for connection in connections:
                _accepted(connection)
    return max(most) / 1e6


@contextmanager
def _watched(process: psutil.Process) -> Iterator[list[int]]:
    """Give what a process takes more than before, sampled while the block lasts."""
    before, samples, ended = process.memory_info().rss, [0], threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            samples.append(process.memory_info().rss - before)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()
