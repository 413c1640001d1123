"""The form of an upload: the file is spooled to disk, text parts are limited as they arrive."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from entrypoints.api.form_parts import FormParts
from entrypoints.api.spools import Spool

FORM_OVERHEAD_BYTES: Final = 512 * 1024
"""The size of a form beyond its file, at most: text parts, headers, boundaries."""


class Form(msgspec.Struct, frozen=True):
    """A complete form.

    Attributes:
        file: The recording; open until the end of the block of `receive`.
        filename: Its name on the sender's device.
        texts: The text parts that we know, by name.
        ignored: The names of the others.
    """

    file: Spool
    filename: str
    texts: dict[str, str]
    ignored: tuple[str, ...] = ()


@asynccontextmanager
async def receive(content_type: str, stream: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[Form]:
    """Read a form; its file is deleted at the end of the block.

    Raises:
        InvalidForm: It is no form with a `file`, or a part of it is too large.
        StorageUnavailable: The file does not fit on the disk.
    """
    spool = Spool(max_bytes)
    try:
        parts = FormParts(content_type)
        async for chunk in stream:
            for data in parts.feed(chunk):
                await spool.write(data)
        yield Form(spool, parts.filename(), parts.texts(), parts.ignored())
    finally:
        spool.close()
