"""A take: a recording of somebody who sings, with the labels that a person would write."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from adapters.audio.arrays import Flags
from domain.music.hum import HummedNote
from training.tunes.performance import Performance, perform
from training.voices.articulation import articulate
from training.voices.controls import RATE, frames
from training.voices.disturbances import disturb
from training.voices.framing import framed
from training.voices.labels import labels
from training.voices.pitch_line import PitchLine
from training.voices.recording import record
from training.voices.singers import Register, Split, random_singer
from training.voices.syllables import syllables
from training.voices.talkers import speak
from training.voices.voice import sing

__all__ = ["Split", "Take", "take"]


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """A recording with its labels.

    Attributes:
        samples: Mono, full scale ±1, shape (n,).
        sample_rate: 16,000.
        notes: One per performed note: onset at the vowel, pitch as really sung (the median of the steady middle).
        performance: What was sung.
        tuning_cents: Per note, how far the singer's tuning (wander included) is from A4 = 440 Hz.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    notes: tuple[HummedNote, ...]
    performance: Performance
    tuning_cents: tuple[float, ...]


def take(seed: int, *, split: Split = Split.TRAIN, snr_db: float | None = None) -> Take:
    """Return the take with a seed: always the same one.

    Args:
        seed: Any number ≥ 0; takes of different splits share nothing even with equal seeds.
        split: Which singers, consonants, rooms and codecs may be drawn.
        snr_db: Level of the notes above the background; drawn from −2…40 dB if not given.
    """
    rng = np.random.default_rng([list(Split).index(split), seed])
    singer = random_singer(rng, split)
    framing = framed(perform(rng, lowest=singer.lowest, seconds=float(rng.uniform(8, 14))), rng)
    performance = framing.performance
    sung = syllables(performance, singer, split, rng)
    line = PitchLine(sung, frames(performance.duration) + 1, singer, rng)
    controls = articulate(sung, line, singer, rng)
    notes = labels(sung, controls)
    for start, end in framing.speech if singer.register is not Register.WHISTLE else ():
        speak(controls, start, end, singer, rng)
    dry = disturb(sing(controls, singer, rng), sung, framing.ticks, rng)
    return Take(
        samples=record(dry, _sounding(notes, len(dry)), split, snr_db, rng),
        sample_rate=RATE,
        notes=notes,
        performance=performance,
        tuning_cents=tuple(float(line.tuning[frames(note.onset + note.duration / 2)]) for note in notes),
    )


def _sounding(notes: tuple[HummedNote, ...], size: int) -> Flags:
    inside = np.zeros(size, dtype=bool)
    for note in notes:
        inside[int(note.onset * RATE) : int((note.onset + note.duration) * RATE)] = True
    return inside
