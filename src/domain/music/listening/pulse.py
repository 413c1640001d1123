"""The pulse of a hum: its beats, their tempo, and the bars that they make.

Likely tempi are tracked through the notes (`beat_tracking`), which may speed up and slow down. Every way to count every
track is scored by all that speaks for it (`readings`), so that tempo, time signature and downbeats are decided
together. The beats of the winner are smoothed (`beat_smoothing`).
"""

from collections.abc import Sequence
from math import ceil, exp, floor
from typing import Final, NamedTuple

from domain.music.hum import MAX_BEATS, HummedNote, TempoCandidate
from domain.music.listening.beat_smoothing import Point, smooth_beats
from domain.music.listening.counting import Bars, Counted, count_all, same_tempo
from domain.music.listening.readings import BARS, Heard, Reading
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter

_FALLBACK: Final = 90.0  # beats per minute of a hum with too few notes
_FEWEST: Final = 3  # notes in which a beat can be found
_CANDIDATES: Final = 5
_DOUBT: Final = 0.7  # nats per onset by which a hinted tempo may be less likely than the best and still be followed
_DIGITS: Final = 4  # of seconds, tempi and confidences, which are stored


class Pulse(NamedTuple):
    """The beats of a hum.

    Attributes:
        tempo_bpm: Beats per minute.
        confidence: Of the tempo, 0..1.
        beats: Seconds of the beats, ascending, at least two. The first one is a downbeat, with the pick-up before it.
        time_signature: `4/4` …
        candidates: The likeliest tempi, best first.
    """

    tempo_bpm: float
    confidence: float
    beats: tuple[float, ...]
    time_signature: str
    candidates: tuple[TempoCandidate, ...]


def find_pulse(
    notes: Sequence[HummedNote], heard: Heard, *, tempo_hint: float | None = None, signature: str | None = None
) -> Pulse:
    """Return the pulse of a hum with at least one note.

    Args:
        notes: In order of onset.
        heard: Their accents, phrases and written pitches.
        tempo_hint: Beats per minute that the musician fixed. Where the hum can be counted at that tempo, it is. Where
            its onsets contradict it, the hint applies to the piece only and is ignored here.
        signature: Time signature that the musician fixed.
    """
    if len(notes) < _FEWEST:
        return _short(notes, tempo_hint or _FALLBACK, signature)
    bars = _bars(signature)
    counted = sorted(count_all(notes, heard, bars), key=lambda one: -one.score)
    candidates = _candidates(counted)
    hinted = sorted(count_all(notes, heard, bars, tempo_hint), key=lambda one: -one.score) if tempo_hint else []
    if tempo_hint and _follows(hinted[0], counted[0], tempo_hint, len(notes)):
        beats = _beats(notes, heard.phrases, hinted[0])
        return Pulse(tempo_hint, 1.0, beats, hinted[0].reading.time_signature, candidates)
    best = counted[0]
    beats = _beats(notes, heard.phrases, best)
    return Pulse(candidates[0].tempo_bpm, candidates[0].confidence, beats, best.reading.time_signature, candidates)


def _short(notes: Sequence[HummedNote], tempo: float, signature: str | None) -> Pulse:
    """Return the pulse of a hum that has too few notes for one."""
    first, period = notes[0].onset, 60 / tempo
    count = 2 + ceil((notes[-1].onset + notes[-1].duration - first) / period)
    beats = tuple(round(first + index * period, _DIGITS) for index in range(min(count, MAX_BEATS)))
    return Pulse(tempo, 0.0, beats, signature or "4/4", ())


def _bars(signature: str | None) -> Bars:
    """Return the time signatures to consider, by the parts into which beats divide."""
    if signature is None:
        return BARS
    meter = Meter.of(signature)
    return {3 if meter.compound else 2: {signature: meter.bar}}


def _candidates(counted: Sequence[Counted]) -> tuple[TempoCandidate, ...]:
    """Return the tempi of the readings, each with the share of the likelihood that readings at it have."""
    shares = [exp(one.score - counted[0].score) for one in counted]
    total, found = sum(shares), dict[float, float]()
    for one, share in zip(counted, shares, strict=True):
        tempo = next((known for known in found if same_tempo(known, one.tempo)), one.tempo)
        found[tempo] = found.get(tempo, 0.0) + share / total
    return tuple(
        TempoCandidate(round(tempo, _DIGITS), round(min(1.0, share), _DIGITS))
        for tempo, share in list(found.items())[:_CANDIDATES]
    )


def _follows(hinted: Counted, best: Counted, hint: float, count: int) -> bool:
    """Return whether a hum can be counted at a hinted tempo: a multiple of the best, or nearly as likely."""
    multiples = (1 / 3, 1 / 2, 1, 2, 3)
    return any(same_tempo(hint * multiple, best.tempo) for multiple in multiples) or (
        same_tempo(hinted.tempo, hint) and best.track.score - hinted.track.score < _DOUBT * count
    )


def _beats(notes: Sequence[HummedNote], phrases: Sequence[int], counted: Counted) -> tuple[float, ...]:
    """Return the seconds of the beats from the bar line that is closest to the first note."""
    track, reading = counted.track, counted.reading
    low = floor(track.places[0])
    points = [
        Point(place - low, note.onset) for place, note, met in zip(track.places, notes, track.met, strict=True) if met
    ]
    if len({point.place for point in points}) < 2:
        return _short(notes, counted.tempo, None).beats
    count = max(3, ceil(points[-1].place) + 1)
    smooth = smooth_beats(points, [track.places[index] - low for index in phrases[1:]], count)
    return _numbered(smooth, _bar_line(track.places[0], reading) - low, notes[-1].onset + notes[-1].duration)


def _bar_line(place: float, reading: Reading) -> float:
    """Return the bar line closest to a place; the one before it rather than one more than half a bar later."""
    line = reading.first + reading.bar * round((place - reading.first) / reading.bar)
    return line - reading.bar if line - place > 0.5 * reading.bar else line


def _numbered(times: Sequence[float], zero: float, end: float) -> tuple[float, ...]:
    """Return the times of beats from place `zero`, which may lie outside of `times`, to the end."""
    beats = BeatMap(tuple(times))
    count = 2
    while count < MAX_BEATS and beats.time(zero + count - 1) < end:
        count += 1
    return tuple(round(beats.time(zero + index), _DIGITS) for index in range(count))
