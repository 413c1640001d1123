"""Completing a blueprint: the musician's own fields first, the hum for the rest; and reading the hum back out of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zlib import crc32

import msgspec

from domain.blueprints.blueprint import Blueprint, OutputKind, PartialBlueprint, Section, parse
from domain.errors import InvalidBlueprint, Problem
from domain.music.composition.sections import preview_sections, song_sections
from domain.music.composition.theme import parts_of
from domain.music.model import Analysis
from domain.music.styles.style import Style, resolve
from domain.music.theory.meter import Meter

DEFAULT_STYLE: Final = "cinematic"
DEFAULT_LYRICS: Final = "Mm mm mm, mm mm mm mm."
DEFAULT_KEY: Final = "Am"
_SLOWEST: Final = 40
_FASTEST: Final = 220
_FAR: Final = 0.8  # a tempo below 0.8 of a style's range, or as far above it, is far away
_LONGEST: Final = 3600.0  # seconds
_AT: Final = "/metadata/analysis"


def complete(
    partial: PartialBlueprint,
    analysis: Analysis | None,
    *,
    blueprint_id: str,
    kind: OutputKind,
    voice_id: str,
    seed: int,
    draft: bool = False,
) -> Blueprint:
    """Return the whole blueprint: what the musician fixed stays as it is, field by field, also inside `metadata`.

    Args:
        partial: The fixed fields, each valid by itself.
        analysis: The hum, or None where no tool listened to it.
        blueprint_id: The id, where none is fixed.
        kind: What the sections are made for.
        voice_id: The voice, where none is fixed.
        seed: Where the metadata fixes none; every random choice derives from it.
        draft: Leave the sections unplanned, which is most of the work: the hum will be heard and they will change.

    Raises:
        InvalidBlueprint: With every problem found, those of a fixed `metadata.analysis` included.
    """
    heard = {"analysis": _as_json(analysis)} if analysis and analysis.notes else {}
    metadata = {"output_kind": str(kind), "seed": seed, **heard, **partial.get("metadata", {})}
    hum = _analysis(metadata)
    document: dict[str, Any] = {
        "id": blueprint_id,
        "lyrics": DEFAULT_LYRICS,
        "voice": {"voice_id": voice_id},
        **_music(partial, hum),
        "sections": [{"name": "theme", "bars": 8}],
        **partial,
        "metadata": metadata,
    }
    blueprint = parse(document)
    if draft or "sections" in partial:
        return blueprint
    return msgspec.structs.replace(blueprint, sections=_sections(blueprint, hum, kind))


def read_analysis(blueprint: Blueprint) -> Analysis | None:
    """Return the hum in a blueprint's metadata, if there is one with notes.

    Raises:
        InvalidBlueprint: `metadata.analysis` is there, but is not an analysis.
    """
    return _analysis(blueprint.metadata)


def read_seed(blueprint: Blueprint) -> int:
    """Return the seed in a blueprint's metadata as 0..2³²−1; strangers' blueprints have one by their id."""
    seed = blueprint.metadata.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool):
        return seed % 2**32
    return crc32(blueprint.id.encode())


def _as_json(analysis: Analysis) -> dict[str, Any]:
    """Return JSON values, lists and no tuples, so that a blueprint equals itself after a journey."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(analysis))
    return document


def _music(partial: PartialBlueprint, analysis: Analysis | None) -> dict[str, Any]:
    """Return style, key, tempo and meter as the hum suggests them."""
    style = resolve(str(partial.get("style", DEFAULT_STYLE)))
    signature = partial.get("time_signature", analysis.time_signature if analysis else "4/4")
    tempo = suitable_tempo(analysis.tempo_bpm, style, str(signature)) if analysis else round(sum(style.tempo_range) / 2)
    return {
        "style": style.name,
        "tempo_bpm": tempo,
        "key": analysis.key if analysis else DEFAULT_KEY,
        "time_signature": signature,
    }


def suitable_tempo(heard_bpm: float, style: Style, time_signature: str) -> int:
    """Return the hum's tempo, or its double or half where that suits the style and the hum's own does not.

    Meters of three keep their tempo: their bars do not survive halving.
    """
    slowest, fastest = (style.tempo_range[0] * _FAR, style.tempo_range[1] / _FAR)
    even = Meter.of(time_signature).bar in {2.0, 4.0, 8.0}
    near = [heard_bpm * factor for factor in ((1.0, 2.0, 0.5) if even else (1.0,))]
    tempo = next((tempo for tempo in near if slowest <= tempo <= fastest), heard_bpm)
    while tempo < _SLOWEST:
        tempo *= 2
    while tempo > _FASTEST:
        tempo /= 2
    return min(_FASTEST, max(_SLOWEST, round(tempo)))


def _sections(blueprint: Blueprint, hum: Analysis | None, kind: OutputKind) -> tuple[Section, ...]:
    meter, beat_seconds = Meter.of(blueprint.time_signature), 60 / blueprint.tempo_bpm
    parts = parts_of(
        hum,
        key=blueprint.key,
        tempo_bpm=blueprint.tempo_bpm,
        time_signature=blueprint.time_signature,
        seed=read_seed(blueprint),
    )
    if kind is OutputKind.SONG:
        return song_sections(parts, meter, beat_seconds)
    return preview_sections(parts[0], meter, beat_seconds, resolve(blueprint.style).tail)


def _analysis(metadata: Mapping[str, Any]) -> Analysis | None:
    if "analysis" not in metadata:
        return None
    try:
        analysis = msgspec.convert(metadata["analysis"], Analysis)
    except msgspec.ValidationError as error:
        raise InvalidBlueprint([_located(error)]) from error
    if problems := list(_problems(analysis)):
        raise InvalidBlueprint(problems)
    return analysis if analysis.notes else None


def _located(error: msgspec.ValidationError) -> Problem:
    """Return msgspec's `… - at `$.notes[3].pitch`` as a JSON pointer and a sentence."""
    message, _, path = str(error).partition(" - at `$")
    pointer = re.sub(r"[.\[]", "/", path.rstrip("`").replace("]", ""))
    return Problem(_AT + pointer, message.replace("Expected", "must be", 1))


def _problems(analysis: Analysis) -> Iterator[Problem]:
    """Find what the types do not say: numbers out of reach, and notes or phrases out of order."""
    if not 10 <= analysis.tempo_bpm <= 1000:
        yield Problem(f"{_AT}/tempo_bpm", "must be 10..1000")
    if not abs(analysis.first_beat) <= _LONGEST:
        yield Problem(f"{_AT}/first_beat", "must be within an hour")
    if not abs(analysis.tuning_cents) <= 100:
        yield Problem(f"{_AT}/tuning_cents", "must be −100..100")
    if not re.fullmatch(r"[A-G](#|b)?m?", analysis.key):
        yield Problem(f"{_AT}/key", "must be a key such as F#m")
    if not re.fullmatch(r"[1-9][0-9]?/[1-9][0-9]?", analysis.time_signature):
        yield Problem(f"{_AT}/time_signature", "must be a meter such as 3/4")
    yield from _note_problems(analysis)
    ordered = list(analysis.phrases) == sorted(set(analysis.phrases))
    if analysis.notes and not (ordered and analysis.phrases[:1] == (0,) and analysis.phrases[-1] < len(analysis.notes)):
        yield Problem(f"{_AT}/phrases", "must be indices of notes, ascending from 0")


def _note_problems(analysis: Analysis) -> Iterator[Problem]:
    reached = 0.0
    for index, note in enumerate(analysis.notes):
        at = f"{_AT}/notes/{index}"
        if not reached <= note.onset <= _LONGEST:
            yield Problem(f"{at}/onset", "must not lie before the note before, nor past an hour")
        if not 0 < note.duration <= _LONGEST:
            yield Problem(f"{at}/duration", "must be positive seconds")
        if not 0 <= note.pitch <= 127:
            yield Problem(f"{at}/pitch", "must be a MIDI number")
        if not 0 <= note.loudness <= 1:
            yield Problem(f"{at}/loudness", "must be 0..1")
        reached = max(reached, note.onset)
