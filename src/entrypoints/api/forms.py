"""The body of a request for a moment: a form, whose file is spooled to disk, or JSON without a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from python_multipart.multipart import parse_options_header

from entrypoints.api.form_parts import FormParts
from entrypoints.api.invalid_form import InvalidForm
from entrypoints.api.json_forms import read_json
from entrypoints.api.spools import Spool

FORM_OVERHEAD_BYTES: Final = 768 * 1024
"""The size of a form beyond its file, at most: text parts, headers, boundaries."""


class Form(msgspec.Struct, frozen=True):
    """A complete form.

    Attributes:
        file: The recording; open until the end of the block of `receive`. None if there is none.
        filename: Its name on the sender's device.
        texts: The text parts that we know, by name.
        ignored: The names of the others.
    """

    file: Spool | None
    filename: str
    texts: dict[str, str]
    ignored: tuple[str, ...] = ()


@asynccontextmanager
async def receive(content_type: str, stream: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[Form]:
    """Read a form or a JSON object; its file is deleted at the end of the block.

    Raises:
        InvalidForm: It is neither, or a part of it is too large.
        InvalidFields: A member of the object has another type than its field.
        StorageUnavailable: The file does not fit on the disk.
    """
    kind, options = parse_options_header(content_type)
    if kind == b"application/json":
        yield Form(None, "", *await read_json(stream, FORM_OVERHEAD_BYTES))
        return
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InvalidForm("the request must be multipart/form-data or application/json", code="form_invalid")
    spool = Spool(max_bytes)
    try:
        yield await _read_form(FormParts(options[b"boundary"]), stream, spool)
    finally:
        spool.close()


async def _read_form(parts: FormParts, stream: AsyncIterator[bytes], spool: Spool) -> Form:
    async for chunk in stream:
        for data in parts.feed(chunk):
            await spool.write(data)
    filename = parts.filename()
    is_empty_input = not filename and not spool.size  # what a browser sends of an input without a file
    return Form(None if is_empty_input else spool, filename or "", parts.texts(), parts.ignored())
