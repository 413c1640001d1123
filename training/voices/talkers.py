"""Speech and music in the background: people who talk, a television, other singers. Made once per process, then cut."""

from functools import cache
from typing import Final

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats
from training.tunes.performance import perform
from training.voices.articulation import articulate
from training.voices.controls import RATE, Controls, amplitude, frames, slow_noise, smooth
from training.voices.pitch_line import PitchLine
from training.voices.singers import Diction, Register, Singer, Split, random_singer
from training.voices.sounds import VOWELS
from training.voices.syllables import syllables
from training.voices.voice import sing

BANK: Final = 16
"""Different talkers, singers and pieces of music per split."""

SECONDS: Final = 8.0


def speak(controls: Controls, start: float, end: float, singer: Singer, rng: np.random.Generator) -> None:
    """Write speech, or a whisper, into the curves between two times: syllables whose pitch never rests."""
    whisper = rng.random() < 0.2
    centre = singer.lowest + float(rng.uniform(1, 8))
    level = amplitude(float(rng.uniform(-14, 0)))
    at = start
    while at < end - 0.12:
        length = float(rng.uniform(0.1, 0.26))
        here = slice(frames(at), min(frames(min(at + length, end)), len(controls.level)))
        size = here.stop - here.start
        time = np.linspace(0, 1, size)
        bow = np.sin(np.pi * time) ** 0.5 * level * amplitude(float(rng.uniform(-8, 0)))
        controls.pitch[here] = centre + float(rng.normal(0, 1.5)) + float(rng.normal(-1, 3.5)) * time
        controls.level[here] = 0 if whisper else bow
        controls.hiss[here] = 0.15 * bow if whisper else 0.0
        vowel = np.array(list(VOWELS.values())[int(rng.integers(len(VOWELS)))]) * singer.tract
        controls.formants[here] = vowel
        controls.nasal[here] = 0
        pause = float(rng.uniform(0.02, 0.09)) if rng.random() < 0.85 else 0.25
        hiss = slice(here.stop, min(here.stop + frames(pause), len(controls.level), frames(end)))
        controls.hiss[hiss] = 0.12 * level * float(rng.random() < 0.5)
        controls.hiss_hz[hiss] = (2500, 7000)
        at += length + pause


@cache
def talker(split: Split, number: int) -> Floats:
    """Return somebody talking, RMS 1."""
    rng = np.random.default_rng([31, list(Split).index(split), number])
    singer = msgspec.structs.replace(random_singer(rng, split), register=Register.CHEST, diction=Diction.WORDS)
    size = frames(SECONDS)
    controls = Controls(
        pitch=np.full(size, float(singer.lowest + 5)) + 0.2 * slow_noise(size, 6, rng),
        level=np.zeros(size),
        formants=np.tile(np.array(VOWELS["schwa"]), (size, 1)),
        nasal=np.zeros(size),
        hiss=np.zeros(size),
        hiss_hz=np.tile([1500.0, 6000.0], (size, 1)),
        creak=np.zeros(size),
    )
    speak(controls, 0.1, SECONDS, singer, rng)
    controls.level, controls.formants = smooth(controls.level, 5), smooth(controls.formants, 9)
    return _unit(sing(controls, singer, rng))


@cache
def other_singer(split: Split, number: int) -> Floats:
    """Return somebody else who sings, RMS 1."""
    rng = np.random.default_rng([32, list(Split).index(split), number])
    singer = random_singer(rng, split)
    performance = perform(rng, lowest=singer.lowest)
    sung = syllables(performance, singer, split, rng)
    line = PitchLine(sung, frames(performance.duration) + 1, singer, rng)
    return _unit(sing(articulate(sung, line, singer, rng), singer, rng))


@cache
def music(split: Split, number: int) -> Floats:
    """Return a plain piece with chords, a bass and drums, RMS 1."""
    rng = np.random.default_rng([33, list(Split).index(split), number])
    size, beat = int(SECONDS * RATE), int(RATE * 60 / rng.uniform(70, 140))
    out, root = np.zeros(size), int(rng.integers(36, 48))
    for index, start in enumerate(range(0, size, beat)):
        if index % 4 == 0:
            chord = root + int(rng.choice([0, 5, 7, -3]))
        length = min(beat * 2, size - start)
        time = np.arange(length) / RATE
        for pitch in (chord, chord + 12, chord + 16, chord + 19):
            hertz = 440 * 2 ** ((pitch - 69) / 12)
            tone = sum(np.sin(2 * np.pi * k * hertz * time) / k**1.3 for k in range(1, 7))
            out[start : start + length] += tone * np.exp(-time * 3)
        drum = signal.lfilter([1], [1, -0.9 if index % 2 == 0 else 0.2], rng.normal(0, 1, length)) * np.exp(-time * 25)
        out[start : start + length] += drum * 0.8
    return _unit(out)


def _unit(sound: Floats) -> Floats:
    return np.asarray(sound / np.sqrt(np.mean(sound**2)))


def cut(sound: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Return a stretch of a sound from a random place, from the start again at its end."""
    return np.resize(np.roll(sound, -int(rng.integers(len(sound)))), size)
