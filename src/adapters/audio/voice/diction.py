"""Plans how words are sung: vowels begin on the notes and are held on them, consonants come before the beat.

That is how singers are taught, and how singing synthesis places phones (Macon et al., "A singing voice synthesis system
based on sinusoidal modeling", ICASSP 1997).
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np
from scipy import ndimage

from adapters.audio.arrays import Floats
from adapters.audio.voice.intonation import LEGATO_GAP, STEP, target_pitch
from adapters.audio.voice.psola import Trajectory
from domain.music.lyrics.alignment import SpokenLine, Utterance, align
from domain.music.sung import WordLine, WordNote

_CONSONANTS: Final = 0.4  # share of the time from a vowel to the next one that consonants should have
_MOST_CONSONANTS: Final = 0.6  # and have at most
_SLOWEST_CONSONANTS: Final = 1.5  # times as long as they were said: a slow song has slower consonants
_FIRST_ONSET: Final = 0.3  # seconds before its note that a phrase begins with a consonant, at most
_HELD: Final = (0.4, 0.6)
"""Shares of a vowel between which it is held: before, it comes from a consonant, after, it goes to one."""

_FADE_IN: Final = 0.008
_FADE_OUT: Final = 0.06
_SHORTEST: Final = 0.03  # seconds of a note that can be sung
_VIBRATO_HZ: Final = 5.3
_VIBRATO_SEMITONES: Final = 0.14
_VIBRATO_FROM, _VIBRATO_WHOLE = 0.25, 0.5  # seconds into a note


class Held(NamedTuple):
    """A syllable on its notes: its vowel begins at `start`, its last sound ends at `end`, in score time."""

    start: float
    end: float
    said: Utterance


def held_syllables(lines: Sequence[WordLine], spoken: Sequence[SpokenLine]) -> list[Held]:
    """Return all syllables of a piece in order of start."""
    held = [each for line, said in zip(lines, spoken, strict=True) for each in _held(line, said)]
    return sorted((each for each in held if each.end - each.start >= _SHORTEST), key=lambda each: each.start)


def _held(line: WordLine, spoken: SpokenLine) -> Iterator[Held]:
    syllables = iter(align(line.words, spoken))
    last: Held | None = None
    for note in line.notes:
        said = [each for _ in range(note.syllables) for each in next(syllables)]
        end = note.start + note.duration
        if not said and last:
            last = last._replace(end=end)
            continue
        step = note.duration / max(1, len(said))
        for index, utterance in enumerate(said):
            if last:
                yield last
            last = Held(note.start + index * step, note.start + (index + 1) * step, utterance)
    if last:
        yield last


def split_breaths(held: Sequence[Held]) -> list[list[Held]]:
    """Return the syllables grouped into what is sung without a pause; consonants fill small gaps."""
    groups: list[list[Held]] = []
    for each in held:
        before = groups[-1][-1] if groups else None
        if before and each.start - before.end < LEGATO_GAP + each.said.vowel - each.said.onset:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def plan_breath(breath: Sequence[Held], notes: Sequence[WordNote]) -> tuple[float, Trajectory]:
    """Return the score time at which a group of syllables begins, and its trajectory.

    Args:
        breath: At least one.
        notes: Those of the piece, in order.
    """
    pieces = [piece for piece in _pieces(breath) if piece.end > piece.start]
    begin, end = pieces[0].start, pieces[-1].end
    time: Floats = np.arange(int((end - begin) / STEP) + 1, dtype=np.float64) * STEP + begin
    source_time = np.full(len(time), pieces[-1].to)
    for piece in pieces:
        here = (time >= piece.start) & (time < piece.end)
        source_time[here] = piece.source_time(time[here] - piece.start)
    sung = [note for note in notes if note.start < end and note.start + note.duration > begin] or [notes[0]]
    gain = _levels(sung, time) * _envelope(time)
    return begin, Trajectory(STEP, source_time, target_pitch(sung, time) + _vibrato(sung, time), gain)


class _Piece(NamedTuple):
    """Sounds from `start` to `end` of the score that are read from `of` to `to` of the speech.

    The middle of a vowel is held where it has more time than it was said in.
    """

    start: float
    end: float
    of: float
    to: float
    is_vowel: bool = False

    def source_time(self, time: Floats) -> Floats:
        """Return where in the speech each time after the start comes from."""
        target, source = self.end - self.start, self.to - self.of
        if not self.is_vowel or target <= source:
            return np.asarray(self.of + time * source / target)
        first, last = (share * source for share in _HELD)
        return np.interp(time, (0, first, target - source + last, target), self.of + np.array([0, first, last, source]))


def _pieces(breath: Sequence[Held]) -> Iterator[_Piece]:
    """Yield onset, vowel and coda of each syllable, without gaps."""
    begin, said = breath[0].start, breath[0].said
    yield _Piece(begin - min(_FIRST_ONSET, said.vowel - said.onset), begin, said.onset, said.vowel)
    for here, after in zip_longest(breath, breath[1:]):
        said, until = here.said, after.start if after else here.end
        onset, coda = after.said.vowel - after.said.onset if after else 0.0, said.end - said.coda
        pace = _consonant_pace(onset + coda, until - here.start)
        closed, vowel_end = until - onset * pace, until - (onset + coda) * pace
        yield _Piece(here.start, vowel_end, said.vowel, said.coda, is_vowel=True)
        yield _Piece(vowel_end, closed, said.coda, said.end)
        if after:
            yield _Piece(closed, until, after.said.onset, after.said.vowel)


def _consonant_pace(said: float, room: float) -> float:
    """Return how many times as long as they were said consonants last between two vowels that are so far apart."""
    share = room / max(said, 1e-6)
    return min(max(1.0, min(_CONSONANTS * share, _SLOWEST_CONSONANTS)), _MOST_CONSONANTS * share)


def _levels(notes: Sequence[WordNote], time: Floats) -> Floats:
    index = np.clip(np.searchsorted([note.start for note in notes], time, side="right") - 1, 0, len(notes) - 1)
    levels = np.array([0.4 + 0.6 * note.velocity for note in notes])[index]
    return np.asarray(ndimage.gaussian_filter1d(levels, 0.02 / STEP, mode="nearest"))


def _envelope(time: Floats) -> Floats:
    rise, fall = (time - time[0]) / _FADE_IN, (time[-1] - time) / _FADE_OUT
    return np.asarray((1 - np.cos(np.pi * np.clip(rise, 0, 1))) * (1 - np.cos(np.pi * np.clip(fall, 0, 1))) / 4)


def _vibrato(notes: Sequence[WordNote], time: Floats) -> Floats:
    """Return the movement of long notes, in semitones; it sets in late, as in trained voices."""
    depth = np.zeros(len(time))
    for note in notes:
        here = (time >= note.start) & (time < note.start + note.duration)
        grown = (time[here] - note.start - _VIBRATO_FROM) / (_VIBRATO_WHOLE - _VIBRATO_FROM)
        depth[here] = np.clip(grown, 0, 1) if note.duration > _VIBRATO_WHOLE else 0
    smooth = ndimage.gaussian_filter1d(depth, 0.03 / STEP, mode="nearest")
    return np.asarray(_VIBRATO_SEMITONES * smooth * np.sin(2 * np.pi * _VIBRATO_HZ * time))
