"""The formats in which finished music comes: one table for requests, tools and encoders."""

from collections.abc import Mapping
from typing import Final, Literal, cast

from domain.jobs.artifacts import MediaType

OutputFormat = Literal[
    "mp3_44100_128",
    "mp3_44100_192",
    "mp3_44100_320",
    "m4a_44100_256",
    "m4a_44100_128",
    "opus_48000_128",
    "flac_44100",
    "wav_44100",
]
"""Codec, sample rate in Hz, and kbit/s of the lossy ones."""

USUAL: Final[OutputFormat] = "mp3_44100_128"
"""The format of music whose request names none."""

MEDIA_TYPES: Final[Mapping[OutputFormat, MediaType]] = {
    "mp3_44100_128": MediaType.MP3,
    "mp3_44100_192": MediaType.MP3,
    "mp3_44100_320": MediaType.MP3,
    "m4a_44100_256": MediaType.M4A,
    "m4a_44100_128": MediaType.M4A,
    "opus_48000_128": MediaType.OPUS,
    "flac_44100": MediaType.FLAC,
    "wav_44100": MediaType.WAV,
}
"""The media type of every format."""


def output_format_named(name: str) -> OutputFormat | None:
    """Return the format with a name; a codec alone (`mp3`, `wav`) is its first one. None for what is no format."""
    wanted = name.strip().lower()
    return next((known for known in MEDIA_TYPES if wanted in {known, known.partition("_")[0]}), None)


def format_of(name: str) -> OutputFormat:
    """Return the format that a request names; the usual one without a name, or for one of a newer version."""
    return cast("OutputFormat", name) if name in MEDIA_TYPES else USUAL
