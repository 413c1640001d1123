"""Singers: what stays the same through a take, drawn from numbered identities.

Identities with a number below `TRAINED` are for training; the others are never drawn by it.
"""

from enum import Enum
from typing import Final

import msgspec
import numpy as np

TRAINED: Final = 4000
EXCLUDED: Final = 1000


class Split(Enum):
    """Which singers, consonants, rooms and codecs a take may draw."""

    TRAIN = "train"
    EXCLUDED = "excluded"
    """What training never draws: other singers, consonants, rooms, phones and codecs."""


class Register(Enum):
    """How the sound is made."""

    CHEST = "chest"
    FALSETTO = "falsetto"
    WHISTLE = "whistle"


class Diction(Enum):
    """What is sung."""

    WORDS = "words"
    SYLLABLE = "syllable"
    """"La la la", "da da", "doo": one or two syllables over and over."""

    VOWEL = "vowel"
    HUM = "hum"
    """Lips closed."""


class Singer(msgspec.Struct, frozen=True, kw_only=True):
    """A singer and the habits that the ear knows the person by.

    Attributes:
        lowest: MIDI number at which the range begins.
        tract: Scales the formants: 1.0 a tall man, 1.17 a woman, 1.35 a child.
        tilt: Exponent of the fall of harmonics; 1 pressed, 2.4 soft.
        breath_db: Level of the breath noise below the voice.
        tuning_cents: Distance from A4 = 440 Hz at the start.
        wander_cents: Most that the tuning wanders over a take.
        off_key_cents: Standard deviation of a note's centre.
        unsteady_cents: Standard deviation of slow movement within a note.
        vibrato_cents: Depth; 0 without vibrato.
        vibrato_hz: Rate.
        glide: Typical seconds of a change of pitch.
        scoop: Chance that a note after a rest starts off its pitch.
        fall: Chance that the pitch falls at the end of a phrase.
        overshoot: Share of an interval by which the pitch shoots past.
        ornament: Chance of a grace note or mordent.
        creak: Chance that a note after a rest starts, or a phrase ends, with creak.
        prosody: How much consonants bend the pitch; 1 as in speech.
        articulation: Length of consonants; 1 as in the table.
        attack: Typical seconds in which a note swells.
        range_db: Distance of the softest from the loudest notes.
        flutter: Standard deviation of the level within a note, as a share of it.
        tremolo_db: Movement of the level that goes with a vibrato of ± 1 semitone.
        evenness: How far the singer evens out that sounds differ in level, 0..1.
    """

    register: Register
    diction: Diction
    lowest: int
    tract: float
    tilt: float
    breath_db: float
    tuning_cents: float
    wander_cents: float
    off_key_cents: float
    unsteady_cents: float
    vibrato_cents: float
    vibrato_hz: float
    glide: float
    scoop: float
    fall: float
    overshoot: float
    ornament: float
    creak: float
    prosody: float
    articulation: float
    attack: float
    range_db: float
    flutter: float
    tremolo_db: float
    evenness: float


RANGES: Final = {
    "bass": (36, 42, 0.93, 1.02),
    "baritone": (41, 47, 0.96, 1.06),
    "tenor": (45, 52, 1.0, 1.10),
    "alto": (50, 57, 1.10, 1.20),
    "soprano": (56, 63, 1.14, 1.25),
    "child": (56, 64, 1.24, 1.45),
}
"""Lowest and highest beginning of the range (MIDI), shortest and longest scale of the formants."""


def random_singer(rng: np.random.Generator, split: Split) -> Singer:
    """Return one of the singers of a split."""
    first, count = (0, TRAINED) if split is Split.TRAIN else (TRAINED, EXCLUDED)
    return singer(first + int(rng.integers(count)))


def singer(identity: int) -> Singer:
    """Return the singer with a number: always the same one."""
    rng = np.random.default_rng([20_261, identity])
    low, high, short, long = list(RANGES.values())[int(rng.choice(6, p=[0.08, 0.22, 0.22, 0.2, 0.18, 0.1]))]
    register = list(Register)[int(rng.choice(3, p=[0.86, 0.07, 0.07]))]
    lowest = int(rng.integers(low, high))
    if register is Register.FALSETTO:
        lowest += 8
    if register is Register.WHISTLE:
        lowest = int(rng.integers(72, 81))
    trained = rng.random() < 0.35
    return Singer(
        register=register,
        diction=list(Diction)[int(rng.choice(4, p=[0.5, 0.22, 0.1, 0.18]))],
        lowest=lowest,
        tract=float(rng.uniform(short, long)),
        tilt=float(rng.uniform(1.8, 2.7) if register is Register.FALSETTO else rng.uniform(0.9, 1.9)),
        breath_db=float(rng.uniform(-42, -18)),
        tuning_cents=float(rng.uniform(-50, 50)),
        wander_cents=float(rng.choice([rng.uniform(0, 15), rng.uniform(10, 60)])),
        off_key_cents=float(rng.uniform(5, 18) if trained else rng.uniform(10, 40)),
        unsteady_cents=float(rng.uniform(4, 14) if trained else rng.uniform(8, 42)),
        vibrato_cents=float(rng.uniform(25, 100) if rng.random() < (0.85 if trained else 0.5) else rng.uniform(0, 25)),
        vibrato_hz=float(rng.uniform(4.5, 7.0) if trained else rng.uniform(3.0, 8.0)),
        glide=float(np.exp(rng.uniform(np.log(0.035), np.log(0.17)))),
        scoop=float(rng.uniform(0.05, 0.7)),
        fall=float(rng.uniform(0, 0.7)),
        overshoot=float(rng.uniform(0, 0.15)),
        ornament=float(rng.choice([0.0, rng.uniform(0, 0.2)])),
        creak=float(rng.choice([0.0, rng.uniform(0, 0.4)])),
        prosody=float(rng.uniform(0.1, 0.6) if trained else rng.uniform(0.2, 1.3)),
        articulation=float(rng.uniform(0.8, 1.45)),
        attack=float(np.exp(rng.uniform(np.log(0.01), np.log(0.07)))),
        range_db=float(rng.uniform(3, 18)),
        flutter=float(rng.uniform(0.03, 0.2)),
        tremolo_db=float(rng.uniform(0, 5)),
        evenness=float(rng.uniform(0.3, 0.9)),
    )
