"""What a blueprint's free metadata says about the music: the analysis of the hum, the seed, who plays, what is sung."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from typing import Any, Final
from zlib import crc32

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.blueprints.fields import KEY_PATTERN, TIME_SIGNATURE_PATTERN
from domain.blueprints.problems import type_problems
from domain.errors import MAX_PROBLEMS, InvalidBlueprint, Problem
from domain.music.hum import Analysis, HummedNote
from domain.music.sung import VocalMode
from domain.music.theory.chord_symbols import parse_chord
from domain.music.theory.chords import Harmony

_SHORTEST_BEAT: Final = 0.06
"""Seconds: of the fastest tempo of an analysis."""

_POINTER: Final = "/metadata/analysis"


def read_analysis(metadata: Mapping[str, Any]) -> Analysis | None:
    """Return the analysis in a blueprint's metadata, or None if there is none or it has no notes.

    Raises:
        InvalidBlueprint: `metadata.analysis` is present but is not a valid analysis.
    """
    if "analysis" not in metadata:
        return None
    analysis = _parse_analysis(metadata["analysis"])
    return analysis if analysis.notes else None


def read_chords(metadata: Mapping[str, Any]) -> tuple[Harmony, ...]:
    """Return the chords that the musician wrote; none if one of them is no chord: half a progression is another one."""
    symbols = metadata.get("chords") or ()
    chords = [parse_chord(symbol) for symbol in symbols if isinstance(symbol, str)]
    return tuple(chord for chord in chords if chord) if None not in chords else ()


def read_damage(metadata: Mapping[str, Any]) -> str:
    """Return what is missing of the recording, in one sentence; empty if nothing is, or if that is not known."""
    analysis = metadata.get("analysis")
    damage = analysis.get("damage") if isinstance(analysis, dict) else None
    return damage if isinstance(damage, str) else ""


def read_vocal_mode(metadata: Mapping[str, Any]) -> VocalMode:
    """Return what the voice sings: the hum, unless another word is there; of old jobs it was not checked."""
    mode = metadata.get("vocals")
    return VocalMode(mode) if isinstance(mode, str) and mode in set(VocalMode) else VocalMode.HUM


def read_duration(metadata: Mapping[str, Any]) -> float | None:
    """Return the seconds of the recording, or None if they are not known."""
    analysis = metadata.get("analysis")
    duration = analysis.get("duration") if isinstance(analysis, dict) else None
    return float(duration) if isinstance(duration, int | float) and not isinstance(duration, bool) else None


def read_seed(blueprint: Blueprint) -> int:
    """Return the seed in a blueprint's metadata as 0..2³²−1; without a usable one, the CRC-32 of the blueprint's id."""
    seed = blueprint.metadata.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool):
        return seed % 2**32
    return crc32(blueprint.id.encode())


def read_soundfont(metadata: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the SoundFont with which the band plays; empty if it plays without one."""
    soundfont = metadata.get("soundfont")
    return soundfont if isinstance(soundfont, str) else ""


def to_json(analysis: Analysis) -> dict[str, Any]:
    """Return the analysis as JSON values: lists, no tuples, so that a blueprint equals itself after a round trip."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(analysis))
    return document


def analysis_problems(document: object) -> list[Problem]:
    """Return what is wrong with an analysis: with each note, or with the rest, or with the order."""
    try:
        _parse_analysis(document)
    except InvalidBlueprint as error:
        return error.problems
    return []


def _parse_analysis(document: object) -> Analysis:
    try:
        analysis = msgspec.convert(document, Analysis)
    except msgspec.ValidationError as error:
        raise InvalidBlueprint(_type_problems(document)) from error
    if problems := list(_order_problems(analysis)):
        raise InvalidBlueprint(problems)
    return analysis


def _type_problems(document: object) -> list[Problem]:
    notes = document.get("notes") if isinstance(document, dict) else None
    numbered = enumerate(notes) if isinstance(notes, list) else ()
    found = (problem for at, note in numbered for problem in type_problems(note, HummedNote, f"{_POINTER}/notes/{at}"))
    of_notes = list(islice(found, MAX_PROBLEMS))
    return of_notes or type_problems(document, Analysis, _POINTER)


def _order_problems(analysis: Analysis) -> Iterator[Problem]:
    if not re.fullmatch(KEY_PATTERN, analysis.key):
        yield Problem(f"{_POINTER}/key", "must be a key such as F#m")
    if not re.fullmatch(TIME_SIGNATURE_PATTERN, analysis.time_signature):
        yield Problem(f"{_POINTER}/time_signature", "must be a time signature such as 3/4")
    for index, (note, next_note) in enumerate(pairwise(analysis.notes), start=1):
        if next_note.onset < note.onset:
            yield Problem(f"{_POINTER}/notes/{index}/onset", "must not be before the previous onset")
    if not all(after - before >= _SHORTEST_BEAT for before, after in pairwise(analysis.beats)):
        yield Problem(f"{_POINTER}/beats", f"must ascend by {_SHORTEST_BEAT} s at least")
    for name in ("written", "tuning_curve", "sung_from"):
        if len(getattr(analysis, name)) not in {0, len(analysis.notes)}:
            yield Problem(f"{_POINTER}/{name}", "must have a value for each note")
    ordered = list(analysis.phrases) == sorted(set(analysis.phrases))
    if analysis.notes and not (ordered and analysis.phrases[:1] == (0,) and analysis.phrases[-1] < len(analysis.notes)):
        yield Problem(f"{_POINTER}/phrases", "must be indices of notes, ascending from 0")
