"""What the CLI prints of a finished moment, from its status."""

from typing import Any, Final

from domain.blueprints.metadata import read_analysis
from domain.blueprints.validation import parse
from domain.music.hum import Analysis
from domain.music.listening.melody import intended_pitches
from domain.music.theory.pitch import scientific
from domain.music.theory.scale import Scale
from entrypoints.commands.remarks import style_of

PARALLEL_STEMS: Final = frozenset({"vocals", "instrumental"})


def findings(status: dict[str, Any]) -> dict[str, str]:
    """Return lines by their headings: style, key, tempo, notes, chords (where the tools returned them), stages.

    Raises:
        InvalidBlueprint: The status has no complete blueprint.
    """
    blueprint = parse(status["blueprint_json"])
    analysis = read_analysis(blueprint.metadata)
    names = _names(analysis) if analysis else []
    chords = status.get("chords") or []
    return {
        "style": style_of(status),
        "key": blueprint.key + (f" (hummed {analysis.tuning_cents:+.0f} cents from A4 = 440 Hz)" if analysis else ""),
        "tempo": f"{blueprint.tempo_bpm} bpm, {blueprint.time_signature}",
        "notes": f"{len(names)}: {' '.join(names)}",
        **({"chords": " ".join(chords)} if chords else {}),
        "stages": stages(status["timings"]),
    }


def stages(timings: list[dict[str, Any]]) -> str:
    """Return how long each stage took; the stems, which are rendered in parallel, in brackets after theirs."""
    seconds = {timing["name"]: timing["seconds"] or 0.0 for timing in timings}
    stems = ", ".join(f"{name} {seconds[name]:.1f} s" for name in sorted(PARALLEL_STEMS & set(seconds), reverse=True))
    inside = {"RENDERING": f" (side by side: {stems})"} if stems else {}
    steps = [name for name in seconds if name not in PARALLEL_STEMS]
    return ", ".join(f"{name.lower()} {seconds[name]:.1f} s{inside.get(name, '')}" for name in steps)


def _names(analysis: Analysis) -> list[str]:
    """Return the hummed notes in scientific pitch notation: C4 is middle C."""
    scale = Scale.of(analysis.key)
    return [scientific(scale.spell(pitch), pitch) for pitch in intended_pitches(analysis)]
