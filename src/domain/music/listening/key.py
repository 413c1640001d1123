"""Key finding: the likeliest of 24 keys for a hummed melody, together with the tuning and the notes that go with it.

Modes are counted as the major or minor key that explains them best, mostly their parent: a tune in G Mixolydian is in C
major, whose notes it has, so that the harmony has no wrong ones.
"""

from collections.abc import Sequence
from math import exp
from typing import Final

import msgspec

from domain.music.hum import HummedNote, KeyCandidate
from domain.music.listening.spelling import Spelling, spellings
from domain.music.theory.scale import Scale

_CANDIDATES: Final = 5
_DIGITS: Final = 4  # of confidences, which are stored

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_SHARPNESS: Final = 0.5
"""Inverse temperature of the softmax that turns log-likelihoods into confidences."""

_DOUBT: Final = 6.0  # nats by which another key may be likelier than a hint that is followed
_INSIDE: Final = 0.9  # share of the sung time that must be in a hint's scale


class KeyEstimate(msgspec.Struct, frozen=True):
    """A key.

    Attributes:
        scale: The key.
        confidence: 0..1.
        tuning: For each note, cents by which the singer's tonic is above the written one.
        pitches: For each note, the MIDI number that was meant.
        candidates: The likeliest keys, best first.
    """

    scale: Scale
    confidence: float
    tuning: tuple[float, ...]
    pitches: tuple[int, ...]
    candidates: tuple[KeyCandidate, ...]


def find_key(notes: Sequence[HummedNote], phrases: Sequence[int] = (0,), *, hint: Scale | None = None) -> KeyEstimate:
    """Return the likeliest key of a hum with at least one note.

    A hint is followed where it fits: nearly all of the hum is in its scale, and no other key is far likelier.
    """
    found = spellings(notes, phrases)
    odds = [exp(_SHARPNESS * (spelling.score - found[0].score)) for spelling in found]
    candidates = tuple(
        KeyCandidate(spelling.scale.name, round(share / sum(odds), _DIGITS))
        for spelling, share in zip(found[:_CANDIDATES], odds, strict=False)
    )
    hinted = next((spelling for spelling in found if spelling.scale == hint), None)
    if hinted and _follows(hinted, found[0], notes):
        return KeyEstimate(hinted.scale, 1.0, hinted.tuning, hinted.pitches, candidates)
    best = found[0]
    return KeyEstimate(best.scale, candidates[0].confidence, best.tuning, best.pitches, candidates)


def _follows(hinted: Spelling, best: Spelling, notes: Sequence[HummedNote]) -> bool:
    """Return whether a hum can be in a hinted key."""
    near = hinted.scale.relative_major == best.scale.relative_major or best.score - hinted.score < _DOUBT
    lengths = [note.duration for note in notes]
    inside = sum(
        length for pitch, length in zip(hinted.pitches, lengths, strict=True) if hinted.scale.fits_melody(pitch)
    )
    return near and inside >= _INSIDE * sum(lengths)
