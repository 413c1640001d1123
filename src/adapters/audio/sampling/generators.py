"""The generators of a SoundFont that the band reads: their numbers, and what they are where a zone says nothing.

Units are those of the specification: cents of 8.176 Hz, timecents (1200 · log2 of seconds), centibels, promille of a
side. What is left out is the room (ours is the band's) and the low-frequency oscillators.
"""

from enum import IntEnum
from typing import Final


class Gen(IntEnum):
    """A generator by its number in the file."""

    START = 0
    END = 1
    LOOP_START = 2
    LOOP_END = 3
    START_COARSE = 4
    FILTER_CENTS = 8
    FILTER_Q = 9
    ENVELOPE_TO_FILTER = 11
    END_COARSE = 12
    PAN = 17
    FILTER_DELAY = 25
    FILTER_ATTACK = 26
    FILTER_HOLD = 27
    FILTER_DECAY = 28
    FILTER_SUSTAIN = 29
    KEY_TO_FILTER_HOLD = 31
    KEY_TO_FILTER_DECAY = 32
    DELAY = 33
    ATTACK = 34
    HOLD = 35
    DECAY = 36
    SUSTAIN = 37
    KEY_TO_HOLD = 39
    KEY_TO_DECAY = 40
    INSTRUMENT = 41
    KEYS = 43
    VELOCITIES = 44
    LOOP_START_COARSE = 45
    FIXED_KEY = 46
    FIXED_VELOCITY = 47
    ATTENUATION = 48
    LOOP_END_COARSE = 50
    COARSE_TUNE = 51
    FINE_TUNE = 52
    SAMPLE = 53
    SAMPLE_MODE = 54
    SCALE_TUNE = 56
    ROOT_KEY = 58


INSTANT: Final = -12_000
"""Timecents: a millisecond."""

DEFAULTS: Final[dict[int, int]] = {
    Gen.FILTER_CENTS: 13_500,
    Gen.FILTER_DELAY: INSTANT,
    Gen.FILTER_ATTACK: INSTANT,
    Gen.FILTER_HOLD: INSTANT,
    Gen.FILTER_DECAY: INSTANT,
    Gen.DELAY: INSTANT,
    Gen.ATTACK: INSTANT,
    Gen.HOLD: INSTANT,
    Gen.DECAY: INSTANT,
    Gen.FIXED_KEY: -1,
    Gen.FIXED_VELOCITY: -1,
    Gen.SCALE_TUNE: 100,
    Gen.ROOT_KEY: -1,
}
"""All others are 0."""

INSTRUMENT_ONLY: Final = frozenset(
    {
        Gen.START, Gen.END, Gen.LOOP_START, Gen.LOOP_END, Gen.START_COARSE, Gen.END_COARSE, Gen.LOOP_START_COARSE,
        Gen.LOOP_END_COARSE, Gen.FIXED_KEY, Gen.FIXED_VELOCITY, Gen.SAMPLE_MODE, Gen.ROOT_KEY,
    }
)  # fmt: skip
"""What a preset cannot change."""
