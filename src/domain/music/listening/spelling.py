"""Spelling: which notes were meant, by a singer whose tuning slides.

A singer without a reference has a tonic of their own, which drifts; over a song it may slide by more than a semitone.
The hidden state is the pitch of that tonic, every ten cents of an octave; it walks from note to note, and each note is
as likely as its distance above it (`degrees`). The Viterbi algorithm finds the likeliest walk for each key, which gives
key, tuning and notes at once (for notes given a key, compare Ryynänen and Klapuri, "Transcription of the singing melody
in polyphonic music", ISMIR 2006).
"""

from collections.abc import Sequence
from functools import lru_cache
from math import erf, floor, log, sqrt
from statistics import median
from typing import Final, NamedTuple

from domain.music.hum import HummedNote
from domain.music.listening.degrees import CELL, CELLS, Role, degree_price, miss_odds, pitch_prices
from domain.music.theory.scale import Scale

_STATES: Final = 120  # pitches of the tonic
_GRAIN: Final = 1200 // _STATES  # cents between them
_REACH: Final = 3  # states by which the tonic moves from one note to the next at most

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_WALK: Final = 14.0  # cents by which the tonic moves from note to note: standard deviation
_WALK_A_SECOND: Final = 9.6  # what the time between them adds
_LENGTH_POWER: Final = 0.8  # long notes count more, but a fermata is not a vote for a key


class Spelling(NamedTuple):
    """A way to write a hum.

    Attributes:
        score: Its log-likelihood.
        scale: The key.
        tuning: For each note, cents by which the singer's tonic is above the written one.
        pitches: For each note, the MIDI number that was meant.
    """

    score: float
    scale: Scale
    tuning: tuple[float, ...]
    pitches: tuple[int, ...]


def spellings(notes: Sequence[HummedNote], phrases: Sequence[int]) -> list[Spelling]:
    """Return the likeliest spelling in each key, best first; `notes` are at least one.

    Every spelling is written where its mean tuning is within half a semitone of A4 = 440 Hz.
    """
    roles, levels = _roles(len(notes), phrases), _levels(notes)
    best = dict[Scale, Spelling]()
    for minor in (False, True):
        likeliest = _walks(notes, roles, levels, minor=minor)
        for semitone in range(12):
            ends = range(10 * semitone - 5, 10 * semitone + 5)
            end = max(ends, key=lambda state: likeliest[-1][state % _STATES])
            walk = _traced(notes, likeliest, end)
            found = _spelling(notes, roles, levels, walk, score=likeliest[-1][end % _STATES], minor=minor)
            if found.scale not in best or found.score > best[found.scale].score:
                best[found.scale] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.scale.minor, found.scale.tonic))


def _roles(count: int, phrases: Sequence[int]) -> list[Role]:
    roles = [Role.INNER] * count
    for first in phrases[1:]:
        roles[first - 1] = Role.REST
    roles[0] = Role.FIRST
    roles[-1] = Role.FINAL
    return roles


def _levels(notes: Sequence[HummedNote]) -> list[int]:
    """Return the weight of each note, in quarters, by its length."""
    usual = median(note.duration for note in notes)
    return [max(1, min(10, round(4 * (note.duration / usual) ** _LENGTH_POWER))) for note in notes]


def _walks(
    notes: Sequence[HummedNote], roles: Sequence[Role], levels: Sequence[int], *, minor: bool
) -> list[list[float]]:
    """Return, for each note, the log-likelihood of the best walk to each state."""
    reached: list[list[float]] = []
    for index, note in enumerate(notes):
        prices = _state_prices(pitch_prices(roles[index], levels[index], minor=minor), note.pitch)
        if index:
            stay, one, two, three = _move_prices(_tenths(notes, index))
            before = reached[-1]
            up, down = before[-1:] + before[:-1], before[1:] + before[:1]
            up2, down2 = up[-1:] + up[:-1], down[1:] + down[:1]
            up3, down3 = up2[-1:] + up2[:-1], down2[1:] + down2[:1]
            moves = zip(before, up, down, up2, down2, up3, down3, prices, strict=True)
            prices = [
                price + max(a + stay, b + one, c + one, d + two, e + two, f + three, g + three)
                for a, b, c, d, e, f, g, price in moves
            ]
        reached.append(prices)
    return reached


def _state_prices(prices: tuple[float, ...], pitch: float) -> list[float]:
    """Return the log-likelihood of a pitch in each state."""
    cell = round(pitch * 100 / CELL)
    return [prices[(cell - state * (_GRAIN // CELL)) % CELLS] for state in range(_STATES)]


def _tenths(notes: Sequence[HummedNote], index: int) -> int:
    """Return the tenths of a second between the onset of a note and the one before."""
    return min(50, round(10 * (notes[index].onset - notes[index - 1].onset)))


@lru_cache
def _move_prices(tenths: int) -> tuple[float, float, float, float]:
    """Return the log-likelihood that the tonic moves by 0, 1, 2 and 3 states."""
    spread = sqrt(2 * (_WALK**2 + _WALK_A_SECOND**2 * tenths / 10)) / _GRAIN
    stay, one, two, three = (
        log(max(1e-9, (erf((move + 0.5) / spread) - erf((move - 0.5) / spread)) / 2)) for move in range(_REACH + 1)
    )
    return stay, one, two, three


def _traced(notes: Sequence[HummedNote], reached: Sequence[Sequence[float]], end: int) -> list[int]:
    """Return the states of the best walk to a last state, unwrapped: they may leave 0..119."""
    walk = [end]
    for index in range(len(notes) - 1, 0, -1):
        moves, before, after = _move_prices(_tenths(notes, index)), reached[index - 1], walk[-1]
        steps = range(-_REACH, _REACH + 1)
        walk.append(
            after + max(steps, key=lambda step: (before[(after + step) % _STATES] + moves[abs(step)], -abs(step)))
        )
    return walk[::-1]


def _spelling(
    notes: Sequence[HummedNote],
    roles: Sequence[Role],
    levels: Sequence[int],
    walk: Sequence[int],
    *,
    score: float,
    minor: bool,
) -> Spelling:
    """Return what a walk of the tonic writes."""
    sung = sum(note.duration for note in notes)
    mean = sum(state * note.duration for state, note in zip(walk, notes, strict=True)) / sung
    tonic = floor(mean * _GRAIN / 100 + 0.5)
    tuning = tuple(float(state * _GRAIN - 100 * tonic) for state in walk)
    pitches = tuple(
        _meant(note.pitch - cents / 100, tonic, role, level / 4, minor=minor)
        for note, cents, role, level in zip(notes, tuning, roles, levels, strict=True)
    )
    return Spelling(score, Scale(tonic % 12, minor), tuning, pitches)


def _meant(pitch: float, tonic: int, role: Role, weight: float, *, minor: bool) -> int:
    """Return the likeliest MIDI number of a pitch without its tuning."""
    around = range(floor(pitch) - 1, floor(pitch) + 3)
    return max(
        around,
        key=lambda meant: (
            degree_price((meant - tonic) % 12, role, weight, minor=minor) + log(miss_odds(100 * (pitch - meant)))
        ),
    )
