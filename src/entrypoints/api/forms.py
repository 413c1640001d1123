"""The multipart form of an upload (RFC 7578): the file is spooled to disk, text parts are limited as they arrive.

Litestar's own parser keeps text parts of any size in memory, and treats a `file` part without a file name as text (with
status 500 if it is not UTF-8). So the form is parsed here, from the request's stream.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import Final, TypeVar

import anyio.to_thread
import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from application.ports.objects import StorageUnavailable
from domain.errors import MomentError

A = TypeVar("A")
T = TypeVar("T")

SPOOL_BYTES: Final = 1 << 20
"""A file up to this size stays in memory: a hum of 15 s does."""

CHUNK_BYTES: Final = 1 << 18
MAX_TEXT_BYTES: Final = {"blueprint_json": 256 * 1024, "output_kind": 1024, "artifacts": 1024}
MAX_IGNORED: Final = 16
MAX_IGNORED_NAME: Final = 64
"""How many unknown fields are named in warnings, and with how many characters each."""

FORM_OVERHEAD_BYTES: Final = 512 * 1024
"""The size of a form beyond its file, at most: text parts, headers, boundaries."""


class InvalidForm(MomentError):
    """An invalid form: `form_invalid`, `file_missing`, `field_too_large` or `upload_too_large`."""

    permanent = True


class Form(msgspec.Struct, frozen=True):
    """A complete form.

    Attributes:
        file: The recording; open until the end of the block of `receive`.
        filename: Its name on the sender's device.
        texts: The text parts that we know, by name.
        ignored: The names of the others.
    """

    file: "Spool"
    filename: str
    texts: dict[str, str]
    ignored: tuple[str, ...] = ()


class Spool:
    """An uploaded file: in memory while it is small, else in an unnamed temporary file."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by `receive`

    async def write(self, data: bytes) -> None:
        """Append data.

        Raises:
            InvalidForm: The file exceeds its limit.
            StorageUnavailable: The disk is full.
        """
        self._size += len(data)
        if self._size > self._max_bytes:
            raise InvalidForm(f"the file is larger than {self._max_bytes} bytes", code="upload_too_large")
        await self._call(self._file.write, data)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content from the start.

        Raises:
            StorageUnavailable: The disk is full: the end of the file was not written yet.
        """
        await self._call(self._file.seek, 0)
        while chunk := await self._call(self._file.read, CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        """Delete the content."""
        with suppress(OSError):  # closing writes the buffer, for which a full disk has no room
            self._file.close()

    async def _call(self, method: Callable[[A], T], argument: A) -> T:
        """Call a method of the file: in a thread if it is on disk."""
        if self._size <= SPOOL_BYTES:
            return method(argument)
        try:
            return await anyio.to_thread.run_sync(method, argument)
        except OSError as error:
            raise StorageUnavailable(f"the folder of temporary files is not usable: {error.strerror}") from error


@asynccontextmanager
async def receive(content_type: str, stream: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[Form]:
    """Read a form; its file is deleted at the end of the block.

    Raises:
        InvalidForm: It is no form with a `file`, or a part of it is too large.
        StorageUnavailable: The file does not fit on the disk.
    """
    spool = Spool(max_bytes)
    try:
        parts = _Parts(content_type)
        async for chunk in stream:
            for data in parts.feed(chunk):
                await spool.write(data)
        yield Form(spool, parts.filename(), parts.texts(), parts.ignored())
    finally:
        spool.close()


class _Parts:
    """Collects the parser's events: chunks of the file, and limited texts."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise InvalidForm("the request must be multipart/form-data with a part named `file`", code="form_invalid")
        self._texts: dict[str, bytearray] = {}
        self._ignored: dict[str, None] = {}
        self._filename: str | None = None
        self._chunks: list[bytes] = []
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._part = ""
        self._ended = False
        self._parser = self._open(options[b"boundary"])

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the chunks of the file in this chunk of the body.

        Raises:
            InvalidForm: The form is malformed, or a text part exceeds its limit.
        """
        try:
            if chunk:
                self._parser.write(chunk)
        except FormParserError as error:
            raise InvalidForm(f"the multipart body is malformed: {error}", code="form_invalid") from error
        chunks, self._chunks = self._chunks, []
        return chunks

    def filename(self) -> str:
        """Return the file's name.

        Raises:
            InvalidForm: The form is truncated, or has no file.
        """
        if not self._ended:
            raise InvalidForm("the multipart body is truncated", code="form_invalid")
        if self._filename is None:
            raise InvalidForm("the part named `file` is missing", code="file_missing")
        return self._filename

    def texts(self) -> dict[str, str]:
        """Return the text parts.

        Raises:
            InvalidForm: A text is not UTF-8.
        """
        try:
            return {name: value.decode() for name, value in self._texts.items()}
        except UnicodeDecodeError as error:
            raise InvalidForm("a text part is not valid UTF-8", code="form_invalid") from error

    def ignored(self) -> tuple[str, ...]:
        """Return the names of the parts that nobody reads, as many as one would read about."""
        return tuple(self._ignored)

    def _open(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise InvalidForm(f"the multipart body is malformed: {error}", code="form_invalid") from error

    def _on_part_begin(self) -> None:
        self._disposition, self._part = b"", ""

    def _on_header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._part = options.get(b"name", b"").decode(errors="replace")
        if self._part == "file":
            if self._filename is not None:
                raise InvalidForm("there are two parts named `file`", code="form_invalid")
            self._filename = options.get(b"filename", b"").decode(errors="replace")
        elif self._part in MAX_TEXT_BYTES:
            if self._part in self._texts:
                raise InvalidForm(f"there are two parts named `{self._part}`", code="form_invalid")
            self._texts[self._part] = bytearray()
        elif len(self._ignored) < MAX_IGNORED:
            self._ignored[self._part[:MAX_IGNORED_NAME]] = None

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == "file":
            self._chunks.append(data[start:end])
        elif self._part in MAX_TEXT_BYTES:
            self._keep_text(data[start:end])

    def _on_end(self) -> None:
        self._ended = True

    def _keep_text(self, piece: bytes) -> None:
        text = self._texts[self._part]
        text.extend(piece)
        if len(text) > MAX_TEXT_BYTES[self._part]:
            message = f"{self._part} is larger than {MAX_TEXT_BYTES[self._part]} bytes"
            raise InvalidForm(message, code="field_too_large")
