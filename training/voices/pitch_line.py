"""The pitch of a singing voice: how it reaches notes, holds them and leaves them.

Sources: Saitou et al., "Development of an F0 control model based on F0 dynamic characteristics for singing-voice
synthesis" (Speech Communication 2005): overshoot, vibrato, preparation and fine fluctuation; Hutchins & Campbell,
"Estimating the time to reach a target frequency in singing" (2009): scoops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from adapters.audio.arrays import Floats
from training.voices.controls import CONTROL, frames, ramp, slow_noise
from training.voices.singers import Singer
from training.voices.sounds import Kind
from training.voices.syllables import Syllable

PULLS: Final = {Kind.VOICED: -0.35, Kind.VOICED_STOP: -0.7, Kind.STOP: 0.5, Kind.HISS: 0.4, Kind.GLOTTAL: -0.8}
"""Semitones by which consonants move the pitch, typically."""


class PitchLine:
    """Draws the curve note by note.

    Attributes:
        curve: MIDI number with fraction, one per control frame.
        vibrato: Its part of the curve, semitones.
        tuning: How far the singer's tuning is from A4 = 440 Hz, cents, one per control frame.
    """

    def __init__(self, sung: Sequence[Syllable], size: int, singer: Singer, rng: np.random.Generator) -> None:
        self._sung, self._singer, self._rng = sung, singer, rng
        self.tuning = singer.tuning_cents + _wander(size, singer, rng)
        self.curve: Floats = np.zeros(size)
        self.vibrato: Floats = np.zeros(size)
        self._targets = [s.written + float(rng.normal(0, singer.off_key_cents)) / 100 for s in sung]
        for index in range(len(sung)):
            self._hold(index)
        for index in range(len(sung)):
            self._reach(index)
        for index in range(len(sung)):
            self._decorate(index)
            self._bend_around_consonants(index)
        self.curve += self.tuning / 100 + _tremor(size, rng)

    def _end(self, index: int) -> int:
        """Return the frame at which the next note takes over."""
        return frames(self._start(index + 1)) if index + 1 < len(self._sung) else len(self.curve)

    def _start(self, index: int) -> float:
        syllable = self._sung[index]
        return syllable.before[0].start if syllable.before else syllable.onset

    def _hold(self, index: int) -> None:
        """A note's level stretch, with drift, slow movement and vibrato."""
        syllable, singer, rng = self._sung[index], self._singer, self._rng
        here = slice(0 if index == 0 else frames(self._start(index)), self._end(index))
        time = np.arange(here.start, here.stop) / CONTROL - syllable.onset
        length = max(syllable.end - syllable.onset, 0.1)
        drift = rng.normal(0, 2.0) * singer.unsteady_cents / 100 * (np.clip(time / length, 0, 1) - 0.5)
        unsteady = slow_noise(len(time), 2.5, rng) * singer.unsteady_cents / 100
        self.vibrato[here] = self._vibrato(time, length)
        self.curve[here] = self._targets[index] + drift + unsteady + self.vibrato[here]

    def _vibrato(self, time: Floats, length: float) -> Floats:
        singer, rng = self._singer, self._rng
        if singer.vibrato_cents < 3 or length < 0.25:
            return np.zeros(len(time))
        delay, swell = float(rng.uniform(0.05, 0.5)) * min(length, 1.0), float(rng.uniform(0.08, 0.4))
        rate = singer.vibrato_hz * (1 + 0.1 * rng.normal()) * (1 + 0.12 * np.clip(time / length, 0, 1))
        rate = rate * (1 + 0.06 * slow_noise(len(time), 2, rng))
        phase = 2 * np.pi * np.cumsum(rate) / CONTROL + rng.uniform(0, 2 * np.pi)
        depth = singer.vibrato_cents / 100 * float(rng.uniform(0.6, 1.0))
        return np.clip((time - delay) / swell, 0, 1) * depth * np.sin(phase)

    def _reach(self, index: int) -> None:
        """Glide from the note before, or scoop up to the note after a rest."""
        syllable = self._sung[index]
        if syllable.joined:
            self._glide(index)
        if self._rng.random() < self._singer.scoop * (0.25 if syllable.joined else 1.0) and not syllable.slurred:
            self._scoop(index)

    def _glide(self, index: int) -> None:
        syllable, rng = self._sung[index], self._rng
        step = self._targets[index] - self._targets[index - 1]
        room = min(syllable.end - syllable.onset, syllable.onset - self._sung[index - 1].onset)
        width = min(self._singer.glide * float(np.exp(rng.normal(0, 0.35))) * (1 + abs(step) / 24), 0.55 * room)
        closed = syllable.onset - self._start(index)
        centre = syllable.onset - 0.55 * closed + float(rng.normal(-0.008, 0.004 if syllable.slurred else 0.012))
        start, end = frames(centre - width / 2), frames(centre + width / 2)
        begin = max(start, 0)
        stop = min(end, len(self.curve))
        blend = ramp(start, end)[begin - start : stop - start]
        own = np.where(
            np.arange(begin, stop) < frames(self._start(index)), self._targets[index], self.curve[begin:stop]
        )
        old = np.where(
            np.arange(begin, stop) < frames(self._start(index)), self.curve[begin:stop], self._targets[index - 1]
        )
        self.curve[begin:stop] = old + (own - old) * blend
        held = slice(frames(self._start(index)), begin)
        if held.stop > held.start:
            self.curve[held] += self._targets[index - 1] - self._targets[index]
        early = slice(stop, frames(self._start(index)))
        if early.stop > early.start:
            self.curve[early] += step
        time = np.arange(len(self.curve) - stop) / CONTROL
        reach = min(len(time), frames(0.35))
        shot = step * self._singer.overshoot * float(rng.uniform(0, 1))
        shot = float(np.clip(shot, -0.8, 0.8))
        self.curve[stop : stop + reach] += (shot * np.exp(-time / 0.07) * np.sin(2 * np.pi * 4.5 * time))[:reach]

    def _scoop(self, index: int) -> None:
        syllable, rng = self._sung[index], self._rng
        length = syllable.end - syllable.onset
        seconds = min(float(np.exp(rng.uniform(np.log(0.06), np.log(0.25)))), 0.4 * length)
        depth = float(np.exp(rng.uniform(np.log(0.5), np.log(4.0)))) * (-1 if rng.random() < 0.85 else 0.6)
        if syllable.joined:
            depth *= 0.5
        start = self._start(index) + float(rng.uniform(0, 1)) * (syllable.onset - self._start(index))
        first, last = frames(start), min(frames(max(syllable.onset, start) + seconds), len(self.curve))
        bend = depth * (1 - ramp(first, last)) ** float(rng.uniform(0.7, 1.6))
        self.curve[first:last] += bend
        if not syllable.joined:
            self.curve[frames(self._start(index)) : first] += depth

    def _bend_around_consonants(self, index: int) -> None:
        """Closures lower the pitch while they last; after voiceless ones it starts high (Lehiste & Peterson 1961)."""
        syllable, rng = self._sung[index], self._rng
        for segment in (*syllable.before, *syllable.after):
            first, last = max(frames(segment.start), 0), min(frames(segment.end), len(self.curve))
            if last <= first:
                continue
            pull = PULLS[segment.consonant.kind] * abs(float(rng.normal(0, 1))) * self._singer.prosody
            reach = min(len(self.curve) - last, frames(0.05))
            self.curve[first:last] += pull * np.sin(np.pi * np.linspace(0, 0.6, last - first))
            fade = np.exp(-np.arange(reach) / frames(0.02))
            after = pull * 0.95 if pull < 0 else pull
            self.curve[last : last + reach] += after * fade

    def _decorate(self, index: int) -> None:
        syllable, rng, singer = self._sung[index], self._rng, self._singer
        length = syllable.end - syllable.onset
        if rng.random() < singer.ornament and length > 0.3 and not syllable.slurred:
            first = frames(syllable.onset + float(rng.choice([0.0, rng.uniform(0.1, 0.2)])))
            size = frames(float(rng.uniform(0.035, 0.06)))
            shape = np.concatenate([np.ones(size), 1 - ramp(0, frames(0.025))])[: len(self.curve) - first]
            self.curve[first : first + len(shape)] += shape * float(rng.choice([-2, -1, 1, 2]))
        follows = self._sung[index + 1] if index + 1 < len(self._sung) else None
        if (follows is None or not follows.joined) and rng.random() < singer.fall and length > 0.2:
            size = frames(min(float(rng.uniform(0.06, 0.25)), 0.4 * length))
            last = min(frames(syllable.end), len(self.curve))
            deep = float(rng.uniform(0.5, 5.0)) * (-1 if rng.random() < 0.9 else 0.4)
            self.curve[last - size : last] += ramp(0, size) * deep
            self.curve[last : self._end(index)] += deep


def _wander(size: int, singer: Singer, rng: np.random.Generator) -> Floats:
    """A slow walk of the tuning within the singer's bounds; amateurs mostly sink."""
    walk = slow_noise(size, 0.12, rng) + rng.normal(-0.3, 1.0) * np.linspace(0, 1.5, size)
    walk -= walk[0]
    return walk / max(float(np.max(np.abs(walk))), 1e-6) * singer.wander_cents * float(rng.uniform(0.4, 1.0))


def _tremor(size: int, rng: np.random.Generator) -> Floats:
    return slow_noise(size, 12, rng) * float(rng.uniform(0.01, 0.05))
