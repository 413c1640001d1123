"""How a person performs: accents, timing and ornaments, drawn for each take.

Sizes follow what is measured of performers: accents of some decibels and milliseconds on strong beats (Drake and
Palmer, "Accent Structures in Music Performance", Music Perception 10(3), 1993), lengthening at the ends of phrases
(Todd, "A Model of Expressive Timing in Tonal Music", Music Perception 3(1), 1985), and timing noise of 10–30 ms.
"""

import msgspec
import numpy as np


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a take is performed.

    Attributes:
        accent: Loudness that a bar line gains over a place between beats.
        agogic: Share by which a note on a bar line is sung longer.
        swell: Loudness that the middle of a phrase gains over its ends.
        uneven: Standard deviation of loudness.
        jitter: Standard deviation of onsets in seconds.
        drift: Standard deviation of the logarithm of tempo from beat to beat; the walk is drawn back to the tempo.
        trend: Logarithm of the tempo at the end over the one at the start.
        rubato: 0..1: how much phrases speed up and slow down.
        pause: Beats by which phrases begin late; a strict performer breathes in time.
        swing: 0..1: 0 is even, 1 divides the beat 2 : 1.
        legato: Share of its written length that a note sounds.
        breath: Seconds of silence before a phrase, taken from the note before it.
        slurs: How likely a note continues the syllable before.
        graces: How likely a long note has a grace note.
    """

    accent: float
    agogic: float
    swell: float
    uneven: float
    jitter: float
    drift: float
    trend: float
    rubato: float
    pause: float
    swing: float
    legato: float
    breath: float
    slurs: float
    graces: float


def random_manner(rng: np.random.Generator) -> Manner:
    """Return a random manner: a fifth of the takes have no accents, a fifth are free in time, a tenth swing."""
    flat, free, swings, melismatic = rng.random(4) < (0.2, 0.2, 0.1, 0.2)
    return Manner(
        accent=0.0 if flat else float(rng.uniform(0.12, 0.4)),
        agogic=0.0 if flat else float(rng.uniform(0.0, 0.08)),
        swell=float(rng.uniform(0.0, 0.15)),
        uneven=float(rng.uniform(0.03, 0.12)),
        jitter=float(rng.uniform(0.008, 0.03)),
        drift=float(rng.uniform(0.002, 0.012)) * (2 if free else 1),
        trend=float(rng.normal(0, 0.03)),
        rubato=float(rng.uniform(0.4, 1.0)) if free else float(rng.uniform(0.0, 0.25)),
        pause=float(rng.uniform(0.1, 0.9)) if free else 0.0,
        swing=float(rng.uniform(0.3, 1.0)) if swings else 0.0,
        legato=float(rng.uniform(0.6, 0.85) if rng.random() < 0.2 else rng.uniform(0.85, 1.0)),
        breath=float(rng.uniform(0.15, 0.6)),
        slurs=float(rng.uniform(0.2, 0.6)) if melismatic else float(rng.uniform(0.0, 0.15)),
        graces=float(rng.uniform(0.05, 0.2)) if rng.random() < 0.25 else 0.0,
    )
