"""Object storage in DigitalOcean Spaces or any other S3-compatible service."""

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO, IOBase
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from aiobotocore.config import AioConfig
from anyio import to_thread

from adapters.spaces.batch_deletion import delete_each
from adapters.spaces.connections import HttpSession, proxies, session
from adapters.spaces.deletion import abort_uploads, add_content_md5, delete_prefix
from adapters.spaces.drafts import Parts, SpooledDraft
from adapters.spaces.endpoint import Endpoint, follow_no_redirect, resolve
from adapters.spaces.errors import translated
from adapters.spaces.listing import list_page
from adapters.spaces.multipart import CALL_SECONDS, PART_SIZE, MultipartUpload, release
from adapters.spaces.transfers import Transfers, small_buffered
from adapters.spaces.uploads import are_listed
from adapters.toolkit.blocks import blocks
from application.objects.content_disposition import attachment
from application.ports.objects import Chunks, ObjectNotFound, StoredObject
from domain.jobs.artifacts import Artifact

CACHED_URLS: Final = 4096
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0
CONNECTIONS: Final = 16
COPY_SECONDS: Final = 60.0
"""The server itself moves the bytes, and answers when it is done."""


class SpacesStore:
    """The `ObjectStore` port over one S3 client, which the caller opens and closes.

    Small objects carry their SHA-256 as metadata; for a multipart upload it is known too late for that.
    """

    def __init__(
        self, client: Any, bucket: str, url_expiry: timedelta, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._url_seconds = int(url_expiry.total_seconds())
        self._monotonic = monotonic
        self._transfers = Transfers()
        self._urls: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    @property
    def place(self) -> str:
        """The URL of the bucket."""
        return f"{self._client.meta.endpoint_url}/{self._bucket}"

    async def put(self, key: str, chunks: Chunks, mime_type: str) -> Artifact:
        """Store a stream: in one request below 8 MiB, in parts from that size on."""
        digest, size = hashlib.sha256(), 0

        async def counted() -> Parts:
            nonlocal size
            async for block in blocks(chunks, PART_SIZE):
                size += block.getbuffer().nbytes
                await to_thread.run_sync(digest.update, block.getbuffer())
                yield block

        await self._send(key, counted(), mime_type, digest.hexdigest)
        return Artifact(key=key, size=size, mime_type=mime_type, sha256=digest.hexdigest())

    def draft(self) -> SpooledDraft:
        """Return an empty draft, which is on disk until its key is known."""
        return SpooledDraft(self._send)

    async def _send(self, key: str, parts: Parts, mime_type: str, sha256: Callable[[], str]) -> None:
        async with aclosing(parts):
            first = await anext(parts, BytesIO())
            size = first.seek(0, os.SEEK_END)
            first.seek(0)
            if size < PART_SIZE:
                await self._put_whole(key, first, mime_type, sha256())
            else:
                upload = MultipartUpload(self._client, self._transfers, self._bucket, key)
                await upload.send(first, parts, mime_type)

    async def _put_whole(self, key: str, content: IOBase, mime_type: str, sha256: str) -> None:
        try:
            await self._transfers.send(
                self._client.put_object,
                content,
                Bucket=self._bucket,
                Key=key,
                ContentType=mime_type,
                Metadata={"sha256": sha256},
            )
        finally:
            release(content)

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object. Raises `ObjectNotFound`."""
        try:
            with translated(key, seconds=CALL_SECONDS):
                head = await self._client.head_object(Bucket=self._bucket, Key=key)
        except ObjectNotFound:
            await self.ping()  # a HEAD response does not distinguish a missing key from a missing bucket
            raise
        sha256 = head.get("Metadata", {}).get("sha256", "")
        return Artifact(key=key, size=head["ContentLength"], mime_type=head["ContentType"], sha256=sha256)

    async def first_bytes(self, artifact: Artifact, count: int) -> bytes:
        """Return the beginning of an object. Raises `ObjectNotFound`."""
        if not artifact.size:  # of nothing, no range can be read
            return b""
        with translated(artifact.key, seconds=CALL_SECONDS):
            found = await self._client.get_object(Bucket=self._bucket, Key=artifact.key, Range=f"bytes=0-{count - 1}")
            async with found["Body"] as body:
                content: bytes = await body.read(count)
        return content

    async def copy(self, source: str, target: str) -> None:
        """Copy an object of up to 5 GB with its type and metadata. Raises `ObjectNotFound`."""
        place = {"Bucket": self._bucket, "Key": source}
        with translated(source, seconds=COPY_SECONDS):
            await self._client.copy_object(Bucket=self._bucket, Key=target, CopySource=place)

    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        """Return a URL for GET, cached for half its lifetime: signing costs more than a query."""
        now = self._monotonic()
        made_at, url = self._urls.get((key, download_name), (0.0, ""))
        if not url or now - made_at >= self._url_seconds / 2:
            disposition = {"ResponseContentDisposition": attachment(download_name)} if download_name else {}
            url = await self._sign("get_object", Key=key, **disposition)
            self._cache((key, download_name), now, url)
        return url

    async def sign_put(self, key: str, mime_type: str, *, size: int | None = None) -> str:
        """Return a URL for PUT with exactly this Content-Type and Content-Length: both are signed headers."""
        length = {} if size is None else {"ContentLength": size}
        return await self._sign("put_object", Key=key, ContentType=mime_type, **length)

    def expiry_of(self, url: str) -> datetime:
        """Return when a URL expires: Signature Version 4 writes into it when it was made, and for how long."""
        query = parse_qs(urlsplit(url).query)
        made_at = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return made_at + timedelta(seconds=int(query["X-Amz-Expires"][0]))

    async def _sign(self, operation: str, **params: str | int) -> str:
        with translated(seconds=CALL_SECONDS):
            url: str = await self._client.generate_presigned_url(
                operation, Params={"Bucket": self._bucket, **params}, ExpiresIn=self._url_seconds
            )
        return url

    def _cache(self, name: tuple[str, str], now: float, url: str) -> None:
        self._urls[name] = (now, url)
        self._urls.move_to_end(name)
        while len(self._urls) > CACHED_URLS:
            self._urls.popitem(last=False)

    async def delete(self, prefix: str) -> int:
        """Delete all objects and unfinished uploads under a prefix; return the number of objects.

        Raises:
            ValueError: For an empty prefix.
        """
        if not prefix:
            raise ValueError("an empty prefix would delete the whole bucket")
        deleted = await delete_prefix(self._client, self._bucket, prefix)
        await abort_uploads(self._client, self._bucket, prefix)
        return deleted

    async def delete_each(self, prefixes: Collection[str]) -> Mapping[str, Exception]:
        """Delete what is under each prefix, as `delete` does, in far fewer requests.

        Raises:
            ValueError: For an empty prefix.
        """
        if not all(prefixes):
            raise ValueError("an empty prefix would delete the whole bucket")
        return await delete_each(self._client, self._bucket, prefixes)

    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Return up to `limit` objects and unfinished uploads after a key, ordered by key."""
        return await list_page(self._client, self._bucket, after, limit)

    async def lists_uploads(self) -> bool:
        """Return whether the server lists unfinished uploads; else it has to remove them itself."""
        with translated(seconds=CALL_SECONDS):
            return await are_listed(self._client, self._bucket)

    async def ping(self) -> None:
        """Return if the bucket exists and is accessible."""
        with translated(seconds=CALL_SECONDS):
            await self._client.head_bucket(Bucket=self._bucket)


@asynccontextmanager
async def open_spaces(
    *, key: str, secret: str, region: str, bucket: str, endpoint: str, url_expiry: timedelta
) -> AsyncIterator[SpacesStore]:
    """Open the store for the duration of the block: one client, one connection pool. Nothing is sent yet.

    Args:
        region: May be empty where there is an endpoint.
        endpoint: URL of the service; may be empty where there is a region, may contain the bucket.

    Raises:
        ValueError: Neither region nor endpoint, or an endpoint that is not a URL.
    """
    service = resolve(endpoint, region, bucket)
    client = session().create_client(
        "s3",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name=service.region,
        endpoint_url=service.url,
        config=_client_config(service),
        verify=True,  # by the authorities of our own sessions, see `connections.py`
    )
    async with client as opened:
        opened.meta.events.register("before-call.s3", follow_no_redirect)
        opened.meta.events.register("before-call.s3.DeleteObjects", add_content_md5)
        yield SpacesStore(opened, bucket, url_expiry)


def _client_config(service: Endpoint) -> AioConfig:
    return AioConfig(
        signature_version="s3v4",
        s3={"addressing_style": service.addressing_style},
        request_checksum_calculation="when_required",  # Ceph rejects the default's trailers over TLS with 411
        response_checksum_validation="when_required",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=CONNECTIONS,
        connector_args={"socket_factory": small_buffered},
        http_session_cls=HttpSession,
        proxies=proxies(service.url),
    )
