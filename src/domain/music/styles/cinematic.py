"""Cinematic: low strings and horns in slow swells, a choir, taiko, the theme doubled at the octave."""

from random import Random
from typing import Final

from domain.music.styles.ensemble import Desk, Ensemble
from domain.music.styles.section_context import Page, Scene, Stroke, held, lead_strokes
from domain.music.theory.voicing import bass_note, chord_notes, lead_voices

_LOW, _MIDDLE = 36, 50
_TAIKO, _DRUM, _TOM, _HIGH_TOM, _CRASH = 41, 36, 45, 48, 49
_FIGURES: Final = ((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1), (0, 1, 2, 0))


def _arrange(scene: Scene, choices: Random) -> Page:
    figure, broken = choices.choice(_FIGURES), choices.choice(_FIGURES)
    page: Page = {"bass": _bass(scene), "drums": _drums(scene) + _build(scene)}
    top = max(62, min(scene.ceiling, 72))
    page["pad"] = held(scene, lead_voices(scene.harmonies, _MIDDLE, top), 0.55)
    if scene.energy >= 0.5:
        page["horns"] = held(scene, lead_voices(scene.harmonies, 46, min(top, 65)), 0.6)
    if scene.energy < 0.7:
        page["piano"] = _broken_chords(scene, broken, top)
    if scene.energy >= 0.65:
        page["ostinato"] = _ostinato(scene, figure, max(67, top))
    if scene.melody and scene.energy >= 0.6:
        page["lead octave"] = lead_strokes(scene.melody, 12, 0.8)
    page["celesta"] = lead_strokes(scene.quote, 12, 0.6)
    return page


def _bass(scene: Scene) -> list[Stroke]:
    """Roots with their octave; a fifth between them where it is loud."""
    strokes = []
    for chord in scene.chords:
        root = bass_note(chord.harmony, _LOW - 5)
        fifth = 7 if 7 in chord.harmony.intervals else 12
        pitches = (root, root + fifth, root + 12) if scene.energy >= 0.55 else (root, root + 12)
        strokes += [Stroke(chord.start, chord.beats, pitch, scene.loud(0.75)) for pitch in pitches]
    return strokes


def _broken_chords(scene: Scene, figure: tuple[int, ...], top: int) -> list[Stroke]:
    strokes = []
    length = scene.meter.step if scene.energy >= 0.3 else 2 * scene.meter.step
    for beat, index in scene.at_steps():
        if length > scene.meter.step and index % 2:
            continue
        notes = chord_notes(scene.chord_at(beat), _MIDDLE, top)
        accent = 0.62 if index == 0 else 0.45
        strokes.append(Stroke(beat, 2 * length, notes[figure[index % 4] % len(notes)], scene.loud(accent)))
    if scene.final_bar is not None:
        notes = (bass_note(scene.last_chord, 40), *chord_notes(scene.last_chord, _MIDDLE, top))
        strokes += [Stroke(scene.final_bar, scene.meter.bar, pitch, 0.5) for pitch in notes]
    return strokes


def _ostinato(scene: Scene, figure: tuple[int, ...], top: int) -> list[Stroke]:
    """Short bows on chord notes: eighths, sixteenths at full energy where they can be played."""
    dense = 2 if scene.energy >= 0.85 and scene.meter.step * scene.beat_seconds > 0.24 else 1
    length = scene.meter.step / dense
    strokes = []
    for beat, index in scene.at_steps(dense):
        notes = chord_notes(scene.chord_at(beat), 55, top)
        accent = 0.7 if index % (2 * dense) == 0 else 0.5
        strokes.append(Stroke(beat, 0.6 * length, notes[figure[index % 4] % len(notes)], scene.loud(accent)))
    return strokes


def _drums(scene: Scene) -> list[Stroke]:
    strokes = []
    if scene.energy >= 0.6 and scene.arrival >= 0:
        strokes.append(Stroke(scene.start, 4, _CRASH, scene.loud(0.8)))
    for bar in scene.groove if scene.energy >= 0.4 else ():
        strokes += _drum_bar(scene, bar)
    if scene.final_bar is not None:
        strokes += [Stroke(scene.final_bar, 4, key, 0.75) for key in (_DRUM, _TAIKO)]
        strokes += [Stroke(scene.final_bar, 4, _CRASH, 0.6)] if scene.arrival < 0 or scene.energy >= 0.5 else []
    return strokes


def _drum_bar(scene: Scene, bar: float) -> list[Stroke]:
    meter = scene.meter
    strokes = [Stroke(bar, 1, _TAIKO, scene.loud(0.85)), Stroke(bar, 1, _DRUM, scene.loud(0.8))]
    if scene.energy >= 0.55:
        strokes += [Stroke(bar + beat, 1, _TOM, scene.loud(0.6)) for beat in meter.backbeats]
        strokes.append(Stroke(bar + meter.bar - meter.step, 0.5, _TAIKO, scene.loud(0.5)))
    if scene.energy >= 0.75:
        taps = [step for step in meter.steps if step not in {0.0, *meter.backbeats}]
        strokes += [Stroke(bar + step, 0.5, _HIGH_TOM, scene.loud(0.42)) for step in taps]
    return strokes


def _build(scene: Scene) -> list[Stroke]:
    """A roll on the toms that grows into the next section."""
    beats = scene.build
    keys = (_TAIKO, _TOM, _HIGH_TOM)
    return [
        Stroke(beat + part * scene.meter.step, 0.5, keys[(index + part) % 3], 0.35 + 0.5 * (index + 1) / len(beats))
        for index, beat in enumerate(beats)
        for part in range(round(1 / scene.meter.step))
    ]


ENSEMBLE: Final = Ensemble(
    desks={
        "lead": Desk(instrument="solo_strings", gain_db=0.0, space=0.4, loose_ms=4.0),
        "lead octave": Desk(instrument="high_strings", gain_db=-8.0, pan=0.2, space=0.5, loose_ms=7.0),
        "bass": Desk(instrument="low_strings", gain_db=-7.0, pan=0.1, space=0.4, loose_ms=8.0),
        "pad": Desk(instrument="choir", gain_db=-11.0, space=0.7, loose_ms=10.0),
        "horns": Desk(instrument="horns", gain_db=-10.0, pan=-0.3, space=0.6, loose_ms=10.0),
        "ostinato": Desk(instrument="high_strings", gain_db=-9.0, pan=-0.35, space=0.4, loose_ms=6.0),
        "piano": Desk(instrument="piano", gain_db=-12.0, pan=-0.15, space=0.4, loose_ms=7.0),
        "celesta": Desk(instrument="celesta", gain_db=-9.0, pan=0.35, space=0.7, loose_ms=7.0),
        "drums": Desk(instrument="cinematic_kit", gain_db=-4.0, space=0.4, loose_ms=5.0),
    },
    lead_centre=74,
    loop_major=("I", "V", "vi", "IV"),
    loop_minor=("i", "VI", "III", "VII"),
    colour="plain",
    quiet_colour="open",
    arrange=_arrange,
)
