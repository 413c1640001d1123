"""A SoundFont on disk: whether it can play for the band, and which one it is.

The serving process asks that before it serves, so nothing here needs arrays.
"""

import hashlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

import msgspec

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.presets import Presets
from adapters.audio.sampling.programs import MIDI_VELOCITY, SAMPLED
from adapters.audio.sampling.riff import Chunks, read_chunks
from adapters.audio.sampling.zones import Sample

_OGG: Final = b"OggS"
_SOFT: Final = 25
"""The MIDI velocity of the softest take that the band plays."""


class SoundFont(msgspec.Struct, frozen=True):
    """A file that holds a SoundFont, and its SHA-256 in hexadecimal: equal ones sound equal."""

    path: Path
    sha256: str


def find_soundfont(path: Path) -> SoundFont:
    """Return the SoundFont in a file.

    Raises:
        BadSoundFont: It is none, is broken, or lacks a note that the band plays.
    """
    try:
        with path.open("rb") as file:
            chunks = read_chunks(file)
            for sample in _samples(Presets(chunks.lists)):
                _require_sample(file, chunks, sample)
            return SoundFont(path.resolve(), digest(file))
    except OSError as error:
        raise BadSoundFont(f"cannot be read: {error.strerror}") from error


def digest(file: BufferedReader) -> str:
    """Return the SHA-256 of an open file, in hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _samples(presets: Presets) -> Iterator[Sample]:
    """Yield what sounds the lowest, the middle and the highest note of each instrument, played softly and loudly."""
    for instrument in SAMPLED:
        for pitch in (instrument.low, (instrument.low + instrument.high) // 2, instrument.high):
            for velocity in (_SOFT, MIDI_VELOCITY):
                yield from (voice.sample for voice in presets.voices(instrument.program, pitch, velocity))


def _require_sample(file: BufferedReader, chunks: Chunks, sample: Sample) -> None:
    first, last = sample.span
    if not 0 <= first < last <= chunks.samples_size:
        raise BadSoundFont("is a broken SoundFont: a sample lies outside of the samples")
    file.seek(chunks.samples_at + first)
    if sample.compressed and file.read(len(_OGG)) != _OGG:
        raise BadSoundFont("is a broken SoundFont: a compressed sample is no Ogg file")
