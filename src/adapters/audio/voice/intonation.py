"""How a line is sung: which breath of the recording sounds when, at what pitch and how loud.

Notes that follow one another closely are planned as one phrase, so that the voice never stops between them.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from scipy import ndimage

from adapters.audio.arrays import Floats
from adapters.audio.voice.psola import Plan, Source
from domain.music.model import SungNote

STEP: Final = 0.0025
LEGATO_GAP: Final = 0.06
"""Notes closer than this, in seconds, are sung in one breath."""

KEPT_MOVEMENT: Final = 1 / 3
"""How much of the singer's own movement around a note stays: less is a machine, more is out of tune."""

MOST_MOVEMENT: Final = 0.14
_HEAD: Final = 0.08
_TAIL: Final = 0.06
_FASTEST: Final = 1.3
_BREATH: Final = 0.16
_RELEASE: Final = 0.09


def phrases(notes: tuple[SungNote, ...]) -> list[list[SungNote]]:
    """Return the notes in breaths."""
    groups: list[list[SungNote]] = []
    for note in notes:
        before = groups[-1][-1] if groups else None
        if before is not None and note.start - before.start - before.duration < LEGATO_GAP:
            groups[-1].append(note)
        else:
            groups.append([note])
    return groups


def plan(
    phrase: list[SungNote], source: Source, room_before: float, room_after: float, formants: float
) -> tuple[float, Plan]:
    """Return how many seconds before its first note the phrase begins (a breath), and how to sing it.

    Args:
        room_before: Seconds of rest before the phrase, `room_after` after it.
        formants: 0 keeps the formants where they are, 1 moves them with the pitch.
    """
    breath = _breath(phrase[0], source, room_before)
    release = min(_RELEASE, max(room_after, 0.03))
    notes = _joined(phrase)
    origin = notes[0].start - breath
    points = int((notes[-1].start + notes[-1].duration + release - origin) / STEP) + 1
    time: Floats = np.arange(points, dtype=np.float64) * STEP + origin
    heard, movement, shift = np.zeros(len(time)), np.zeros(len(time)), np.zeros(len(time))
    for index, note in enumerate(notes):
        first = note.start if index else origin
        last = time[-1] + STEP if index == len(notes) - 1 else notes[index + 1].start
        here = (time >= first) & (time < last)
        heard[here] = _heard(note, time[here] - note.start, source)
        movement[here], centre = _movement(heard[here], source)
        shift[here] = note.pitch - centre
    smooth = ndimage.gaussian_filter1d(movement, 0.008 / STEP, mode="nearest")
    gain = _gains(notes, time, heard, source) * _envelope(time, breath, release)
    ratio = 2 ** (formants * float(np.median(shift)) / 12)
    return breath, Plan(STEP, heard, _written_pitch(notes, time) + smooth, gain, ratio)


def _joined(phrase: list[SungNote]) -> list[SungNote]:
    """Return the phrase with each note held until the next."""
    held = [
        SungNote(n.start, after.start - n.start, n.pitch, n.source_onset, n.source_duration, n.velocity)
        for n, after in pairwise(phrase)
    ]
    return [*held, phrase[-1]]


def _breath(note: SungNote, source: Source, room: float) -> float:
    """Return the seconds of unvoiced sound before a note that belong to it: the intake of air, a consonant."""
    longest = min(_BREATH, room / 2, note.source_onset)
    if longest <= STEP:
        return 0.0
    before = np.arange(note.source_onset - 0.04, note.source_onset - longest, -STEP)
    voiced = source.curve.voiced_at(before)
    free = float(np.argmax(voiced)) * STEP + 0.03 if voiced.any() else longest
    return min(longest, free)


def _heard(note: SungNote, time: Floats, source: Source) -> Floats:
    """Return the heard time for each moment of a note (0 is its start).

    The attack and the release keep their pace. What lies between is read a little faster or slower, and where that
    is not enough, to and fro: a scoop that is stretched is a caricature, a vibrato that goes on is a voice.
    """
    length = _sounding(note, source)
    head, tail = min(_HEAD, length / 3), min(_TAIL, length / 4)
    span, middle = note.duration - head - tail, length - head - tail
    if span <= 0:
        return note.source_onset + time
    passes = 2 * round((span / middle - 1) / 2) + 1
    pace = min(passes * middle / span, _FASTEST) if passes > 1 or span > middle else min(middle / span, _FASTEST)
    travelled = np.clip(time - head, 0, span) * pace
    folded = middle - np.abs(middle - travelled % (2 * middle))
    inside = note.source_onset + head + np.minimum(folded, middle)
    ending = note.source_onset + length - tail + (time - head - span)
    return np.where(time < head, note.source_onset + time, np.where(time < head + span, inside, ending))


def _sounding(note: SungNote, source: Source) -> float:
    """Return the seconds of a note's stretch until its voice ends."""
    length = max(note.source_duration, 0.03)
    inside = np.arange(0, length, STEP)
    voiced = np.flatnonzero(source.curve.voiced_at(note.source_onset + inside))
    return max(float(inside[voiced[-1]]), 0.03) if len(voiced) else length


def _movement(heard: Floats, source: Source) -> tuple[Floats, float]:
    """Return the movement to keep around a note, in semitones, and the note's own centre in the source."""
    if not len(heard):
        return heard, 60.0
    pitch, voiced = source.curve.pitch_at(heard), source.curve.voiced_at(heard)
    edge = min(int(0.05 / STEP), len(heard) // 4)
    middle = slice(edge, max(len(heard) - edge, 1))
    core = pitch[middle][voiced[middle]]
    centre = float(np.median(core if len(core) else pitch))
    kept = MOST_MOVEMENT * np.tanh((pitch - centre) * KEPT_MOVEMENT / MOST_MOVEMENT)
    return np.asarray(kept - np.median(kept[middle])), centre


def _written_pitch(notes: list[SungNote], time: Floats) -> Floats:
    """Return the steps of the melody, joined by glides of 20–60 ms, longer for wider intervals."""
    pitch = np.full(len(time), float(notes[0].pitch))
    for before, after in pairwise(notes):
        interval = after.pitch - before.pitch
        glide = min(0.02 + 0.004 * abs(interval), 0.06, before.duration / 2, after.duration / 2)
        progress = np.clip((time - after.start) / max(glide, STEP) + 0.5, 0, 1)
        pitch += interval * (1 - np.cos(np.pi * progress)) / 2
    return pitch


def _gains(notes: list[SungNote], time: Floats, heard: Floats, source: Source) -> Floats:
    """Return a smooth gain that brings each note near the level its velocity asks for, keeping half of its own."""
    gain = np.ones(len(time))
    level = _levels(heard, source)
    for index, note in enumerate(notes):
        here = (time >= note.start) if index else np.ones(len(time), dtype=bool)
        core = here & (time >= note.start) & (time < note.start + note.duration)
        usual = float(np.sqrt(np.mean(level[core] ** 2))) if core.any() else 0.1
        wanted = 0.1 * (0.4 + 0.6 * note.velocity)
        gain[here] = np.clip((wanted / max(usual, 1e-4)) ** 0.7, 0.25, 3.0)
    return np.asarray(ndimage.gaussian_filter1d(gain, 0.015 / STEP, mode="nearest"))


def _levels(heard: Floats, source: Source) -> Floats:
    rate = 2 * source.rate
    index = np.clip((heard * rate).astype(int)[:, None] + np.arange(-256, 256, 4), 0, len(source.samples) - 1)
    return np.asarray(np.sqrt(np.mean(np.square(source.samples[index], dtype=np.float64), axis=1)))


def _envelope(time: Floats, breath: float, release: float) -> Floats:
    rise = np.clip((time - time[0]) / max(min(breath, 0.05), 0.008), 0, 1)
    fall = np.clip((time[-1] - time) / release, 0, 1)
    return np.asarray((1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall)) / 4)
