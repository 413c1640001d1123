"""What people want to know about a finished moment, out of its status."""

from itertools import groupby
from typing import Any, Final

from domain.blueprints.blueprint import OutputKind, parse
from domain.blueprints.briefing import brief_of
from domain.blueprints.metadata import read_analysis
from domain.music.composition.arrangement import compose
from domain.music.model import Analysis
from domain.music.theory.pitch import spell
from domain.music.theory.scale import Scale

BESIDE_OTHERS: Final = frozenset({"vocals", "instrumental"})


def findings(status: dict[str, Any]) -> dict[str, str]:
    """Return lines by their headings: key, tempo, notes, chords, stages.

    The chords are composed again: the same blueprint always makes the same score.
    """
    blueprint = parse(status["blueprint_json"])
    analysis = read_analysis(blueprint.metadata)
    score = compose(brief_of(blueprint, OutputKind(status["output_kind"])))
    chords = [symbol for symbol, _ in groupby(chord.symbol for chord in score.chords)]
    heard = _names(analysis) if analysis else []
    return {
        "style": blueprint.style,
        "key": blueprint.key + (f" (hummed {analysis.tuning_cents:+.0f} cents from A4 = 440 Hz)" if analysis else ""),
        "tempo": f"{blueprint.tempo_bpm} bpm, {blueprint.time_signature}",
        "notes": f"{len(heard)}: {' '.join(heard)}",
        "chords": " ".join(chords),
        "stages": stages(status["timings"]),
    }


def stages(timings: list[dict[str, Any]]) -> str:
    """Return how long each stage took; the stems, rendered side by side, in brackets after theirs."""
    seconds = {timing["name"]: timing["seconds"] or 0.0 for timing in timings}
    stems = ", ".join(f"{name} {seconds[name]:.1f} s" for name in sorted(BESIDE_OTHERS & set(seconds), reverse=True))
    inside = {"RENDERING": f" (side by side: {stems})"} if stems else {}
    steps = [name for name in seconds if name not in BESIDE_OTHERS]
    return ", ".join(f"{name.lower()} {seconds[name]:.1f} s{inside.get(name, '')}" for name in steps)


def _names(analysis: Analysis) -> list[str]:
    """Return the hummed notes in scientific pitch notation: C4 is middle C."""
    flats = Scale.of(analysis.key).flats
    pitches = [round(note.pitch - analysis.tuning_cents / 100) for note in analysis.notes]
    return [f"{spell(pitch, flats=flats)}{pitch // 12 - 1}" for pitch in pitches]
