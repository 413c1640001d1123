"""Lofi: electric-piano sevenths, swung dusty drums, an upright bass, and a tune on soft keys and bells."""

from random import Random
from typing import Final

from domain.music.composition.harmony import Placed
from domain.music.styles.ensemble import Desk, Ensemble
from domain.music.styles.section_context import Page, Scene, Stroke, lead_strokes
from domain.music.theory.voicing import bass_note, chord_notes, lead_voices

_KICK, _SNARE, _HAT, _OPEN_HAT, _RIDE, _SHAKER = 36, 38, 42, 46, 51, 54
_COMPING: Final = ((0.0, 0.625), (0.0, 0.375), (0.0, 0.4375, 0.75))
_LATE_KICKS: Final = (0.625, 0.4375, 0.6875)


def _arrange(scene: Scene, choices: Random) -> Page:
    comping, late_kick = choices.choice(_COMPING), choices.choice(_LATE_KICKS)
    page: Page = {
        "keys": _keys(scene, comping),
        "bass": _bass(scene, approach=choices.random() < 0.7),
        "drums": _drums(scene, late_kick),
        "fills": lead_strokes(scene.quote, 12, 0.6) + _answers(scene),
    }
    if scene.melody and scene.energy >= 0.6:
        page["lead double"] = lead_strokes(scene.melody, 0, 0.7)
    return page


def _keys(scene: Scene, comping: tuple[float, ...]) -> list[Stroke]:
    """Chords on the first beat and a little after the middle: rootless, spread over the strings of a soft piano."""
    voicings = lead_voices(scene.harmonies, 50, max(63, min(scene.ceiling, 70)), voices=4, rootless=True)
    strokes = []
    for chord, notes in zip(scene.chords, voicings, strict=True):
        for start, beats in _hits(scene, chord, comping):
            strokes += [
                Stroke(start + 0.02 * index, beats, pitch, scene.loud(0.62 if start < chord.start + 0.01 else 0.48))
                for index, pitch in enumerate(notes)
            ]
    return strokes


def _hits(scene: Scene, chord: Placed, comping: tuple[float, ...]) -> list[tuple[float, float]]:
    """Return when a chord is struck and for how long; quiet sections and the last bar only hold it."""
    bar, step = scene.meter.bar, scene.meter.step
    end = chord.start + chord.beats
    hits = {round(chord.start, 6)}
    for line in scene.groove if scene.energy >= 0.4 else ():
        places = [line + round(part * bar / step) * step for part in comping]
        hits |= {round(place, 6) for place in places if chord.start <= place < end - step + 1e-6}
    if scene.final_bar is not None and chord.start < scene.final_bar < end:
        hits.add(round(scene.final_bar, 6))
    starts = sorted(hits)
    return [(start, following - start) for start, following in zip(starts, (*starts[1:], end), strict=True)]


def _bass(scene: Scene, *, approach: bool) -> list[Stroke]:
    """Root, fifth on the way, and a step into the next root."""
    if scene.energy < 0.3 and not scene.closing:
        return []
    strokes, step = [], scene.meter.step
    following = [each.harmony for each in scene.chords[1:]]
    for index, chord in enumerate(scene.chords):
        end = chord.start + chord.beats
        walks = approach and index < len(following) and chord.beats >= 3 * step and scene.energy >= 0.5
        for line in _lines(scene, chord):
            until = min(line + scene.meter.bar, end)
            strokes += _root_and_fifth(scene, chord, line, until - step if walks and until == end else until)
        if walks:
            strokes.append(Stroke(end - step, step, bass_note(following[index], 31) - 1, scene.loud(0.55)))
    return strokes


def _root_and_fifth(scene: Scene, chord: Placed, start: float, end: float) -> list[Stroke]:
    """Return the root, and for the last third of a long enough bar its fifth."""
    step, root = scene.meter.step, bass_note(chord.harmony, 31)
    steps = round((end - start) / step)
    if steps < 3 or start not in scene.groove or scene.energy < 0.4:
        return [Stroke(start, end - start, root, scene.loud(0.8))]
    turn = start + 2 * round(steps / 3) * step
    fifth = root + _fifth(chord)
    return [Stroke(start, turn - start, root, scene.loud(0.8)), Stroke(turn, end - turn, fifth, scene.loud(0.65))]


def _fifth(chord: Placed) -> int:
    return next((interval for interval in chord.harmony.intervals if interval in {6, 7}), 12)


def _lines(scene: Scene, chord: Placed) -> list[float]:
    """Return the chord's start and the bar lines inside it."""
    bars = [scene.start + bar * scene.meter.bar for bar in range(scene.bars)]
    inside = [line for line in bars if chord.start + 1e-6 < line < chord.start + chord.beats - 1e-6]
    return [chord.start, *inside]


def _drums(scene: Scene, late_kick: float) -> list[Stroke]:
    strokes = []
    for number, bar in enumerate(scene.groove if scene.energy >= 0.3 else ()):
        strokes += _drum_bar(scene, bar, late_kick, last=number == len(scene.groove) - 1)
    if scene.final_bar is not None:
        strokes += [Stroke(scene.final_bar, 1, _KICK, 0.6), Stroke(scene.final_bar, 2, _RIDE, 0.35)]
    return strokes


def _drum_bar(scene: Scene, bar: float, late_kick: float, *, last: bool) -> list[Stroke]:
    meter, step = scene.meter, scene.meter.step
    late = round(late_kick * meter.bar / step * 2) * step / 2
    strokes = [Stroke(bar, 0.5, _KICK, scene.loud(0.8))]
    strokes += [Stroke(bar + beat, 0.5, _SNARE, scene.loud(0.68)) for beat in meter.backbeats]
    if scene.energy >= 0.4:
        strokes.append(Stroke(bar + late, 0.5, _KICK, scene.loud(0.6)))
        strokes += [
            Stroke(bar + beat, 0.25, _HAT, scene.loud(0.45 if index % 2 == 0 else 0.32))
            for index, beat in enumerate(meter.steps)
        ]
    if scene.energy >= 0.7:
        shakes = [beat + step / 2 for beat in meter.steps]
        strokes += [Stroke(bar + beat, 0.25, _SHAKER, scene.loud(0.25)) for beat in shakes]
    if last and scene.rise > 0.05:
        strokes += [Stroke(bar + meter.bar - part * step / 2, 0.25, _SNARE, 0.55 - 0.1 * part) for part in (1, 2, 3)]
        strokes.append(Stroke(bar + meter.bar - step, 0.5, _OPEN_HAT, scene.loud(0.4)))
    return strokes


def _answers(scene: Scene) -> list[Stroke]:
    """Two or three soft notes of the chord where the melody is silent for a while."""
    if not scene.melody or scene.energy < 0.4:
        return []
    ends = [note.start + note.beats for note in scene.melody]
    starts = [*(note.start for note in scene.melody[1:]), scene.groove[-1] + scene.meter.bar if scene.groove else 0.0]
    step, strokes = scene.meter.step, []
    for end, start in zip(ends, starts, strict=True):
        if start - end >= 5 * step:
            first = (int(end / step + 1e-6) + 2) * step
            notes = chord_notes(scene.chord_at(first), 57, max(69, scene.ceiling))
            strokes += [
                Stroke(first + index * step, 3 * step, pitch, scene.loud(0.42)) for index, pitch in enumerate(notes[:3])
            ]
    return strokes


ENSEMBLE: Final = Ensemble(
    desks={
        "lead": Desk(instrument="electric_piano", gain_db=1.5, space=0.35, loose_ms=5.0, swings=False),
        "lead double": Desk(instrument="vibraphone", gain_db=-4.0, pan=0.15, space=0.3, loose_ms=7.0, swings=False),
        "keys": Desk(instrument="electric_piano", gain_db=-11.0, pan=-0.2, space=0.35, loose_ms=9.0),
        "bass": Desk(instrument="upright_bass", gain_db=-5.0, space=0.1, loose_ms=8.0),
        "fills": Desk(instrument="electric_piano", gain_db=-12.0, pan=0.4, space=0.5, loose_ms=12.0),
        "drums": Desk(instrument="lofi_kit", gain_db=-4.5, space=0.15, loose_ms=6.0),
    },
    lead_centre=73,
    loop_major=("ii", "V", "I", "vi"),
    loop_minor=("i", "iv", "VII", "III"),
    colour="sevenths",
    quiet_colour="sevenths",
    swing=0.59,
    arrange=_arrange,
)
