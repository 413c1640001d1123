"""The body of a request for a moment: a form, whose file goes into a draft of the store, or JSON without a file."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from python_multipart.multipart import parse_options_header

from application.moments.recordings import type_of
from application.ports.objects import Draft
from domain.recordings.sniffing import SNIFF_BYTES
from entrypoints.api.form_parts import FormParts
from entrypoints.api.invalid_form import InvalidForm
from entrypoints.api.json_forms import read_json

FORM_OVERHEAD_BYTES: Final = 768 * 1024
"""The size of a form beyond its file, at most: text parts, headers, boundaries."""


class Form(msgspec.Struct, frozen=True):
    """A complete form.

    Attributes:
        file: The recording; open until the end of the block of `receive`. None if there is none.
        filename: Its name on the sender's device.
        mime_type: Its media type by content.
        texts: The text parts that we know, by name.
        ignored: The names of the others.
    """

    file: Draft | None
    filename: str
    mime_type: str
    texts: dict[str, str]
    ignored: tuple[str, ...] = ()


@asynccontextmanager
async def receive(
    content_type: str, stream: AsyncIterator[bytes], max_bytes: int, open_draft: Callable[[], Draft]
) -> AsyncIterator[Form]:
    """Read a form or a JSON object; its file is deleted at the end of the block, unless it was stored.

    Raises:
        InvalidForm: It is neither, or a part of it is too large.
        InvalidFields: A member of the object has another type than its field.
        EmptyUpload, NotAudio: The file is no recording.
        StorageUnavailable, StorageDenied: The file does not fit on the disk.
    """
    kind, options = parse_options_header(content_type)
    if kind == b"application/json":
        yield Form(None, "", "", *await read_json(stream, FORM_OVERHEAD_BYTES))
        return
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InvalidForm("the request must be multipart/form-data or application/json", code="form_invalid")
    draft = open_draft()
    try:
        yield await _read_form(FormParts(options[b"boundary"]), stream, max_bytes, draft)
    finally:
        await draft.discard()


async def _read_form(parts: FormParts, stream: AsyncIterator[bytes], max_bytes: int, draft: Draft) -> Form:
    head = b""
    async for chunk in stream:
        for data in parts.feed(chunk):
            if draft.size + len(data) > max_bytes:
                raise InvalidForm(f"the file is larger than {max_bytes} bytes", code="upload_too_large")
            if len(head) < SNIFF_BYTES and len(head := head + data[:SNIFF_BYTES]) >= SNIFF_BYTES:
                type_of(head)  # what is no recording is refused before the rest has arrived
            await draft.write(data)
    filename = parts.filename()
    if not filename and not draft.size:  # what a browser sends of an input without a file
        return Form(None, "", "", parts.texts(), parts.ignored())
    return Form(draft, filename or "", type_of(head), parts.texts(), parts.ignored())
