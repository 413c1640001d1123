"""A grammar of melodies: a form of phrases, phrases of bars, bars of rhythm cells; phrases recur, vary and cadence.

A tune has phrases of two, four or eight bars in a form such as AABA. Bars inside a phrase share their rhythm; where
they do, the second may be a sequence of the first. Phrases end on a long note and a rest, the last one mostly, not
always, on the tonic. All phrases of a tune begin on the bar line, or all with a pick-up.
"""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from training.tunes.metres import METRES, Metre, bar_rhythm
from training.tunes.phrases import MODES, Voice, line

_FORMS: Final = ("AABA", "ABAC", "AABB", "ABAB", "ABCB", "ABCD", "ABAA")
_BARS: Final = {2: ("ae",), 4: ("aabe", "abae", "abce", "aaae"), 8: ("abacaabe", "abcdabce", "aabbaabe")}
_MODE_SHARES: Final = (0.4, 0.24, 0.07, 0.07, 0.02, 0.02, 0.11, 0.07)
_INNER: Final = ((0,), (4,), (1,), (2,), (6, 4))
_FINAL: Final = ((0,), (2,), (4,), (1, 5))


class WrittenNote(msgspec.Struct, frozen=True):
    """A written note: start in beats from the first bar line, length in beats, MIDI number."""

    start: float
    beats: float
    pitch: int


class Tune(msgspec.Struct, frozen=True, kw_only=True):
    """A written tune; `phrases` are the indices of each phrase's first note."""

    notes: tuple[WrittenNote, ...]
    phrases: tuple[int, ...]
    time_signature: str
    tempo_bpm: float
    tonic: int
    mode: str


class _Phrase(msgspec.Struct, frozen=True):
    """Starts in beats from the phrase's first bar line (a pick-up is negative), lengths, and steps of the scale."""

    starts: tuple[float, ...]
    beats: tuple[float, ...]
    places: tuple[int, ...]


class _Plan(msgspec.Struct, frozen=True):
    metre: Metre
    tempo_bpm: float
    voice: Voice
    bars: int
    pickup: tuple[float, ...]
    note_seconds: float


def compose(
    rng: np.random.Generator, *, seconds: float, lowest: int, time_signature: str, tempo_bpm: float, mode: str
) -> Tune:
    """Return a random tune of about so many seconds; see `performance.perform` for the arguments."""
    metre, tonic = METRES[time_signature], int(rng.integers(12))
    home = lowest + (tonic - lowest) % 12
    voice = _voice(home, MODES[mode], lowest, lowest + int(rng.integers(12, 20)))
    total = seconds * tempo_bpm / 60 / metre.beats
    bars = int(rng.choice([2, 4, 8], p=_bar_shares(metre.beats * 60 / tempo_bpm)))
    pickup = _pickup(rng, metre) if rng.random() < 0.4 else ()
    plan = _Plan(
        metre, tempo_bpm, voice, bars, pickup, float(np.exp(rng.normal(np.log(0.45), 0.3)) * np.sqrt(100 / tempo_bpm))
    )
    form = str(rng.choice(_FORMS))
    count = max(1, round(total / bars))
    phrases = _phrases(rng, plan, (form * count)[:count])
    notes, firsts = list[WrittenNote](), list[int]()
    for index, phrase in enumerate(phrases):
        firsts.append(len(notes))
        notes += _written(rng, plan, phrase, index * bars * metre.beats, minor=mode == "minor")
    return Tune(
        notes=tuple(notes), phrases=tuple(firsts), time_signature=time_signature,
        tempo_bpm=tempo_bpm, tonic=tonic, mode=mode,
    )  # fmt: skip


def random_mode(rng: np.random.Generator) -> str:
    """Return a mode, major and minor most often."""
    return str(rng.choice(list(MODES), p=np.array(_MODE_SHARES) / sum(_MODE_SHARES)))


def _voice(home: int, steps: tuple[int, ...], low: int, high: int) -> Voice:
    every = Voice(steps, home, -99, 99)
    inside = [place for place in range(-12, 24) if low <= every.pitch(place) <= high]
    return Voice(steps, home, inside[0], inside[-1])


def _bar_shares(bar_seconds: float) -> list[float]:
    """Return how likely phrases of 2, 4 and 8 bars are: a breath lasts some two to seven seconds."""
    fit = np.exp(-1.5 * np.log(np.array([2, 4, 8]) * bar_seconds / 4.5) ** 2)
    return [float(share) for share in fit / fit.sum()]


def _pickup(rng: np.random.Generator, metre: Metre) -> tuple[float, ...]:
    if metre.parts == 3:
        return ((1 / 3,), (1 / 3, 1 / 3), (1.0,))[int(rng.integers(3))]
    choices = ((1.0,), (0.5,), (0.5, 0.5), (1.0, 1.0), (0.5, 0.5, 0.5), (1.0, 0.5, 0.5))
    return choices[int(rng.choice(6 if metre.beats > 2 else 3))]


def _phrases(rng: np.random.Generator, plan: _Plan, form: str) -> list[_Phrase]:
    known, phrases = dict[str, _Phrase](), list[_Phrase]()
    rhythms = {name: bar_rhythm(rng, plan.metre, plan.tempo_bpm, plan.note_seconds) for name in "abcd"}
    for index, letter in enumerate(form):
        last = index == len(form) - 1
        end = (_FINAL if last else _INNER)[
            int(rng.choice(4, p=[0.72, 0.12, 0.1, 0.06] if last else [0.28, 0.32, 0.2, 0.2]))
        ]
        if letter in known and rng.random() < 0.85:
            phrase = known[letter]
            ending = (*phrase.places[:-1], plan.voice.nearest(phrase.places[-1], end))
            phrases.append(_Phrase(phrase.starts, phrase.beats, ending) if last or rng.random() < 0.4 else phrase)
            continue
        if letter != "A" and rng.random() < 0.4:
            rhythms["a"] = bar_rhythm(rng, plan.metre, plan.tempo_bpm, plan.note_seconds)
        known[letter] = _new_phrase(rng, plan, rhythms, end)
        phrases.append(known[letter])
    return phrases


def _new_phrase(
    rng: np.random.Generator, plan: _Plan, rhythms: dict[str, tuple[float, ...]], end: tuple[int, ...]
) -> _Phrase:
    pattern = str(rng.choice(_BARS[plan.bars]))
    bars = [rhythms[name] if name != "e" else _ending(rng, plan) for name in pattern]
    beats = [*plan.pickup, *(length for rhythm in bars for length in rhythm)]
    starts = [float(start) for start in np.cumsum([0.0, *beats[:-1]]) - sum(plan.pickup)]
    begin = plan.voice.nearest(int(rng.integers(-2, 6)), [0, 2, 4] if rng.random() < 0.8 else [4, 5, 6])
    places = line(rng, plan.voice, plan.metre, starts, begin=begin, end=end)
    firsts = [len(plan.pickup) + sum(len(rhythm) for rhythm in bars[:index]) for index in range(len(bars) + 1)]
    for (first, second), (left, right) in zip(pairwise(firsts), pairwise(pattern), strict=False):
        if left == right and rng.random() < 0.5:
            shift = int(rng.choice([-2, -1, -1, 0, 1, 1, 2]))
            moved = [places[first + at] + shift for at in range(second - first)]
            if all(plan.voice.lowest <= place <= plan.voice.highest for place in moved):
                places[second : second + len(moved)] = moved
    return _Phrase(tuple(starts), tuple(beats), tuple(places))


def _ending(rng: np.random.Generator, plan: _Plan) -> tuple[float, ...]:
    """Return the rhythm of a phrase's last bar: a long note on a strong beat, and room for the next pick-up."""
    bar, room = plan.metre.beats, sum(plan.pickup)
    before = [0.0] if rng.random() < 0.6 or bar == 2 else [float(rng.integers(1, bar - 1))]
    rest = bar - room - before[0]
    if rest < 0.5:
        before, rest = [0.0], max(bar - room, 0.5)
    lead = [1.0] * int(before[0])
    if lead and plan.tempo_bpm < 100 and plan.metre.parts == 2 and rng.random() < 0.4:
        lead[-1:] = [0.5, 0.5]
    return (*lead, rest)


def _written(rng: np.random.Generator, plan: _Plan, phrase: _Phrase, at: float, *, minor: bool) -> list[WrittenNote]:
    notes, places = list[WrittenNote](), phrase.places
    raised = minor and rng.random() < 0.6
    for index, (start, beats, place) in enumerate(zip(phrase.starts, phrase.beats, places, strict=True)):
        pitch, rising = plan.voice.pitch(place), index + 1 < len(places) and places[index + 1] == place + 1
        if raised and rising and (pitch - plan.voice.home) % 12 == 10:
            pitch += 1
        elif index and rising and plan.metre.strength(start) < 0.5 and rng.random() < 0.015:
            pitch = plan.voice.pitch(place + 1) - 1
        notes.append(WrittenNote(at + start, beats, pitch))
    return notes
