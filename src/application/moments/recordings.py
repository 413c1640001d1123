"""Recordings as they arrive: what they are is known from their first bytes."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from application.ports.objects import Chunks
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact
from domain.recordings.sniffing import SNIFF_BYTES, audio_mime_type

LONGEST_PATH: Final = 4096
LONGEST_NAME: Final = 255
"""Of a recording on the device of its sender, or in its URL."""

FILE_NAME: Final = re.compile(r".\.\w{2,5}$")
"""How the name of a recording ends."""


class EmptyUpload(MomentError):
    """The uploaded file is empty."""

    code = "empty_upload"
    permanent = True


class NotAudio(MomentError):
    """The uploaded file is in no audio format that we support."""

    code = "not_audio"
    permanent = True


class Hum(msgspec.Struct, frozen=True):
    """A recording that is known to be one.

    Attributes:
        filename: What it is called where it comes from.
        store_as: Stores it under a key.
    """

    filename: str
    store_as: Callable[[str], Awaitable[Artifact]]


async def sniffed(chunks: Chunks) -> tuple[str, Chunks]:
    """Return the media type by content, and the whole stream again.

    Raises:
        EmptyUpload, NotAudio: It is no recording.
    """
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    return type_of(head), _rejoined(head, chunks)


def type_of(head: bytes) -> str:
    """Return the media type of a recording by its first bytes. Raises `EmptyUpload` and `NotAudio`."""
    if not head:
        raise EmptyUpload("the file is empty")
    if (mime_type := audio_mime_type(head[:SNIFF_BYTES])) is None:
        raise NotAudio(f"unsupported audio format: send WAV, MP3, M4A, OGG, FLAC or WebM{_slip(head)}")
    return mime_type


def _slip(head: bytes) -> str:
    """Return a question about a file that is the name of one: curl sends what `-F file=…` names only after an `@`."""
    text = head.decode(errors="replace").strip()
    is_name = len(head) <= LONGEST_PATH and "\ufffd" not in text and text.isprintable() and FILE_NAME.search(text)
    return "; it is only the name of a file: is the @ missing, as in curl -F file=@hum.wav?" if is_name else ""


async def _rejoined(head: bytes, rest: Chunks) -> Chunks:
    yield head
    async for chunk in rest:
        yield chunk
