"""Streams in blocks: what arrives in crumbs goes on in pieces that are worth a system call or a request."""

from collections.abc import AsyncIterator
from io import BytesIO

from application.ports.objects import Chunks


async def blocks(chunks: Chunks, size: int) -> AsyncIterator[BytesIO]:
    """Give a stream again in blocks of exactly `size` bytes, the last one shorter; an empty stream has none.

    Each block is the caller's own and stands at its beginning. One block is held at a time.
    """
    block = BytesIO()
    async for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            room = size - block.tell()
            block.write(rest[:room])
            rest = rest[room:]
            if block.tell() == size:
                block.seek(0)
                yield block
                block = BytesIO()
    if block.tell():
        block.seek(0)
        yield block
