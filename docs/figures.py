"""Draw the figures of the documents from examples/hum.wav; `make docs` runs this in about ten seconds.

Everything comes from the product: `moment demo` makes the music, the pitch line is the tracker's, the notes are the
analysis's; chords, sections and parts are the composed score's.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import soundfile
import soxr

from adapters.audio.analysis import features, pitch, spectrum
from adapters.audio.arrays import Floats
from adapters.audio.pictures.svg import FAINT, GRID, LEFT, RIGHT, WAVE, Drawing, Scale
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.metadata import read_analysis
from domain.blueprints.validation import parse
from domain.music.composition.arrangement import compose
from domain.music.hum import HummedNote
from domain.music.score import Score
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.pitch import spell

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = Path(__file__).with_name("images")
HUM: Final = ROOT / "examples" / "hum.wav"

PITCH, NOTE, BEAT, BAR, LEAD = "#c2410c", "#fdba74", "#f1f5f9", "#cbd5e1", "#1d4ed8"
AMBER, BROWN = "#f59e0b", "#b45309"
COLOURS: Final = ("#0f766e", "#1d4ed8", "#7c3aed", "#be185d", "#b45309", "#4d7c0f", "#475569", "#0e7490")


class Material(NamedTuple):
    """What the figures show."""

    hum: Floats
    hum_rate: int
    final: Floats
    final_rate: int
    blueprint: Blueprint
    score: Score


def main() -> None:
    """Draw everything."""
    IMAGES.mkdir(exist_ok=True)
    material = make()
    for draw in (hero, hum, melody, score):
        draw(material).save(IMAGES / f"{draw.__name__}.svg")


def make() -> Material:
    """Return the hum, and the music that `moment demo` makes of it."""
    samples, rate = soundfile.read(HUM)
    with TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "entrypoints.cli", "demo", str(HUM), "--style", "", "--out", folder)
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own command
        final, final_rate = soundfile.read(Path(folder) / "final.mp3")
        blueprint = parse(msgspec.json.decode((Path(folder) / "blueprint.json").read_bytes()))
    return Material(
        samples, rate, final.mean(axis=1), final_rate, blueprint, compose(brief_of(blueprint, OutputKind.PREVIEW))
    )


def hero(material: Material) -> Drawing:
    """Draw the way of a hum: pitch line, notes, music."""
    drawing, notes = Drawing(430, "The pitch of a hum, its notes, and the music that became of it"), _notes(material)
    across = _across(len(material.hum) / material.hum_rate)
    drawing.text(LEFT, 24, "the pitch of a hum", size=14, fill=PITCH)
    _pitch_line(drawing, material, across, _pitches(notes, 34, 140))
    music, plan = material.score, material.blueprint
    drawing.text(LEFT, 164, f"its notes, {plan.key}, {plan.tempo_bpm} bpm", size=14, fill=BROWN)
    _note_boxes(drawing, notes, across, _pitches(notes, 174, 280), AMBER)
    title = f"the music: {music.style}, {len(music.parts)} parts and the hummer's voice"
    drawing.text(LEFT, 308, title, size=14, fill=WAVE)
    drawing.wave(LEFT, RIGHT, material.final, 368, 46)
    return drawing


def hum(material: Material) -> Drawing:
    """Draw the recording, its pitch line and the notes that were heard in it."""
    drawing, notes = Drawing(420, "A recording, its pitch and the notes that were heard in it"), _notes(material)
    until = len(material.hum) / material.hum_rate
    across, down = _across(until), _pitches(notes, 130, 380)
    drawing.seconds(across, 0, until, 20, 390)
    drawing.wave(LEFT, RIGHT, material.hum, 65, 40)
    _semitones(drawing, [note.pitch for note in notes], down)
    _note_boxes(drawing, notes, across, down, NOTE)
    _pitch_line(drawing, material, across, down)
    return drawing


def melody(material: Material) -> Drawing:
    """Draw the written melody on its grid of beats, with the chords above."""
    lead = next(part for part in material.score.parts if part.name == material.score.lead)
    drawing = Drawing(360, "The written melody on bars and beats, with the chords above")
    across, bars = _across(material.score.duration), BeatMap(material.score.bar_lines)
    down = _down([note.pitch for note in lead.notes], 70, 320)
    for count in range((len(bars.times) - 1) * material.score.beats_per_bar + 1):
        x = across(bars.time(count / material.score.beats_per_bar))
        drawing.line([(x, 50), (x, 330)], BEAT if count % material.score.beats_per_bar else BAR)
    _chord_names(drawing, material, across, 38)
    _semitones(drawing, [float(note.pitch) for note in lead.notes], down)
    for note in lead.notes:
        left, right = across(note.start), across(note.start + note.duration)
        drawing.box(left, down(note.pitch) - 4, right - left, 8, LEAD, opacity=0.35 + 0.65 * note.velocity)
    legend = f"{material.score.tempo_bpm:g} bpm: a dark line for each bar, a faint one for each beat"
    drawing.text(LEFT, 350, legend, size=10, fill=FAINT)
    return drawing


def score(material: Material) -> Drawing:
    """Draw sections, chords and every part of the score over the finished music."""
    parts = material.score.parts
    title = "Sections, chords and every part of the score over the finished music"
    drawing, row, top = Drawing(110 + 34 * len(parts) + 120, title), 34, 96
    across = _across(material.score.duration)
    for section in material.score.sections:
        left, right = across(section.start), across(section.start + section.duration)
        drawing.box(left + 1, 16, right - left - 2, 26, AMBER, opacity=0.2 + 0.6 * section.energy)
        drawing.text(
            (left + right) / 2,
            34,
            f"{section.name}, {section.bars} {'bar' if section.bars == 1 else 'bars'}",
            anchor="middle",
        )
    _chord_names(drawing, material, across, 66)
    for index, part in enumerate(parts):
        y = top + index * row
        drawing.text(LEFT - 5, y + 15, part.name, size=9, anchor="end")
        down = _down([note.pitch for note in part.notes], y + 3, y + row - 9)
        for note in part.notes:
            left, right = across(note.start), across(min(note.start + note.duration, material.score.duration))
            drawing.box(left, down(note.pitch), right - left, 3, COLOURS[index % len(COLOURS)], rx=1)
    bottom = top + row * len(parts)
    drawing.seconds(across, 0, material.score.duration, 76, bottom + 100)
    played = round(material.score.duration * material.final_rate)
    drawing.wave(LEFT, RIGHT, material.final[:played], bottom + 50, 42)
    return drawing


def _notes(material: Material) -> Sequence[HummedNote]:
    analysis = read_analysis(material.blueprint.metadata)
    if analysis is None:
        raise SystemExit("the blueprint has no analysis")
    return analysis.notes


def _across(until: float) -> Scale:
    return lambda seconds: LEFT + (RIGHT - LEFT) * seconds / until


def _down(pitches: Sequence[float], top: float, bottom: float) -> Scale:
    low, high = min(pitches), max(pitches)
    return lambda pitch: bottom - (bottom - top) * (pitch - low) / max(high - low, 1)


def _pitches(notes: Sequence[HummedNote], top: float, bottom: float) -> Scale:
    return _down([note.pitch for note in notes], top, bottom)


def _pitch_line(drawing: Drawing, material: Material, across: Scale, down: Scale) -> None:
    """Draw the tracked pitch wherever it is voiced and near the notes."""
    mono = soxr.resample(material.hum, material.hum_rate, spectrum.RATE).astype(np.float32)
    tracked: Any = features.extract_features(mono)
    heard = [note.pitch for note in _notes(material)]
    piece: list[tuple[float, float]] = []
    for frame, (height, sure) in enumerate(zip(tracked.pitch, tracked.confidence, strict=True)):
        if sure > 0.5 and min(heard) - 3 < height < max(heard) + 3:
            piece.append((across(frame * pitch.STEP), down(height)))
        elif piece:
            drawing.line(piece[::2], PITCH, width=1.6)
            piece = []
    drawing.line(piece[::2], PITCH, width=1.6)


def _note_boxes(drawing: Drawing, notes: Sequence[HummedNote], across: Scale, down: Scale, fill: str) -> None:
    for note in notes:
        left, right = across(note.onset), across(note.onset + note.duration)
        drawing.box(left, down(note.pitch) - 5, right - left, 10, fill)


def _semitones(drawing: Drawing, pitches: Sequence[float], down: Scale) -> None:
    for semitone in range(round(min(pitches)), round(max(pitches)) + 1):
        name = spell(semitone, flats=True)
        drawing.line([(LEFT, down(semitone)), (RIGHT, down(semitone))], GRID)
        if len(name) == 1:
            drawing.text(LEFT - 6, down(semitone) + 4, f"{name}{semitone // 12 - 1}", size=10, fill=FAINT, anchor="end")


def _chord_names(drawing: Drawing, material: Material, across: Scale, y: float) -> None:
    shown = ""
    for chord in material.score.chords:
        if chord.symbol != shown:
            drawing.text(across(chord.start) + 2, y, chord.symbol, size=13)
        shown = chord.symbol


if __name__ == "__main__":
    main()
