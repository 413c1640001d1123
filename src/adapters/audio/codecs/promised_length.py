"""How long the sound must be by what the container says of it, as far as that can be relied on.

A promise is worth something only where it is about the sound itself and the file seems to be cut. A film's length is
no promise about its sound, an estimate from the bit rate is none, and sizes that recorders write wrong are none.
"""

import os
from typing import Any, BinaryIO, Final

from adapters.audio.codecs.iff_header import IffHeader

TAG_BYTES: Final = 1 << 18
"""Where the first frame of an MP3, with the tag that counts the others, is looked for."""

SEGMENT: Final = b"\x18\x53\x80\x67"
UNRELIABLE: Final = frozenset({"aac", "amr", "avi", "mpegts", "asf", "ogg"})
"""Formats whose length FFmpeg estimates or takes from the last timestamp, or which tell that of the film."""


def promised_seconds(container: Any, file: BinaryIO, header: IffHeader | None, *, broke_off: bool) -> float:
    """Return the seconds of sound that the file must hold, 0 where nothing reliable is said.

    Args:
        container: As PyAV opened it.
        file: The whole file.
        header: Of a WAV or AIFF file.
        broke_off: Whether the last packet was incomplete: a FLAC file that ends with a frame is whole.
    """
    name, stream = container.format.name, container.streams.audio[0]
    if name in UNRELIABLE or (name == "mp3" and not _is_cut_mp3(file)) or (name == "flac" and not broke_off):
        return 0.0
    if "matroska" in name:
        return (container.duration or 0) / 1e6 if _is_cut_matroska(file) else 0.0
    if stream.duration is None or stream.time_base is None:
        return 0.0
    seconds = float(stream.duration * stream.time_base)
    if header is None:
        return seconds
    return seconds * header.missing if header.missing > 1.0 else 0.0


def head_of(file: BinaryIO, size: int) -> bytes:
    """Return the first bytes, and leave the position where it was."""
    at = file.tell()
    file.seek(0)
    head = file.read(size)
    file.seek(at)
    return head


def _is_cut_mp3(file: BinaryIO) -> bool:
    """Whether the tag in the first frame counts more bytes than the file has (Xing, "VBR header", 1999)."""
    head, size = head_of(file, TAG_BYTES), os.fstat(file.fileno()).st_size
    at = next((at for tag in (b"Xing", b"Info") if (at := head.find(tag)) >= 0), -1)
    if at < 0 or len(head) < at + 16:
        return False
    flags = int.from_bytes(head[at + 4 : at + 8], "big")
    counts_bytes = flags & 3 == 3
    return not counts_bytes or int.from_bytes(head[at + 12 : at + 16], "big") > size - at + 64


def _is_cut_matroska(file: BinaryIO) -> bool:
    """Whether the segment, which holds everything, is longer than the file (RFC 9559, section 5.1)."""
    head, size = head_of(file, 4096), os.fstat(file.fileno()).st_size
    at = head.find(SEGMENT) + len(SEGMENT)
    if at < len(SEGMENT) or at >= len(head) or not head[at]:
        return False
    width = 9 - head[at].bit_length()
    declared = int.from_bytes(head[at : at + width], "big") - (1 << 7 * width)
    is_unknown = declared == (1 << 7 * width) - 1
    return not is_unknown and at + width + declared > size
