"""Tuning: how far a singer is from A4 = 440 Hz.

People hum without a reference pitch. Unless the offset is removed before rounding, half the notes of an unlucky singer
end up a semitone off.
"""

from cmath import phase, rect
from collections.abc import Sequence
from math import tau

from domain.music.model import HummedNote


def offset_cents(notes: Sequence[HummedNote]) -> float:
    """Return the cents to add to tempered pitches to get the singer's, −50..50.

    The circular mean of the notes' distances from the semitone grid, weighted by length (Fisher, "Statistical Analysis
    of Circular Data", 1993).
    """
    mean = sum((rect(note.duration, tau * note.pitch) for note in notes), start=0j)
    return 100 * phase(mean) / tau if mean else 0.0


def tempered(note: HummedNote, tuning_cents: float) -> int:
    """Return the MIDI number that is closest once the tuning is removed."""
    return round(note.pitch - tuning_cents / 100)
