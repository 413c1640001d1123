"""The parts of a multipart form (RFC 7578): the file in chunks, texts limited as they arrive.

Litestar's own parser keeps text parts of any size in memory, and treats a `file` part without a file name as text (with
status 500 if it is not UTF-8). So the form is parsed here, from the request's stream.
"""

from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from application.moments.request_fields import FIELDS
from entrypoints.api.invalid_form import InvalidForm, require_size

MAX_IGNORED: Final = 16
MAX_IGNORED_NAME: Final = 64
"""How many unknown fields are named in warnings, and with how many characters each."""


class FormParts:
    """Collects the parser's events: chunks of the file, and limited texts."""

    def __init__(self, boundary: bytes) -> None:
        self._texts: dict[str, bytearray] = {}
        self._ignored: dict[str, None] = {}
        self._filename: str | None = None
        self._chunks: list[bytes] = []
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._part = ""
        self._ended = False
        self._parser = self._open(boundary)

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

    def filename(self) -> str | None:
        """Return the file's name; None if there is no file.

        Raises:
            InvalidForm: The form is truncated.
        """
        if not self._ended:
            raise InvalidForm("the multipart body is truncated", code="form_invalid")
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
        elif self._part in FIELDS:
            if self._part in self._texts:
                raise InvalidForm(f"there are two parts named `{self._part}`", code="form_invalid")
            self._texts[self._part] = bytearray()
        elif len(self._ignored) < MAX_IGNORED:
            self._ignored[self._part[:MAX_IGNORED_NAME]] = None

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == "file":
            self._chunks.append(data[start:end])
        elif self._part in FIELDS:
            self._keep_text(data[start:end])

    def _on_end(self) -> None:
        self._ended = True

    def _keep_text(self, piece: bytes) -> None:
        text = self._texts[self._part]
        text.extend(piece)
        require_size(self._part, len(text))
