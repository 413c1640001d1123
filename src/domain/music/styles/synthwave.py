"""Synthwave: supersaws, an octave bass in eighths, a gated snare, an arpeggio, and a lead for the night drive."""

from random import Random
from typing import Final

from domain.music.styles.ensemble import Desk, Ensemble
from domain.music.styles.section_context import Page, Scene, Stroke, held, lead_strokes
from domain.music.theory.voicing import bass_note, chord_notes, lead_voices

_KICK, _SNARE, _CLAP, _HAT, _OPEN_HAT, _CRASH = 36, 38, 39, 42, 46, 49
_TOMS: Final = (48, 45, 41)
_ARPEGGIOS: Final = ((0, 1, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0), (0, 1, 2, 1))
_BASS_LINES: Final = ((0, 12), (0, 0, 12, 0), (0, 12, 0, 12, 0, 0, 12, 12))


def _arrange(scene: Scene, choices: Random) -> Page:
    arpeggio, line = choices.choice(_ARPEGGIOS), choices.choice(_BASS_LINES)
    top = max(62, min(scene.ceiling, 70))
    page: Page = {
        "pad": held(scene, lead_voices(scene.harmonies, 48, top, voices=4), 0.6),
        "bass": _bass(scene, line),
        "arpeggio": _arpeggio(scene, arpeggio, top),
        "drums": _drums(scene) + _build(scene),
    }
    if scene.melody and scene.energy >= 0.75:
        page["lead octave"] = lead_strokes(scene.melody, 12, 0.7)
    return page


def _bass(scene: Scene, line: tuple[int, ...]) -> list[Stroke]:
    """Eighths that jump the octave; long roots while it is quiet."""
    if scene.energy < 0.35:
        return [
            Stroke(chord.start, chord.beats, bass_note(chord.harmony, 33), scene.loud(0.7)) for chord in scene.chords
        ]
    step = scene.meter.step
    strokes = [
        Stroke(
            beat,
            0.8 * step,
            bass_note(scene.chord_at(beat), 33) + line[index % len(line)],
            scene.loud(0.85 if index % 2 == 0 else 0.72),
        )
        for beat, index in scene.at_steps()
    ]
    if scene.final_bar is not None:
        strokes.append(Stroke(scene.final_bar, scene.meter.bar, bass_note(scene.last_chord, 33), scene.loud(0.85)))
    return strokes


def _arpeggio(scene: Scene, figure: tuple[int, ...], top: int) -> list[Stroke]:
    """Chord notes round and round: sixteenths, eighths while it is quiet or fast."""
    dense = 2 if scene.energy >= 0.5 and scene.meter.step * scene.beat_seconds > 0.2 else 1
    length = scene.meter.step / dense
    strokes = []
    for beat, index in scene.at_steps(dense):
        notes = chord_notes(scene.chord_at(beat), 50, top)
        notes = (*notes, notes[0] + 12 if notes[0] + 12 <= max(top, 67) else notes[1 % len(notes)])
        accent = 0.6 if index % 4 == 0 else 0.48
        strokes.append(Stroke(beat, 0.9 * length, notes[figure[index % 4] % len(notes)], scene.loud(accent)))
    return strokes


def _drums(scene: Scene) -> list[Stroke]:
    strokes = []
    if scene.energy >= 0.5 and scene.arrival >= 0:
        strokes.append(Stroke(scene.start, 4, _CRASH, scene.loud(0.6)))
    for bar in scene.groove if scene.energy >= 0.3 else ():
        strokes += _drum_bar(scene, bar)
    if scene.final_bar is not None:
        strokes += [Stroke(scene.final_bar, 1, key, 0.8) for key in (_KICK, _SNARE)]
        strokes.append(Stroke(scene.final_bar, 4, _CRASH, 0.6))
    return strokes


def _drum_bar(scene: Scene, bar: float) -> list[Stroke]:
    meter, energy = scene.meter, scene.energy
    kicks = meter.accents if energy >= 0.5 else (0.0,)
    strokes = [Stroke(bar + beat, 0.5, _KICK, scene.loud(0.9)) for beat in kicks]
    if energy >= 0.45:
        strokes += [Stroke(bar + beat, 0.5, _SNARE, scene.loud(0.85)) for beat in meter.backbeats]
    if energy >= 0.8:
        strokes += [Stroke(bar + beat, 0.5, _CLAP, scene.loud(0.5)) for beat in meter.backbeats]
    if energy >= 0.6:
        offbeats = [step for step in meter.steps if step not in meter.accents]
        strokes += [Stroke(bar + step, 0.25, _OPEN_HAT, scene.loud(0.34)) for step in offbeats[1::2]]
    strokes += [
        Stroke(bar + step, 0.25, _HAT, scene.loud(0.42 if index % 2 == 0 else 0.32))
        for index, step in enumerate(meter.steps)
    ]
    return strokes


def _build(scene: Scene) -> list[Stroke]:
    """Snares that quicken and grow, and toms that fall into the next section."""
    beats, step = scene.build, scene.meter.step
    strokes = []
    for index, beat in enumerate(beats):
        velocity = 0.35 + 0.5 * (index + 1) / len(beats)
        per_step = 2 if index >= len(beats) / 2 else 1
        key = _TOMS[index % 3] if index == len(beats) - 1 else _SNARE
        count = round(per_step / step)
        strokes += [Stroke(beat + part * step / per_step, 0.25, key, velocity) for part in range(count)]
    return strokes


ENSEMBLE: Final = Ensemble(
    desks={
        "lead": Desk(instrument="lead_synth", gain_db=2.0, space=0.35, loose_ms=3.0),
        "lead octave": Desk(instrument="supersaw", gain_db=-10.0, space=0.4, loose_ms=3.0),
        "pad": Desk(instrument="supersaw", gain_db=-11.0, space=0.45, loose_ms=4.0),
        "bass": Desk(instrument="synth_bass", gain_db=-6.0, space=0.0, loose_ms=1.5),
        "arpeggio": Desk(instrument="arp_synth", gain_db=-11.0, pan=0.35, space=0.4, loose_ms=2.0),
        "drums": Desk(instrument="gated_kit", gain_db=-5.0, space=0.2, loose_ms=1.5),
    },
    lead_centre=74,
    loop_major=("vi", "IV", "I", "V"),
    loop_minor=("i", "VI", "III", "VII"),
    colour="added",
    quiet_colour="added",
    arrange=_arrange,
)
