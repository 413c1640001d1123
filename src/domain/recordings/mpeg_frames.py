"""Frames of MPEG audio: MP3 and ADTS have no header of their own, a file of them is known by two frames in a row."""

from collections.abc import Callable
from typing import Final

_MP3_BITRATES: Final = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    0: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III by the version's code: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""

_MP3_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Hz by the version's code."""


def frames_type(head: bytes) -> str | None:
    """Return the media type of the first two frames in a row, anywhere: a recording may begin within a frame."""
    at = head.find(b"\xff")
    while at >= 0:
        for mime_type, frame_length in _FRAMES:
            if _has_two_frames(head[at:], frame_length):
                return mime_type
        at = head.find(b"\xff", at + 1)
    return None


def _has_two_frames(head: bytes, frame_length: Callable[[bytes], int]) -> bool:
    """Whether a frame begins here and another where it ends: one header alone turns up in random bytes."""
    length = frame_length(head)
    return length > 0 and frame_length(head[length:]) > 0


def _mp3_frame_length(frame: bytes) -> int:
    """Return the bytes of a layer III frame, 0 if none begins here (ISO/IEC 11172-3, 2.4.1.3 and 2.4.3.1)."""
    header = int.from_bytes(frame[:4], "big")
    version, layer = header >> 19 & 3, header >> 17 & 3
    bitrate, rate, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or not 1 <= bitrate <= 14 or rate == 3:
        return 0
    samples_per_byte = 144_000 if version == 3 else 72_000
    return samples_per_byte * _MP3_BITRATES[version][bitrate - 1] // _MP3_RATES[version][rate] + padding


def _adts_frame_length(frame: bytes) -> int:
    """Return the bytes of an ADTS frame with its header, 0 if none begins here (ISO/IEC 13818-7, 6.2)."""
    header = int.from_bytes(frame[:7], "big")
    sync, layer, rate = header >> 44, header >> 41 & 3, header >> 34 & 15
    length = header >> 13 & 0x1FFF
    return length if len(frame) >= 7 and sync == 0xFFF and layer == 0 and rate <= 12 and length > 7 else 0


_FRAMES: Final = (("audio/mpeg", _mp3_frame_length), ("audio/aac", _adts_frame_length))
