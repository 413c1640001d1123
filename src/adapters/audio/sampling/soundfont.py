"""A SoundFont on disk: whether it can play for the band, and which one it is.

The serving process asks that before it serves, so nothing here needs arrays.
"""

import hashlib
from io import BufferedReader
from pathlib import Path
from typing import Final

import msgspec

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.presets import Presets
from adapters.audio.sampling.programs import MIDI_VELOCITY, SAMPLED
from adapters.audio.sampling.riff import read_chunks

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
            _require_programs(Presets(read_chunks(file).lists))
            return SoundFont(path.resolve(), digest(file))
    except OSError as error:
        raise BadSoundFont(f"cannot be read: {error.strerror}") from error


def digest(file: BufferedReader) -> str:
    """Return the SHA-256 of an open file, in hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _require_programs(presets: Presets) -> None:
    for instrument in SAMPLED:
        for pitch in (instrument.low, (instrument.low + instrument.high) // 2, instrument.high):
            for velocity in (_SOFT, MIDI_VELOCITY):
                presets.voices(instrument.program, pitch, velocity)
