"""Written melodies with key, metre and phrases: random ones, and the tune of `examples/hum.wav`."""

import random
from typing import Final

import msgspec

from domain.music.theory.scale import Scale

MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
PATTERNS: Final = {
    4: ((1, 1, 1, 1), (2, 1, 1), (1, 1, 2), (0.5, 0.5, 1, 1, 1), (1.5, 0.5, 1, 1), (1, 0.5, 0.5, 2), (1.5, 0.5, 2)),
    3: ((1, 1, 1), (2, 1), (1.5, 0.5, 1), (1, 0.5, 0.5, 1), (1, 2)),
}
ENDINGS: Final = {4: ((2,), (3,), (1, 2), (1, 1, 1)), 3: ((2,), (1, 1), (2.5,))}
STEPS: Final = (-3, -2, -1, 0, 1, 2, 3)
WEIGHTS: Final = (3, 9, 27, 14, 27, 12, 4)


class Note(msgspec.Struct, frozen=True):
    """A written note: start and length in beats (beat 0 is a downbeat, pick-ups are negative), MIDI pitch."""

    start: float
    beats: float
    pitch: int


class Melody(msgspec.Struct, frozen=True, kw_only=True):
    """A written tune; `phrases` are the indices of each phrase's first note."""

    notes: tuple[Note, ...]
    key: str
    tempo_bpm: float
    beats_per_bar: int = 4
    phrases: tuple[int, ...] = (0,)


def random_melody(seed: int) -> Melody:
    """Compose a diatonic tune of 8–20 s: two to four phrases of two bars, male or female range."""
    rng = random.Random(seed)  # noqa: S311 - the seed is the point
    minor, tonic, metre = rng.random() < 0.45, rng.randrange(12), 3 if rng.random() < 0.2 else 4
    low = rng.choice((45, 57)) + rng.randrange(5)
    tempo = round(rng.uniform(60, 130), 1)
    home = low + (tonic - low) % 12
    ladder = _ladder(home, minor=minor, low=low - 2, high=low + 17)
    bars = max(4, min(8, round(rng.uniform(9, 16) * tempo / 60 / metre / 2) * 2))
    notes, phrases = _compose(rng, ladder, home, metre, bars)
    if minor and rng.random() < 0.6:
        notes = [_raised(notes, i, home) for i in range(len(notes))]
    return Melody(
        notes=tuple(notes),
        key=Scale(tonic, minor).name,
        tempo_bpm=tempo,
        beats_per_bar=metre,
        phrases=tuple(phrases),
    )


def our_tune() -> Melody:
    """Return the tune of `examples/hum.wav`: eight bars in D minor, a question, a climb and the way home."""
    beats = (
        "A3 1 | D4 1.5 E4 .5 F4 1 D4 1 | G4 1 F4 1 E4 1 - A3 1 | F4 1.5 G4 .5 A4 1 F4 1 | A4 3 - "
        "A4 1 | Bb4 1.5 A4 .5 G4 1 Bb4 1 | A4 1 A4 .5 G4 .5 F4 1 - D4 1 | E4 1 F4 .5 G4 .5 E4 1 C#4 1 | D4 3"
    )
    names = {"C#": 1, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "Bb": 10}
    at, notes, phrases, words = -1.0, list[Note](), [0], iter(beats.replace("|", "").split())
    for word in words:
        if word == "-":
            phrases.append(len(notes))
            continue
        length = float(next(words))
        notes.append(Note(at, length, 12 * (int(word[-1]) + 1) + names[word[:-1]]))
        at += length
    ends = {index - 1 for index in phrases[1:]}
    breathing = [Note(n.start, n.beats - 0.6 * (i in ends), n.pitch) for i, n in enumerate(notes)]
    return Melody(notes=tuple(breathing), key="Dm", tempo_bpm=120.0, phrases=tuple(phrases))


def _ladder(home: int, *, minor: bool, low: int, high: int) -> list[int]:
    scale = {(home + step) % 12 for step in (MINOR if minor else MAJOR)}
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in scale]


def _compose(rng: random.Random, ladder: list[int], home: int, metre: int, bars: int) -> tuple[list[Note], list[int]]:
    motif = [rng.choice(PATTERNS[metre]) for _ in range(2)]
    notes, phrases = list[Note](), list[int]()
    place = ladder.index(home) if home in ladder else len(ladder) // 2
    place = _nearest(ladder, place, {home % 12, (home + 7) % 12} if rng.random() < 0.85 else None)
    if rng.random() < 0.3:
        notes.append(Note(-1.0, 1.0, ladder[_nearest(ladder, place - 2, {(home + 7) % 12})]))
        phrases.append(0)
    for bar in range(bars):
        closing = bar % 2 == 1
        if bar % 2 == 0 and not (bar == 0 and notes):
            phrases.append(len(notes))
        rhythm = (
            rng.choice(ENDINGS[metre]) if closing else motif[0] if rng.random() < 0.6 else rng.choice(PATTERNS[metre])
        )
        at = float(bar * metre)
        for index, beats in enumerate(rhythm):
            last = closing and index == len(rhythm) - 1
            place = _next(rng, ladder, place, home, strong=index == 0 and bar > 0, last=last, end=bar == bars - 1)
            notes.append(Note(at, float(beats), ladder[place]))
            at += beats
    return notes, phrases


def _next(rng: random.Random, ladder: list[int], place: int, home: int, *, strong: bool, last: bool, end: bool) -> int:
    middle = (len(ladder) - 1) / 2
    step = rng.choices(STEPS, WEIGHTS)[0]
    if rng.random() < abs(place - middle) / len(ladder):
        step = -1 if place > middle else 1
    moved = min(max(place + step, 0), len(ladder) - 1)
    third = next(p for p in ladder if (p - home) % 12 in {3, 4})
    if last and end:
        return _nearest(ladder, moved, {home % 12} if rng.random() < 0.9 else {third % 12})
    if last:
        return _nearest(ladder, moved, {home % 12, third % 12, (home + 7) % 12, (home + 2) % 12})
    if strong and rng.random() < 0.6:
        return _nearest(ladder, moved, {home % 12, third % 12, (home + 7) % 12})
    return moved


def _nearest(ladder: list[int], place: int, classes: set[int] | None) -> int:
    place = min(max(place, 0), len(ladder) - 1)
    if classes is None:
        return place
    return min((i for i in range(len(ladder)) if ladder[i] % 12 in classes), key=lambda i: abs(i - place))


def _raised(notes: list[Note], index: int, home: int) -> Note:
    note = notes[index]
    leads = index + 1 < len(notes) and (notes[index + 1].pitch - home) % 12 == 0 and notes[index + 1].pitch > note.pitch
    return Note(note.start, note.beats, note.pitch + 1) if leads and (note.pitch - home) % 12 == 10 else note
