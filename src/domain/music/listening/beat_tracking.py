"""Beat tracking: the place of each note in a pulse that may speed up and slow down.

Each hypothesis is a Kalman filter over the time and the length of a beat; a beam of them assigns onsets to places in
the beat (compare Cemgil, Kappen, Desain and Honing, "On tempo tracking: Tempogram representation and Kalman
filtering", JNMR 28(4), 2000). Times are seconds, places are beats, likelihoods are in nats.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import floor, log, tau
from typing import Final, NamedTuple

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_MISS: Final = 0.03  # seconds by which people miss the beat: standard deviation
_START_DOUBT: Final = 0.03  # standard deviation of a beat's length at the start, as a share of it
_DRIFT: Final = 0.022  # share of its length by which a beat differs from the one before
_BREATH: Final = 0.12  # beats by which a phrase may begin late or early
_RESTART: Final = 0.5  # how often a phrase begins anew, out of time with the one before, per beat of pause
_PAUSE: Final = 1.2  # beats by which it may be late
_STRAY: Final = 0.02  # density, per beat, of an onset that belongs to no place
_WIDTH: Final = 6  # hypotheses that are kept

_PLACES: Final = {
    2: {0.0: 0.58, 0.5: 0.27, 0.25: 0.05, 0.75: 0.06, 1 / 3: 0.008, 2 / 3: 0.012},
    3: {0.0: 0.52, 1 / 3: 0.16, 2 / 3: 0.24, 0.5: 0.02, 1 / 6: 0.01, 5 / 6: 0.01},
}
"""How often notes begin at a place in the beat, by the parts into which beats divide."""


class Track(NamedTuple):
    """Where onsets lie in a pulse: their log-likelihood, each onset's place in beats, and whether it is on its place.

    `period` is the length of a beat at the end, in seconds.
    """

    score: float
    places: tuple[float, ...]
    met: tuple[bool, ...]
    period: float


class _State(NamedTuple):
    """A hypothesis: the filter's time and period, their covariance, and what was assigned so far."""

    score: float
    time: float
    period: float
    tt: float
    tp: float
    pp: float
    place: float
    usual: float
    path: "tuple[object, float, bool]"


def track_beats(onsets: Sequence[float], period: float, parts: int, breaths: Sequence[bool]) -> list[Track]:
    """Return the likeliest track and, where there is one, the likeliest whose beats lie elsewhere.

    Args:
        onsets: At least one, ascending.
        period: Seconds of a beat at the start, within some percent.
        parts: Into which beats divide, 2 or 3.
        breaths: For each onset, whether a phrase begins with it.
    """
    beam = [_start(onsets[0], period, place, share) for place, share in _PLACES[parts].items() if share > 0.03]
    for onset, breath in zip(onsets[1:], breaths[1:], strict=True):
        grown = sorted((new for state in beam for new in _grown(state, onset, parts, breath)), reverse=True)
        seen, beam = set[tuple[float, int]](), []
        for state in grown:
            same = (round(state.place * 12), round(60 * log(state.period)))
            if same not in seen:
                seen.add(same)
                beam.append(state)
            if len(beam) == _WIDTH:
                break
    best = beam[0]
    other = next((state for state in beam if abs((state.place - best.place) % 1 - 0.5) < 0.3), None)
    return [_ended(state) for state in ([best, other] if other else [best])]


def _start(onset: float, period: float, place: float, share: float) -> _State:
    return _State(
        log(share), onset, period, _MISS**2, 0.0, (_START_DOUBT * period) ** 2, place, period, (None, place, True)
    )


def _grown(state: _State, onset: float, parts: int, breath: bool) -> Iterator[_State]:
    """Yield a hypothesis with the next onset at each likely place, and one with a stray onset."""
    score, time, period, tt, tp, pp, place, usual, path = state
    at = place + (onset - time) / period
    for line, prior in _lines(at, parts):
        ahead = line - place
        if ahead <= 1e-6:
            continue
        drift = pp + (_DRIFT * period) ** 2 * ahead
        cross = tp + ahead * drift
        spread = tt + ahead * (tp + cross) + (_MISS**2) + ((_BREATH * period) ** 2 if breath else 0.0)
        miss = onset - time - ahead * period
        if miss * miss > 9 * spread:
            continue
        prior_spread = spread - _MISS**2
        gain, bend = prior_spread / spread, cross / spread
        yield _State(
            score + prior - 0.5 * (miss * miss / spread + log(tau * spread)) + log(period),
            time + ahead * period + gain * miss,
            period + bend * miss,
            prior_spread * (1 - gain),
            cross * (1 - gain),
            drift - bend * cross,
            line,
            usual,
            (path, line, True),
        )
    yield state._replace(score=score + log(_STRAY), path=(path, at, False))
    if breath:
        yield from _restarted(state, onset, at, parts)


def _restarted(state: _State, onset: float, at: float, parts: int) -> Iterator[_State]:
    """Yield hypotheses in which a phrase begins after a pause of any length, in the tempo of the beginning."""
    usual = state.usual
    for place in range(floor(at - _PAUSE), floor(at + 0.3) + 1):
        for line, share in _PLACES[parts].items():
            if share > 0.1 and at - _PAUSE < place + line < at + 0.3 and place + line > state.place:
                score = state.score + log(share) + log(_RESTART)
                fresh = _start(onset, usual, place + line, 1.0)
                yield fresh._replace(score=score, path=(state.path, place + line, True))


def _lines(at: float, parts: int) -> list[tuple[float, float]]:
    """Return the places within a third of a beat, with their log-probabilities."""
    whole = floor(at)
    return [(whole + line, price) for line, price in _around(parts) if abs(whole + line - at) < 0.3]


@lru_cache
def _around(parts: int) -> list[tuple[float, float]]:
    shares = _PLACES[parts].items()
    return [(beat + line, log(share)) for beat in (-1, 0, 1) for line, share in shares]


def _ended(state: _State) -> Track:
    places, met = list[float](), list[bool]()
    path: object = state.path
    while isinstance(path, tuple):
        path, place, on = path
        places.append(place)
        met.append(on)
    return Track(state.score, tuple(reversed(places)), tuple(reversed(met)), state.period)
