"""The recordings in a SoundFont, decoded as far as notes need them.

SF3 keeps each as a file of Ogg Vorbis. A second of it takes a millisecond to decode, so nothing is decoded ahead: a
process reads in a moment what would take hundreds of megabytes as a whole.
"""

import io
from collections import OrderedDict
from typing import BinaryIO, Final

import numpy as np
import soundfile

from adapters.audio.arrays import Mono
from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.zones import Sample

CACHE_BYTES: Final = 48 * 1024 * 1024
"""Of decoded sound that a process keeps."""

_FIRST_FRAMES: Final = 1 << 16
_MOST_FRAMES: Final = 1 << 23
_MOST_BYTES: Final = 1 << 24


class Recordings:
    """Reads samples, and keeps those that were used last.

    Args:
        file: Stays open as long as this lives.
        at: Where the samples begin, in bytes.
        size: Their bytes.
    """

    def __init__(self, file: BinaryIO, at: int, size: int) -> None:
        self._file, self._at, self._size = file, at, size
        self._kept = OrderedDict[Sample, Mono]()

    def read(self, sample: Sample, frames: int) -> Mono:
        """Return at least so many frames of a sample from its start, or all if it has no more; at its own rate.

        Raises:
            BadSoundFont: It is not where it should be, or cannot be decoded.
        """
        known = self._kept.pop(sample, None)
        if known is None or (len(known) < frames and len(known) % _FIRST_FRAMES == 0):  # only a part, as it seems
            known = self._decoded(sample, min(max(_FIRST_FRAMES, 1 << (frames - 1).bit_length()), _MOST_FRAMES))
        self._kept[sample] = known
        while len(self._kept) > 1 and sum(sound.nbytes for sound in self._kept.values()) > CACHE_BYTES:
            self._kept.popitem(last=False)
        return known

    def _decoded(self, sample: Sample, frames: int) -> Mono:
        first, last = sample.span
        if not sample.compressed:
            content = self._bytes(first, min(last, first + 2 * frames))
            return np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768)
        try:
            with soundfile.SoundFile(io.BytesIO(self._bytes(first, last))) as file:
                sound = file.read(frames, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise BadSoundFont(f"is a broken SoundFont: a sample cannot be decoded: {error}") from error
        return np.ascontiguousarray(sound[:, 0])

    def _bytes(self, first: int, last: int) -> bytes:
        if not 0 <= first < last <= self._size:
            raise BadSoundFont("is a broken SoundFont: a sample lies outside of the samples")
        if last - first > _MOST_BYTES:
            raise BadSoundFont(f"is a SoundFont with a sample of {last - first} bytes, more than {_MOST_BYTES}")
        self._file.seek(self._at + first)
        content = self._file.read(last - first)
        if len(content) < last - first:
            raise BadSoundFont("ends early: it was changed while it was read")
        return content
