"""What a blueprint's free metadata says about the music: the analysis of the hum, and the seed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zlib import crc32

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.blueprints.fields import KEY_PATTERN, TIME_SIGNATURE_PATTERN
from domain.errors import InvalidBlueprint, Problem
from domain.music.model import Analysis

_LONGEST_SECONDS: Final = 3600.0
_POINTER: Final = "/metadata/analysis"


def read_analysis(metadata: Mapping[str, Any]) -> Analysis | None:
    """Return the analysis in a blueprint's metadata, or None if there is none or it has no notes.

    Raises:
        InvalidBlueprint: `metadata.analysis` is present but is not a valid analysis.
    """
    if "analysis" not in metadata:
        return None
    try:
        analysis = msgspec.convert(metadata["analysis"], Analysis)
    except msgspec.ValidationError as error:
        raise InvalidBlueprint([_located(error)]) from error
    if problems := list(_problems(analysis)):
        raise InvalidBlueprint(problems)
    return analysis if analysis.notes else None


def read_seed(blueprint: Blueprint) -> int:
    """Return the seed in a blueprint's metadata as 0..2³²−1; without a usable one, the CRC-32 of the blueprint's id."""
    seed = blueprint.metadata.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool):
        return seed % 2**32
    return crc32(blueprint.id.encode())


def to_json(analysis: Analysis) -> dict[str, Any]:
    """Return the analysis as JSON values: lists, no tuples, so that a blueprint equals itself after a round trip."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(analysis))
    return document


def _located(error: msgspec.ValidationError) -> Problem:
    """Return msgspec's `… - at `$.notes[3].pitch`` as a JSON pointer and a message."""
    message, _, path = str(error).partition(" - at `$")
    pointer = re.sub(r"[.\[]", "/", path.rstrip("`").replace("]", ""))
    return Problem(_POINTER + pointer, message.replace("Expected", "must be", 1))


def _problems(analysis: Analysis) -> Iterator[Problem]:
    """Yield what the types cannot express: numbers out of range, and notes or phrases out of order."""
    if not 10 <= analysis.tempo_bpm <= 1000:
        yield Problem(f"{_POINTER}/tempo_bpm", "must be 10..1000")
    if not abs(analysis.first_beat) <= _LONGEST_SECONDS:
        yield Problem(f"{_POINTER}/first_beat", "must be within an hour")
    if not abs(analysis.tuning_cents) <= 100:
        yield Problem(f"{_POINTER}/tuning_cents", "must be −100..100")
    if not re.fullmatch(KEY_PATTERN, analysis.key):
        yield Problem(f"{_POINTER}/key", "must be a key such as F#m")
    if not re.fullmatch(TIME_SIGNATURE_PATTERN, analysis.time_signature):
        yield Problem(f"{_POINTER}/time_signature", "must be a time signature such as 3/4")
    yield from _note_problems(analysis)
    ordered = list(analysis.phrases) == sorted(set(analysis.phrases))
    if analysis.notes and not (ordered and analysis.phrases[:1] == (0,) and analysis.phrases[-1] < len(analysis.notes)):
        yield Problem(f"{_POINTER}/phrases", "must be indices of notes, ascending from 0")


def _note_problems(analysis: Analysis) -> Iterator[Problem]:
    earliest = 0.0
    for index, note in enumerate(analysis.notes):
        pointer = f"{_POINTER}/notes/{index}"
        if not earliest <= note.onset <= _LONGEST_SECONDS:
            yield Problem(f"{pointer}/onset", "must not be before the previous onset, nor after an hour")
        if not 0 < note.duration <= _LONGEST_SECONDS:
            yield Problem(f"{pointer}/duration", "must be positive seconds")
        if not 0 <= note.pitch <= 127:
            yield Problem(f"{pointer}/pitch", "must be a MIDI number")
        if not 0 <= note.loudness <= 1:
            yield Problem(f"{pointer}/loudness", "must be 0..1")
        earliest = max(earliest, note.onset)
