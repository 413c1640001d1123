"""The pitch of a singing voice: how it reaches notes, holds them and leaves them.

Sources: Saitou et al., "Development of an F0 control model based on F0 dynamic characteristics for singing-voice
synthesis" (Speech Communication 2005): overshoot, vibrato, preparation and fine fluctuation; Hutchins & Campbell,
"Estimating the time to reach a target frequency in singing" (2009): scoops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from adapters.audio.arrays import Floats
from training.voices.controls import CONTROL, frames, ramp, slow_noise, smooth
from training.voices.singers import Singer
from training.voices.sounds import Kind
from training.voices.syllables import Syllable

PULLS: Final = {Kind.VOICED: -0.35, Kind.VOICED_STOP: -0.7, Kind.STOP: 0.5, Kind.HISS: 0.4, Kind.GLOTTAL: -0.8}
"""Semitones by which consonants move the pitch, typically."""


class PitchLine:
    """Draws the curve note by note: the notes' targets with glides between them, and movement on top.

    Attributes:
        curve: MIDI number with fraction, one per control frame.
        vibrato: Its part of the curve, semitones.
        tuning: How far the singer's tuning is from A4 = 440 Hz, cents, one per control frame.
    """

    def __init__(self, sung: Sequence[Syllable], size: int, singer: Singer, rng: np.random.Generator) -> None:
        self._sung, self._singer, self._rng, self._size = sung, singer, rng, size
        self._targets = [s.written + float(rng.normal(0, singer.off_key_cents)) / 100 for s in sung]
        self._base: Floats = np.full(size, self._targets[0])
        self._moves: Floats = np.zeros(size)
        self.vibrato: Floats = np.zeros(size)
        self.tuning = singer.tuning_cents + _wander(size, singer, rng)
        for index in range(len(sung)):
            self._hold(index)
            self._reach(index)
            self._decorate(index)
            self._fall(index)
            self._bend_around_consonants(index)
        self.curve = self._base + smooth(self._moves, 5) + self.vibrato + self.tuning / 100 + _tremor(size, rng)

    def _span(self, index: int) -> slice:
        """Return the frames of a note, from its first consonant to the next note's."""
        first = frames(self._sung[index].start)
        last = frames(self._sung[index + 1].start) if index + 1 < len(self._sung) else self._size
        return slice(max(first, 0), last)

    def _hold(self, index: int) -> None:
        """The level stretch of a note, with drift, slow movement and vibrato."""
        syllable, rng, here = self._sung[index], self._rng, self._span(index)
        time = np.arange(here.start, here.stop) / CONTROL - syllable.onset
        cents = self._singer.unsteady_cents
        drift = float(rng.normal(0, 2.4)) * (np.clip(time / max(syllable.length, 0.1), 0, 1) - 0.5)
        self._base[here.start :] = self._targets[index]
        self._moves[here] += (drift + slow_noise(len(time), 2.5, rng)) * cents / 100
        self.vibrato[here] = self._vibrato(time, max(syllable.length, 0.1))

    def _vibrato(self, time: Floats, length: float) -> Floats:
        singer, rng = self._singer, self._rng
        if singer.vibrato_cents < 3 or length < 0.25:
            return np.zeros(len(time))
        delay, swell = float(rng.uniform(0.05, 0.5)) * min(length, 1.0), float(rng.uniform(0.08, 0.4))
        rate = singer.vibrato_hz * (1 + 0.1 * rng.normal()) * (1 + 0.12 * np.clip(time / length, 0, 1))
        rate = rate * (1 + 0.06 * slow_noise(len(time), 2, rng))
        phase = 2 * np.pi * np.cumsum(rate) / CONTROL + rng.uniform(0, 2 * np.pi)
        depth = singer.vibrato_cents / 100 * float(rng.uniform(0.6, 1.0))
        return np.asarray(np.clip((time - delay) / swell, 0, 1) * depth * np.sin(phase))

    def _reach(self, index: int) -> None:
        """Glide from the note before, or scoop up to the note after a rest."""
        syllable = self._sung[index]
        if syllable.joined:
            self._glide(index)
        if self._rng.random() < self._singer.scoop * (0.25 if syllable.joined else 1.0) and not syllable.slurred:
            self._scoop(syllable)

    def _glide(self, index: int) -> None:
        """Move from the note before, most of the way within the consonants; now and then shoot past."""
        before, syllable, rng = self._sung[index - 1], self._sung[index], self._rng
        old, step = self._targets[index - 1], self._targets[index] - self._targets[index - 1]
        room = min(syllable.length, syllable.onset - before.onset)
        width = self._singer.glide * float(np.exp(rng.normal(0, 0.35))) * (1 + abs(step) / 24)
        width = min(width, 0.55 * room)
        closed = syllable.onset - syllable.start
        centre = syllable.onset - 0.55 * closed + float(rng.normal(-0.008, 0.004 if syllable.slurred else 0.012))
        first, last = frames(centre - width / 2), min(frames(centre + width / 2), self._size)
        self._base[min(self._span(index).start, first) : first] = old
        self._base[first:last] = old + step * ramp(first, last)
        self._base[last:] = old + step
        shot = float(np.clip(step * self._singer.overshoot * rng.uniform(0, 1), -0.8, 0.8))
        time = np.arange(min(self._size - last, frames(0.35))) / CONTROL
        self._moves[last : last + len(time)] += shot * np.exp(-time / 0.07) * np.sin(2 * np.pi * 4.5 * time)

    def _scoop(self, syllable: Syllable) -> None:
        """Start off the pitch, mostly below, and reach it within 60–250 ms of the vowel."""
        rng = self._rng
        seconds = min(float(np.exp(rng.uniform(np.log(0.06), np.log(0.25)))), 0.4 * syllable.length)
        depth = float(np.exp(rng.uniform(np.log(0.5), np.log(4.0)))) * (-1 if rng.random() < 0.85 else 0.6)
        depth *= 0.5 if syllable.joined else 1.0
        start = syllable.start + float(rng.uniform(0, 1)) * (syllable.onset - syllable.start)
        first, last = max(frames(start), 0), min(frames(syllable.onset + seconds), self._size)
        self._moves[first:last] += depth * (1 - ramp(first, last)) ** float(rng.uniform(0.7, 1.6))
        if not syllable.joined:
            self._moves[max(frames(syllable.start), 0) : first] += depth

    def _bend_around_consonants(self, index: int) -> None:
        """Closures lower the pitch while they last; after voiceless ones it starts high (Lehiste & Peterson 1961)."""
        syllable = self._sung[index]
        for segment in (*syllable.before, *syllable.after):
            first, last = max(frames(segment.start), 0), min(frames(segment.end), self._size)
            pull = PULLS[segment.consonant.kind] * abs(float(self._rng.normal(0, 1))) * self._singer.prosody
            reach = min(self._size - last, frames(0.05))
            self._moves[first:last] += pull * np.sin(np.pi * np.linspace(0, 0.6, max(last - first, 0)))
            self._moves[last : last + reach] += 0.95 * pull * np.exp(-np.arange(reach) / frames(0.02))

    def _decorate(self, index: int) -> None:
        """A grace note or mordent too short to be written."""
        syllable, rng = self._sung[index], self._rng
        if rng.random() >= self._singer.ornament or syllable.length < 0.3 or syllable.slurred:
            return
        first = frames(syllable.onset + float(rng.choice([0.0, rng.uniform(0.1, 0.2)])))
        size = frames(float(rng.uniform(0.035, 0.06)))
        shape = np.concatenate([np.ones(size), 1 - ramp(0, frames(0.025))])[: self._size - first]
        self._moves[first : first + len(shape)] += shape * float(rng.choice([-2, -1, 1, 2]))

    def _fall(self, index: int) -> None:
        """Let the pitch go at the end of a phrase."""
        syllable, rng = self._sung[index], self._rng
        follows = self._sung[index + 1] if index + 1 < len(self._sung) else None
        if (follows and follows.joined) or rng.random() >= self._singer.fall or syllable.length < 0.2:
            return
        size = frames(min(float(rng.uniform(0.06, 0.25)), 0.4 * syllable.length))
        last = min(frames(syllable.end), self._size)
        deep = float(rng.uniform(0.5, 5.0)) * (-1 if rng.random() < 0.9 else 0.4)
        self._moves[last - size : last] += ramp(0, size) * deep
        self._moves[last : self._span(index).stop] += deep


def _wander(size: int, singer: Singer, rng: np.random.Generator) -> Floats:
    """A slow walk of the tuning within the singer's bounds; amateurs mostly sink."""
    walk = slow_noise(size, 0.12, rng) + rng.normal(-0.3, 1.0) * np.linspace(0, 1.5, size)
    walk -= walk[0]
    return walk / max(float(np.max(np.abs(walk))), 1e-6) * singer.wander_cents * float(rng.uniform(0.4, 1.0))


def _tremor(size: int, rng: np.random.Generator) -> Floats:
    return slow_noise(size, 12, rng) * float(rng.uniform(0.01, 0.05))
