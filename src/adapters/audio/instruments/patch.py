"""A patch: the tone generator of an instrument, its envelope and its calibrated level."""

import functools
from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import Mono, Stereo
from adapters.audio.instruments.signals import butterworth_sos, db_to_gain, raised_cosine_ramp, to_samples
from domain.music.instruments import InstrumentKind

Tone = Callable[[int, float, int, np.random.Generator], Stereo]
"""(MIDI pitch, velocity 0..1, samples, random generator) to a sustained sound from its onset; it may end early."""

TARGET_LUFS: Final = -18.0
"""How loud every instrument is: the greatest momentary loudness (ITU-R BS.1770-4) of a note of one second in the middle
of its register, or of a drum beat, at velocity 0.8, dry and without gain."""

Keep = Callable[[str, Callable[[], Stereo]], Stereo]
"""(Name of a take, what renders it) to the take, rendered or kept from before; it must not be written to."""

Effect = Callable[[Mono], Mono]
"""What all notes of a part go through together, in place; nothing sounds where they do not."""


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument.

    Attributes:
        tone: Generates its sound, before the note's envelope.
        kind: From the table of instruments; the sounds of a kit ignore the length of their notes.
        attack: Seconds; shortened for short notes.
        release: Seconds from the end of the note to silence.
        level_db: Brings it to `TARGET_LUFS`. Fitted by training/instrument_levels.py.
        variations: Number of takes of the same note, used in turn (round robin).
        high_pass: Cutoff in Hz that removes rumble below its notes, where the tone does not by itself; 0 for none.
        amplifier: Of electric guitars; `level_db` then applies behind it.
        keep: Keeps the takes of a kit for other pieces.
    """

    tone: Tone
    kind: InstrumentKind = InstrumentKind.PITCHED
    attack: float = 0.002
    release: float = 0.1
    level_db: float = 0.0
    variations: int = 1
    high_pass: float = 0.0
    amplifier: Effect | None = None
    keep: Keep | None = None

    def length(self, duration: float) -> int:
        """Return the number of samples of a note, release included."""
        return to_samples(self.release if self.kind is InstrumentKind.KIT else duration + self.release)

    def render_take(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Return a calibrated, high-passed take, from which `cut_note` cuts notes."""
        sound = self.tone(pitch, velocity, length, rng)
        if self.amplifier is None:
            sound *= np.float32(db_to_gain(self.level_db))
        if not self.high_pass:
            return sound
        return np.asarray(signal.sosfilt(butterworth_sos(2, self.high_pass, "highpass"), sound), np.float32)

    def cut_note(self, take: Stereo, duration: float, gain: float = 1.0) -> Stereo:
        """Return a note cut from a take: a copy with attack and release applied, and a gain."""
        note = take[:, : self.length(duration)] * np.float32(gain)
        attack = max(self.attack, 0.0003)
        if self.kind is not InstrumentKind.KIT:
            attack = min(attack, max(0.35 * duration, 0.002))
        start = raised_cosine_ramp(min(to_samples(attack), note.shape[1]))
        note[:, : len(start)] *= start
        end = _release_curve(min(to_samples(0.01 if self.kind is InstrumentKind.KIT else self.release), note.shape[1]))
        note[:, note.shape[1] - len(end) :] *= end
        return note


@functools.lru_cache(maxsize=256)
def _release_curve(length: int) -> Mono:
    """Return a release that falls fast at first, as strings and rooms do, and reaches zero smoothly; read-only."""
    left = 1 - (np.arange(length, dtype=np.float32) + 1) / max(length, 1)
    curve = np.asarray(left**2 * (3 - 2 * left) * np.exp(-2 * (1 - left)), np.float32)
    curve.flags.writeable = False
    return curve
