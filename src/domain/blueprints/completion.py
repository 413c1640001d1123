"""Completing a blueprint: the musician's own fields first, the analysis of the hum for the rest."""

from math import log
from typing import Any, Final, Literal

import msgspec

from domain.blueprints.blueprint import Blueprint, OutputKind, PartialBlueprint, Section
from domain.blueprints.briefing import brief_of
from domain.blueprints.fields import DEFAULT_LYRICS, MAX_TEMPO_BPM, MIN_TEMPO_BPM
from domain.blueprints.metadata import read_analysis, to_json
from domain.blueprints.validation import checked
from domain.music.composition.sections import plan_preview, plan_song
from domain.music.hum import Analysis
from domain.music.styles.registry import DEFAULT_STYLE, resolve_style
from domain.music.styles.style import Style
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

DEFAULT_KEY: Final = "Am"
_STRETCH: Final = 1.25  # factor by which a hum is played faster or slower at most, so that it suits the style


def complete(
    partial: PartialBlueprint,
    analysis: Analysis | None,
    *,
    blueprint_id: str,
    kind: OutputKind,
    voice_id: str,
    seed: int,
    soundfont: str = "",
    draft: bool = False,
) -> Blueprint:
    """Return the whole blueprint: what the musician fixed stays as it is, field by field, also inside `metadata`.

    Args:
        partial: The fixed fields, each valid by itself.
        analysis: Of the hum, or None where no tool analyzed it.
        blueprint_id: The id, where none is fixed.
        kind: What the sections are made for; it is written into the metadata, whatever they said.
        voice_id: The voice, where none is fixed.
        seed: The seed of every random choice, where the metadata fixes none.
        soundfont: SHA-256 of the SoundFont that the tools have, or empty. A fixed one gives way to it, since the job
            would wait for a set that nobody has; only a fixed empty one, which means no samples, stays.
        draft: Leave the sections unplanned, which is most of the work: they will change once the hum is analyzed.

    Raises:
        InvalidBlueprint: With every problem found, those of a fixed `metadata.analysis` included.
    """
    analyzed = {"analysis": to_json(analysis)} if analysis and analysis.notes else {}
    fixed = partial.get("metadata", {})
    metadata = {"seed": seed, **analyzed, **fixed, **_soundfont(fixed, soundfont), "output_kind": str(kind)}
    hum = read_analysis(metadata)
    document: dict[str, Any] = {
        "id": blueprint_id,
        "lyrics": DEFAULT_LYRICS,
        "voice": {"voice_id": voice_id},
        **_music(partial, hum),
        "sections": [{"name": "theme", "bars": 8}],
        **partial,
        "metadata": metadata,
    }
    blueprint = checked(document)  # its parts were normalised when the request came in
    if draft or "sections" in partial:
        return blueprint
    return msgspec.structs.replace(blueprint, sections=_sections(blueprint, kind))


def _soundfont(fixed: dict[str, Any], ours: str) -> dict[str, str]:
    return {} if fixed.get("soundfont") == "" or not (ours or "soundfont" in fixed) else {"soundfont": ours}


def _music(partial: PartialBlueprint, analysis: Analysis | None) -> dict[str, Any]:
    """Return style, key, tempo and time signature as the hum and the style's moods suggest them."""
    style = resolve_style(str(partial.get("style", DEFAULT_STYLE)))
    signature = partial.get("time_signature", analysis.time_signature if analysis else "4/4")
    hummed = analysis.tempo_bpm if analysis else sum(style.tempo_range) / 2
    return {
        "style": style.name,
        "tempo_bpm": suitable_tempo(hummed * style.character.tempo, style, str(signature)),
        "key": _key(analysis.key if analysis else DEFAULT_KEY, style.character.mode),
        "time_signature": signature,
    }


def _key(hummed: str, mode: Literal["major", "minor", ""]) -> str:
    """Return the hum's key, or the relative one that has the wanted mode."""
    scale = Scale.of(hummed)
    return scale.relative.name if mode and (mode == "minor") != scale.minor else hummed


def suitable_tempo(hummed_bpm: float, style: Style, time_signature: str) -> int:
    """Return the hum's tempo, its double or its half, whichever is nearest to the style's, moved into its range.

    Nothing is moved by more than a quarter: then the hum's own tempo stays. Meters of three keep their multiple: their
    bars, or the beats of 6/8, do not survive halving.
    """
    meter = Meter.of(time_signature)
    even = meter.bar in {2.0, 4.0, 8.0} and not meter.compound
    multiples = [hummed_bpm * factor for factor in ((1.0, 2.0, 0.5) if even else (1.0,))]
    moved = [min(max(tempo, style.tempo_range[0]), style.tempo_range[1]) for tempo in multiples]
    changes = [abs(log(after / before)) for before, after in zip(multiples, moved, strict=True)]
    best = min(range(len(changes)), key=lambda index: (round(changes[index], 6), index))
    tempo = moved[best] if changes[best] <= log(_STRETCH) else hummed_bpm
    while tempo < MIN_TEMPO_BPM:
        tempo *= 2
    while tempo > MAX_TEMPO_BPM:
        tempo /= 2
    return min(MAX_TEMPO_BPM, max(MIN_TEMPO_BPM, round(tempo)))


def _sections(blueprint: Blueprint, kind: OutputKind) -> tuple[Section, ...]:
    brief = brief_of(blueprint, kind)
    planned = plan_song(brief) if kind is OutputKind.SONG else plan_preview(brief)
    return tuple(Section(name=section.name, bars=section.bars, energy=section.energy) for section in planned)
