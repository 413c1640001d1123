"""Plans how a phrase is sung: source position, pitch and gain over target time, as `psola.Trajectory`.

Notes in close succession are planned as one legato phrase. Each note keeps its attack and its release, the singer's
vibrato around the right pitch, and a third of their slower movement.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import ndimage

from adapters.audio.arrays import Floats
from adapters.audio.voice.psola import Trajectory, VoiceSource
from domain.music.sung import SungNote, WordNote

STEP: Final = 0.0025
LEGATO_GAP: Final = 0.06
"""Notes closer than this, in seconds, are joined in one phrase."""

KEPT_DRIFT: Final = 1 / 3
"""Share of the singer's own slow pitch movement that is kept: less sounds mechanical, more sounds out of tune."""

MAX_DRIFT: Final = 0.14
"""Semitones to which it is limited."""

KEPT_VIBRATO: Final = 0.9
MAX_VIBRATO: Final = 0.8
"""Share of the movement faster than about 2 Hz that is kept, and the semitones to which it is limited."""

_SLOW: Final = 0.075  # seconds: standard deviation of the average that parts drift from vibrato
_TREMBLE: Final = 0.014  # seconds: movement faster than any vibrato is averaged out
_VIBRATO_DEPTH: Final = (0.13, 0.25)
"""Effective depth, in semitones, below which movement is trembling, and from which it is meant."""

_SETTLED: Final = 0.15  # seconds after an onset from which vibrato is kept whole: before, it would be a scoop

_ATTACK: Final = 0.08
_DECAY: Final = 0.06
_MAX_PACE: Final = 1.3
_BREATH: Final = 0.16
_RELEASE: Final = 0.09
_LEVELLED: Final = 0.5  # share of the way: the rest is the singer's own phrasing


def split_phrases(notes: tuple[SungNote, ...]) -> list[list[SungNote]]:
    """Return the notes grouped into phrases."""
    groups: list[list[SungNote]] = []
    for note in notes:
        before = groups[-1][-1] if groups else None
        if before is not None and note.start - before.start - before.duration < LEGATO_GAP:
            groups[-1].append(note)
        else:
            groups.append([note])
    return groups


def plan_phrase(
    phrase: list[SungNote], source: VoiceSource, room_before: float, room_after: float, formants: float
) -> tuple[float, Trajectory]:
    """Return how many seconds before its first note the phrase begins (a breath), and its trajectory.

    Args:
        room_before: Seconds of rest before the phrase, `room_after` after it.
        formants: 0 keeps the formants in place, 1 shifts them with the pitch.
    """
    breath = _breath(phrase[0], source, room_before)
    release = min(_RELEASE, max(room_after, 0.03))
    notes = _legato(phrase)
    origin = notes[0].start - breath
    points = int((notes[-1].start + notes[-1].duration + release - origin) / STEP) + 1
    time: Floats = np.arange(points, dtype=np.float64) * STEP + origin
    source_time, movement, shift = np.zeros(len(time)), np.zeros(len(time)), np.zeros(len(time))
    for index, note in enumerate(notes):
        first = note.start if index else origin
        last = time[-1] + STEP if index == len(notes) - 1 else notes[index + 1].start
        here = (time >= first) & (time < last)
        source_time[here] = _source_time(note, time[here] - note.start, source)
        movement[here], centre = _kept_modulation(source_time[here], source)
        shift[here] = note.pitch - centre
    smooth = ndimage.gaussian_filter1d(movement, 0.008 / STEP, mode="nearest")
    gain = _gains(notes, time, source_time, source) * _envelope(time, breath, release)
    ratio = 2 ** (formants * float(np.median(shift)) / 12)
    return breath, Trajectory(STEP, source_time, target_pitch(notes, time) + smooth, gain, ratio)


def _legato(phrase: list[SungNote]) -> list[SungNote]:
    """Return the phrase with each note held until the next."""
    held = [
        SungNote(n.start, after.start - n.start, n.pitch, n.source_onset, n.source_duration, n.velocity)
        for n, after in pairwise(phrase)
    ]
    return [*held, phrase[-1]]


def _breath(note: SungNote, source: VoiceSource, room: float) -> float:
    """Return the seconds of unvoiced sound before a note that belong to it: a breath, a consonant."""
    longest = min(_BREATH, room / 2, note.source_onset)
    if longest <= STEP:
        return 0.0
    before = np.arange(note.source_onset - 0.04, note.source_onset - longest, -STEP)
    voiced = source.curve.voiced_at(before)
    free = float(np.argmax(voiced)) * STEP + 0.03 if voiced.any() else longest
    return min(longest, free)


def _source_time(note: SungNote, time: Floats, source: VoiceSource) -> Floats:
    """Return the source time for each target time of a note (0 is its start).

    The attack and the release keep their pace. The middle is read up to 1.3 times faster or slower, and where that is
    not enough, forwards and backwards: a stretched scoop sounds unnatural, a repeated vibrato does not.
    """
    length = _sounding(note, source)
    head, tail = min(_ATTACK, length / 3), min(_DECAY, length / 4)
    span, middle = note.duration - head - tail, length - head - tail
    if span <= 0:
        return note.source_onset + time
    passes = 2 * round((span / middle - 1) / 2) + 1
    pace = min(passes * middle / span, _MAX_PACE) if passes > 1 or span > middle else min(middle / span, _MAX_PACE)
    travelled = np.clip(time - head, 0, span) * pace
    folded = middle - np.abs(middle - travelled % (2 * middle))
    inside = note.source_onset + head + np.minimum(folded, middle)
    ending = note.source_onset + length - tail + (time - head - span)
    return np.where(time < head, note.source_onset + time, np.where(time < head + span, inside, ending))


def _sounding(note: SungNote, source: VoiceSource) -> float:
    """Return the seconds from a note's onset in the source to the end of its voice."""
    length = max(note.source_duration, 0.03)
    inside = np.arange(0, length, STEP)
    voiced = np.flatnonzero(source.curve.voiced_at(note.source_onset + inside))
    return max(float(inside[voiced[-1]]), 0.03) if len(voiced) else length


def _kept_modulation(source_time: Floats, source: VoiceSource) -> tuple[Floats, float]:
    """Return the pitch movement to keep around a note, in semitones, and the note's median pitch in the source."""
    if not len(source_time):
        return source_time, 60.0
    pitch, voiced = source.curve.pitch_at(source_time), source.curve.voiced_at(source_time)
    edge = min(int(0.05 / STEP), len(source_time) // 4)
    middle = slice(edge, max(len(source_time) - edge, 1))
    core = pitch[middle][voiced[middle]]
    centre = float(np.median(core if len(core) else pitch))
    movement = np.where(voiced, pitch - centre, 0.0)
    drift = ndimage.gaussian_filter1d(movement, _SLOW / STEP, mode="nearest")
    kept = MAX_DRIFT * np.tanh(drift * KEPT_DRIFT / MAX_DRIFT) + _vibrato(movement - drift)
    return np.asarray(kept - np.median(kept[middle])), centre


def _vibrato(movement: Floats) -> Floats:
    """Return the fast movement to keep: a vibrato nearly whole, from when the note has settled, less of a tremble."""
    smooth = ndimage.gaussian_filter1d(movement, _TREMBLE / STEP, mode="nearest")
    depth = np.sqrt(ndimage.gaussian_filter1d(smooth**2, 2 * _SLOW / STEP, mode="nearest"))
    share = np.interp(depth, _VIBRATO_DEPTH, (KEPT_DRIFT, KEPT_VIBRATO))
    settled = np.clip(np.arange(len(smooth)) * STEP / _SETTLED, 0, 1)
    return np.asarray(settled * MAX_VIBRATO * np.tanh(smooth * share / MAX_VIBRATO))


def target_pitch(notes: Sequence[SungNote | WordNote], time: Floats) -> Floats:
    """Return the written pitches, joined by glides of 20–60 ms, longer for wider intervals."""
    pitch = np.full(len(time), float(notes[0].pitch))
    for before, after in pairwise(notes):
        interval = after.pitch - before.pitch
        glide = min(0.02 + 0.004 * abs(interval), 0.06, before.duration / 2, after.duration / 2)
        progress = np.clip((time - after.start) / max(glide, STEP) + 0.5, 0, 1)
        pitch += interval * (1 - np.cos(np.pi * progress)) / 2
    return pitch


def _gains(notes: list[SungNote], time: Floats, source_time: Floats, source: VoiceSource) -> Floats:
    """Return a smooth gain that brings each note half of the way (in dB) to the level of its velocity."""
    gain = np.ones(len(time))
    level = _levels(source_time, source)
    for index, note in enumerate(notes):
        here = (time >= note.start) if index else np.ones(len(time), dtype=bool)
        core = here & (time >= note.start) & (time < note.start + note.duration)
        usual = float(np.sqrt(np.mean(level[core] ** 2))) if core.any() else 0.1
        wanted = 0.1 * (0.4 + 0.6 * note.velocity)
        gain[here] = np.clip((wanted / max(usual, 1e-4)) ** _LEVELLED, 0.25, 3.0)
    return np.asarray(ndimage.gaussian_filter1d(gain, 0.015 / STEP, mode="nearest"))


def _levels(source_time: Floats, source: VoiceSource) -> Floats:
    """Return the RMS of the 6 ms around each source time."""
    centre, last = (source_time * 2 * source.rate).astype(int), len(source.samples)
    first, end = np.clip(centre - 256, 0, last - 1), np.clip(centre + 256, 1, last)
    return np.asarray(np.sqrt((source.energy[end] - source.energy[first]) / (end - first)))


def _envelope(time: Floats, breath: float, release: float) -> Floats:
    rise = np.clip((time - time[0]) / max(min(breath, 0.05), 0.008), 0, 1)
    fall = np.clip((time[-1] - time) / release, 0, 1)
    return np.asarray((1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall)) / 4)
