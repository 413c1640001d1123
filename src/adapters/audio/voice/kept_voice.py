"""The cleaned voice of recordings, kept for the singer while they are analyzed: cleaning takes a third of his time.

It is the same whether it was kept or not.
"""

from pathlib import Path
from typing import Final

from adapters.audio import kept_arrays
from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.codecs.decoding import Recording, at_rate, read_recording
from adapters.audio.voice.cleaning import clean

MOST_BYTES: Final = 48 << 20
"""176 kB a second: two of the longest recordings, or sixteen of a usual length."""

_KIND: Final = "voice"


def voice_of(recording: Path, folder: Path | None) -> Mono:
    """Return the cleaned voice of a recording at `SAMPLE_RATE`.

    Args:
        recording: In any format.
        folder: Where `keep_voice` keeps it; None if it does not.

    Raises:
        BadAudio: As `adapters.audio.codecs.decoding.read_recording` raises it.
    """
    kept = kept_arrays.find(recording, folder, _KIND)
    return kept if kept is not None else _cleaned(read_recording(recording))


def keep_voice(recording: Path, folder: Path, decoded: Recording) -> None:
    """Clean and keep the voice of a recording."""
    kept_arrays.keep(recording, folder, _KIND, _cleaned(decoded), MOST_BYTES)


def _cleaned(decoded: Recording) -> Mono:
    return clean(at_rate(decoded, SAMPLE_RATE), SAMPLE_RATE)
