"""Real S3 servers for tests, and the store opened on a bucket of its own.

moto runs anywhere and is right about data. It is wrong about permission: it accepts any secret, tampered and expired
URLs, any Content-Type and any checksum, and it has no TLS here. Ceph's gateway, the server that Spaces is built on,
refuses all of those, and runs where containers do.
"""

import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
from moto.server import ThreadedMotoServer
from testcontainers.core.container import DockerContainer

from adapters.spaces import SpacesStore, open_spaces
from tests.support.containers import require_image

GATEWAY_IMAGE = os.environ.get("TEST_S3_IMAGE", "ceph/rgw:16")
STARTED_SECONDS = 60
URL_EXPIRY = timedelta(hours=1)


class S3Server(NamedTuple):
    """Where a server is.

    Attributes:
        authority: File with the certificate that signs a TLS server's; empty for plain HTTP.
    """

    endpoint: str
    key: str = "test"
    secret: str = "test-secret"
    authority: str = ""


@contextmanager
def moto_server() -> Iterator[S3Server]:
    """Run an S3 server in a thread, on a port of its own."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def ceph_gateway(folder: Path) -> Iterator[tuple[S3Server, S3Server]]:
    """Run a Ceph gateway in a container; yield its plain and its TLS address, whose authority is in `folder`."""
    require_image(GATEWAY_IMAGE)
    container = (
        DockerContainer(GATEWAY_IMAGE)
        .with_envs(RGW_ACCESS_KEY="test", RGW_SECRET_KEY="test-secret")
        .with_exposed_ports(7480, 7443)
    )
    with container:
        plain, tls = (f"localhost:{container.get_exposed_port(port)}" for port in (7480, 7443))
        _wait_until_it_answers(f"http://{plain}")
        authority = folder / "authority.pem"
        authority.write_bytes(container.exec(["cat", "/etc/ceph/tls.crt"]).output)
        yield S3Server(f"http://{plain}"), S3Server(f"https://{tls}", authority=str(authority))


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} does not answer")


@asynccontextmanager
async def a_spaces_store(server: S3Server, bucket: str = "") -> AsyncIterator[SpacesStore]:
    """Open the store on a bucket; unless one is named, on one that is not there."""
    async with open_spaces(
        key=server.key,
        secret=server.secret,
        region="us-east-1",
        bucket=bucket or f"test-{uuid4().hex}",
        endpoint=server.endpoint,
        url_expiry=URL_EXPIRY,
    ) as store:
        yield store


async def with_a_bucket(store: SpacesStore, url_expiry: timedelta = URL_EXPIRY) -> SpacesStore:
    """Return the store on a new bucket of its own, over the same client: opening one takes longer than most tests."""
    bucket = f"test-{uuid4().hex}"
    await store._client.create_bucket(Bucket=bucket)
    return SpacesStore(store._client, bucket, url_expiry)


async def everything_in(store: SpacesStore) -> set[str]:
    """Return what the bucket holds, unfinished uploads included."""
    client: Any = store._client
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=store._bucket)
    uploads = await client.list_multipart_uploads(Bucket=store._bucket)
    return {found["Key"] async for page in pages for found in page.get("Contents", ())} | {
        f"unfinished {upload['Key']}" for upload in uploads.get("Uploads", ())
    }


def a_free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def files_under(root: Path) -> set[str]:
    """Return the names of all files in a folder, folders left out."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
