"""What the lead instrument plays: the tune with the singer, answers in the gaps, or a solo over the changes.

Where somebody sings a verse the lead keeps out of the way: it answers phrases with their own last notes, as a player
does who listens.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec

from domain.music.score import MelodyNote
from domain.music.theory.chords import TimedChord, harmony_at
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

DOUBLES_FROM: Final = 0.6
"""Energy from which the lead plays along with the singer."""

_ANSWERED: Final = 1.5  # beats that a gap must last to be answered
_BREATH: Final = 0.5  # beats between the phrase and its answer
_ECHOED: Final = 4  # notes of the phrase that an answer is made of, at most
_SOFTER: Final = 0.75  # velocity of an answer, as a share
_LEAP: Final = 0.3  # chance that a solo leaps to a chord note instead of stepping
_DIVIDED: Final = 0.6  # chance that a solo makes two notes of one
_RAISED: Final = 3  # semitones by which a solo lies above the theme
_RANGE: Final = 9  # semitones from the middle beyond which a solo turns back


class Changes(NamedTuple):
    """The chords that a line is played over, in order, at least one, and their key."""

    chords: Sequence[TimedChord]
    key: Scale

    def tone(self, beat: float, pitch: int) -> int:
        """Return the note of the chord at a beat that is closest to a pitch; none that grinds above another one."""
        classes = harmony_at(self.chords, beat).classes
        clear = {each for each in classes if (each - 1) % 12 not in classes}
        near = (each for each in range(pitch - 6, pitch + 7) if each % 12 in clear)
        return min(near, key=lambda each: abs(each - pitch))

    def step(self, beat: float, pitch: int) -> int:
        """Return the step of the key closest to a pitch, or a note of the chord where it would grind above one."""
        step = self.key.nearest(pitch)
        return self.tone(beat, pitch) if (step - 1) % 12 in harmony_at(self.chords, beat).classes else step


def answers(melody: Sequence[MelodyNote], changes: Changes, end: float, meter: Meter) -> Iterator[MelodyNote]:
    """Yield echoes of the last notes of each phrase in the rest after it, moved to the chord that sounds then.

    Args:
        melody: What is sung, in order, on the time line of the changes.
        changes: What it is sung over.
        end: Where the last gap ends.
        meter: For the grid of eighths.
    """
    starts = [*(note.start for note in melody[1:]), end] if melody else []
    for index, (note, follows) in enumerate(zip(melody, starts, strict=True)):
        sung_until = note.start + note.beats
        if follows - sung_until >= _ANSWERED:
            first = (int((sung_until + _BREATH) / meter.step) + 1) * meter.step
            room = max(0, int((follows - first) / meter.step) - 1)
            phrase = melody[max(0, index + 1 - min(_ECHOED, room)) : index + 1]
            yield from _echo(phrase, first, changes, meter)


def _echo(phrase: Sequence[MelodyNote], first: float, changes: Changes, meter: Meter) -> Iterator[MelodyNote]:
    for index, note in enumerate(phrase):
        start = first + index * meter.step
        pitch = changes.step(start, note.pitch) if index % 2 else changes.tone(start, note.pitch)
        velocity = note.velocity * _SOFTER
        yield msgspec.structs.replace(note, start=start, beats=meter.step * 1.5, pitch=pitch, velocity=velocity)


def solo(rhythm: Sequence[MelodyNote], changes: Changes, chance: Random) -> tuple[MelodyNote, ...]:
    """Return a new line in the rhythm of a theme: chord notes on the beats, steps of the scale between them."""
    middle = _RAISED + round(sum(note.pitch for note in rhythm) / max(1, len(rhythm)))
    pitch, line = middle, list[MelodyNote]()
    for note in rhythm:
        for start, beats in _divided(note, chance):
            away = abs(pitch - middle) >= _RANGE
            direction = (1 if pitch < middle else -1) if away else chance.choice((-1, 1))
            leaps = abs(start - round(start)) < 1e-6 or chance.random() < _LEAP
            pitch = changes.tone(start, pitch + 2 * direction) if leaps else changes.key.move(pitch, direction)
            line.append(msgspec.structs.replace(note, start=start, beats=beats, pitch=pitch))
    return tuple(line)


def _divided(note: MelodyNote, chance: Random) -> Iterator[tuple[float, float]]:
    """Yield a note's time whole or in halves: solos are busier than songs."""
    parts = 2 if note.beats >= 1 and chance.random() < _DIVIDED else 1
    for part in range(parts):
        yield note.start + part * note.beats / parts, note.beats / parts
