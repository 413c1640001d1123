"""Sings lyrics: what a speech engine said, moved to the score's pitches and times with TD-PSOLA."""

from typing import Final

import numpy as np
import soxr

from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.voice import psola
from adapters.audio.voice.diction import held_syllables, plan_breath, split_breaths
from adapters.audio.voice.tracking import track_pitch
from application.ports.speech import Speech
from domain.music.score import Score

_WORDS: Final = 5  # a seed of its own
_FULL_SCALE: Final = np.float32(2**15)


def sing_words(speech: Speech, score: Score, size: int) -> Mono:
    """Return the words of a score at `SAMPLE_RATE`, so many samples; silence where nothing was said."""
    out = np.zeros(size, dtype=np.float32)
    held = held_syllables(score.words, speech.lines)
    if not held:
        return out
    source, rng = _analyzed(speech), np.random.default_rng([score.seed, _WORDS])
    notes = sorted((note for line in score.words for note in line.notes), key=lambda note: note.start)
    for breath in split_breaths(held):
        begin, trajectory = plan_breath(breath, notes)
        psola.add_at(out, psola.render(source, trajectory, rng), round(begin * SAMPLE_RATE))
    return out


def _analyzed(speech: Speech) -> psola.VoiceSource:
    samples = np.fromfile(speech.file, np.int16).astype(np.float32) / _FULL_SCALE
    voice = soxr.resample(samples, speech.rate, SAMPLE_RATE)
    return psola.prepare(voice, SAMPLE_RATE, track_pitch(voice))
