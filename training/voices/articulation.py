"""Level, formants and noise of a singing voice: attacks, closures, releases, vowels and hisses."""

from collections.abc import Sequence

import numpy as np

from adapters.audio.arrays import Floats
from training.voices.controls import Controls, amplitude, frames, ramp, slow_noise, smooth
from training.voices.pitch_line import PitchLine
from training.voices.singers import Singer
from training.voices.sounds import Kind
from training.voices.syllables import Segment, Syllable


def articulate(sung: Sequence[Syllable], line: PitchLine, singer: Singer, rng: np.random.Generator) -> Controls:
    """Return the curves of the voice."""
    mouth = _Mouth(sung, line, singer, rng)
    for index in range(len(sung)):
        mouth.vowel(index)
    for index in range(len(sung)):
        mouth.consonants(index)
    return mouth.controls()


class _Mouth:
    def __init__(self, sung: Sequence[Syllable], line: PitchLine, singer: Singer, rng: np.random.Generator) -> None:
        size = len(line.curve)
        self._sung, self._singer, self._rng = sung, singer, rng
        self._pitch, self._vibrato = line.curve, line.vibrato
        self._level: Floats = np.zeros(size)
        self._formants: Floats = np.tile(np.array(sung[0].vowel[0]), (size, 1))
        self._nasal: Floats = np.full(size, float(sung[0].vowel[0][0] < 300 and sung[0].vowel[0][1] < 1500))
        self._hiss: Floats = np.zeros(size)
        self._hiss_hz: Floats = np.tile([1500.0, 6000.0], (size, 1))
        self._creak: Floats = np.zeros(size)
        swell = slow_noise(size, 0.3, rng) * rng.uniform(0, 3)
        self._dynamics = swell - swell.mean()
        self.levels = [self._strength(s) for s in sung]

    def controls(self) -> Controls:
        rng = self._rng
        flutter = np.maximum(1 + self._singer.flutter * slow_noise(len(self._level), 6, rng), 0.3)
        flutter *= 10 ** (self._singer.tremolo_db / 20 * self._vibrato)
        formants = smooth(self._formants, 11)
        return Controls(
            pitch=self._pitch,
            level=smooth(self._level, 3) * flutter,
            formants=formants,
            nasal=smooth(self._nasal, 7),
            hiss=smooth(self._hiss, 3),
            hiss_hz=self._hiss_hz,
            creak=smooth(self._creak, 9),
        )

    def _strength(self, syllable: Syllable) -> float:
        rng, singer = self._rng, self._singer
        decibels = (syllable.loudness - 1) * singer.range_db + float(rng.normal(0, 1.2))
        decibels += float(self._dynamics[min(frames(syllable.onset), len(self._dynamics) - 1)])
        if rng.random() < 0.025:
            decibels -= float(rng.uniform(6, 20))
        return amplitude(float(np.clip(decibels, -25, 3)))

    def vowel(self, index: int) -> None:
        syllable, rng, level = self._sung[index], self._rng, self.levels[index]
        size = len(self._level)
        first, last = frames(syllable.onset), min(frames(syllable.end), size)
        follows = self._sung[index + 1] if index + 1 < len(self._sung) else None
        time = np.linspace(0, 1, max(last - first, 1))
        slope = float(rng.normal(-2.0, 2.5)) if last - first > 40 else 0.0
        bow = float(rng.normal(0.5, 1.5)) * np.sin(np.pi * time)
        curve = level * 10 ** ((slope * time + bow) / 20)
        if not syllable.joined or syllable.before:
            rise = min(frames(self._singer.attack * float(np.exp(rng.normal(0, 0.4)))), (last - first) // 2)
            low = 0.25 if any(s.consonant.kind is Kind.VOICED for s in syllable.before) else 0.05
            curve[:rise] *= low + (1 - low) * ramp(0, rise)
        if follows is None or not follows.joined:
            self._release(curve)
        self._level[first:last] = curve[: last - first]
        glide = np.clip((time - 0.4) / 0.5, 0, 1)[:, None]
        start, end = np.array(syllable.vowel[0]), np.array(syllable.vowel[1])
        self._formants[first:last] = (start + (end - start) * glide)[: last - first]
        creaks = rng.random(2) < self._singer.creak * float(last - first > frames(0.25))
        if not syllable.joined and creaks[0]:
            self._creak[first : first + frames(0.05)] = 1.0
        if (follows is None or not follows.joined) and creaks[1]:
            self._creak[last - frames(0.12) : last] = 1.0

    def _release(self, curve: Floats) -> None:
        size = min(frames(float(np.exp(self._rng.uniform(np.log(0.02), np.log(0.2))))), len(curve) // 3)
        if size > 1:
            fade = 10 ** (-float(self._rng.uniform(15, 35)) / 20 * np.linspace(0, 1, size))
            curve[-size:] *= fade

    def consonants(self, index: int) -> None:
        syllable, level = self._sung[index], self.levels[index]
        if index and syllable.joined:
            level = (level + self.levels[index - 1]) / 2
        for segment in syllable.before:
            self._consonant(segment, level)
        for segment in syllable.after:
            self._consonant(segment, self.levels[index])

    def _consonant(self, segment: Segment, level: float) -> None:
        consonant = segment.consonant
        here = slice(max(frames(segment.start), 0), frames(segment.end))
        size = len(self._level[here])
        if size == 0:
            return
        voiced = consonant.kind in (Kind.VOICED, Kind.VOICED_STOP)
        softer = level * amplitude(-segment.drop_db) if voiced else 0.0
        self._level[here] = softer
        if voiced and self._level[max(here.start - 3, 0)] < 1e-4:
            rise = min(size, frames(0.03))
            self._level[here][:rise] *= ramp(0, rise)
        if consonant.formants is not None:
            self._formants[here] = np.array(consonant.formants) * self._singer.tract
            self._nasal[here] = float(consonant.nasal)
        if consonant.hiss_db > -90:
            self._noise(segment, level, here)
        if consonant.kind is Kind.GLOTTAL:
            self._creak[here.stop : here.stop + frames(0.02)] = 0.5

    def _noise(self, segment: Segment, level: float, here: slice) -> None:
        consonant, rng = segment.consonant, self._rng
        strength = level * amplitude(consonant.hiss_db + float(rng.normal(3, 4)))
        size = len(self._level[here])
        if consonant.kind in (Kind.STOP, Kind.VOICED_STOP):
            burst = min(size, frames(float(rng.uniform(0.008, 0.05 if consonant.kind is Kind.STOP else 0.014))))
            shape = np.zeros(size)
            shape[size - burst :] = np.linspace(1.0, 0.3, burst)
        else:
            edge = max(1, min(size // 3, frames(0.025)))
            shape = np.minimum(np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1)) / edge, 1.0)
        self._hiss[here] = np.maximum(self._hiss[here], strength * shape)
        self._hiss_hz[here] = consonant.hiss_hz
