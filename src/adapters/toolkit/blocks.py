"""Regroups a stream of small chunks into blocks that are worth a system call or a request."""

from collections.abc import AsyncIterator
from io import BytesIO

from application.ports.objects import Chunks


async def blocks(chunks: Chunks, size: int) -> AsyncIterator[BytesIO]:
    """Yield a stream in blocks of exactly `size` bytes, the last one shorter; an empty stream yields none.

    Each block belongs to the caller and is positioned at its start. One block is held in memory at a time.
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
