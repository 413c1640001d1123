"""Joins the halves of a song that two encoders made at the same time, as if one had made it.

A frame's data may begin in the frames before it, up to 511 bytes (`main_data_begin`, the bit reservoir), so frames
cannot just follow each other. Both encoders encode a stretch in common, frame by frame in step. Somewhere in it the
first leaves at least as many bytes free before a frame as the second uses there: from that frame on, everything is the
second one's, and what it put before the frame goes where the first left room.

Source: ISO/IEC 11172-3, 2.4.1.7 and 2.4.2.7; LAME's padding of frames repeats after 49 of them at 44.1 kHz.
"""

from itertools import pairwise
from typing import Final, NamedTuple

FRAME: Final = 1152  # samples
STEP: Final = 49
"""Frames after which the pattern of padded ones repeats: halves start at multiples of it."""

COMMON: Final = 2 * STEP
"""Frames that both encode."""

_SETTLED: Final = 30  # frames after which an encoder no longer hears that it began in the middle
_LAST: Final = 8  # frames at the end of the first half that hear its end
_HEAD: Final = 36  # bytes of a frame's header and side information, without a checksum, in stereo


class _Half(NamedTuple):
    """Frames of constant bit rate.

    Attributes:
        heads: Header and side information of each.
        places: Where the data area of each begins in `data`, and the end of the last.
        data: The areas one after the other.
    """

    heads: list[bytes]
    places: list[int]
    data: bytes


def join_halves(first: bytes, second: bytes, start: int, bit_rate: int) -> bytes | None:
    """Return both halves as one stream, or None if they do not fit together.

    Args:
        first: Frames from the start of the song to `COMMON` frames beyond `start`.
        second: Frames from `start` on.
        start: A multiple of `STEP`.
        bit_rate: In bit/s.
    """
    one, two = _half(first, bit_rate), _half(second, bit_rate)
    for place in range(_SETTLED, COMMON - _LAST):
        used = _reservoir(two.heads[place])
        if _reservoir(one.heads[start + place]) >= used:
            return _joined(one, two, start, place, used)
    return None


def count_frames(music: bytes, bit_rate: int) -> int:
    """Return how many frames there are."""
    return len(_frame_places(music, bit_rate)) - 1


def _joined(one: _Half, two: _Half, start: int, place: int, used: int) -> bytes:
    seam, moved = one.places[start + place], one.places[start + place] - two.places[place]
    data = one.data[: seam - used] + two.data[seam - moved - used :]
    heads = one.heads[: start + place] + two.heads[place:]
    places = one.places[: start + place] + [at + moved for at in two.places[place:]]
    areas = (data[at:end] for at, end in pairwise(places))
    return b"".join(part for frame in zip(heads, areas, strict=True) for part in frame)


def _half(music: bytes, bit_rate: int) -> _Half:
    frames = _frame_places(music, bit_rate)
    data = b"".join(music[at + _HEAD : end] for at, end in pairwise(frames))
    places = [at - _HEAD * number for number, at in enumerate(frames)]
    return _Half([music[at : at + _HEAD] for at in frames[:-1]], places, data)


def _frame_places(music: bytes, bit_rate: int) -> list[int]:
    """Return where the frames begin, and the end; a frame's header says whether it has one byte more than usual."""
    places, at = [], 0
    while at + 4 <= len(music):
        places.append(at)
        at += 144 * bit_rate // 44_100 + (music[at + 2] >> 1 & 1)
    return [*places, at]


def _reservoir(head: bytes) -> int:
    """Return how many bytes before its area a frame's data begins."""
    return head[4] << 1 | head[5] >> 7
