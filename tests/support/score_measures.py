"""Measures of a score: how much of it repeats, how its voices fit together, and how exactly its players play together.

Bars are compared as a listener hears them: notes quantised to sixteenths, and velocities that differ by less than half
of one of three tiers are the same (a border between tiers would take the players' unevenness for a change).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from domain.music.instruments import Drum
from domain.music.score import Part, Score, ScoreNote

_HALVES: Final = {4: (2,), 6: (3,), 2: (), 3: ()}

Bar = dict[tuple[str, int, int], float]
"""The notes of a bar: the velocity by part, sixteenth and pitch."""

SAME_VELOCITY: Final = 1 / 6
HELD_SECONDS: Final = 0.35
"""A lead note of this length is heard against the chord."""


def bars_of(score: Score, parts: tuple[Part, ...] | None = None) -> list[Bar]:
    """Return the bars of a score, or of some of its parts."""
    count = len(score.bar_lines) - 1
    found: list[Bar] = [{} for _ in range(count)]
    for part in score.parts if parts is None else parts:
        for note in part.notes:
            at = score.bar_at(note.start)
            index = min(count - 1, int(at + 0.03))
            place = round((at - index) * score.beats_per_bar * 4)
            found[index][part.name, place, note.pitch] = note.velocity
    return found


def same(bar: Bar, other: Bar) -> bool:
    """Return whether two bars sound the same."""
    return bar.keys() == other.keys() and all(abs(bar[key] - other[key]) < SAME_VELOCITY for key in bar)


def longest_repeat(score: Score) -> int:
    """Return the most bars in a row that sound again later, all parts together."""
    bars = bars_of(score)
    longest = 0
    for distance in range(1, len(bars)):
        run = 0
        for early, late in zip(bars, bars[distance:], strict=False):
            run = run + 1 if early and same(early, late) else 0
            longest = max(longest, run)
    return longest


def groove_change(score: Score) -> float:
    """Return the share of bars with drums that differ from the bar before: by a fill, a tier or a part that enters."""
    drums = bars_of(score, tuple(part for part in score.parts if part.instrument.is_kit))
    playing = [{name for name, *_ in bar} for bar in bars_of(score)]
    pairs = [index for index in range(1, len(drums)) if drums[index] and drums[index - 1]]
    changed = [not same(drums[i], drums[i - 1]) or bool(playing[i] - playing[i - 1]) for i in pairs]
    return sum(changed) / max(1, len(changed))


def minor_ninths(score: Score) -> float:
    """Return the share of held lead notes that lie a minor ninth above a note that sounds with them."""
    lead = next(part for part in score.parts if part.name == score.lead)
    others = [note for part in score.parts if part is not lead and not part.instrument.is_kit for note in part.notes]
    held = [note for note in lead.notes if note.duration >= HELD_SECONDS]
    grinding = [note for note in held if any(_grinds(note, other) for other in others)]
    return len(grinding) / max(1, len(held))


def _grinds(note: ScoreNote, other: ScoreNote) -> bool:
    interval = note.pitch - other.pitch
    together = min(note.start + note.duration, other.start + other.duration) - max(note.start, other.start)
    return interval > 0 and interval % 12 == 1 and together > 0.5 * min(note.duration, other.duration)


def strong_chord_tones(score: Score) -> float:
    """Return the share of the lead's notes on strong beats that belong to the chord, or are prepared: sung before."""
    lead = next(part for part in score.parts if part.name == score.lead)
    fitting, strong = 0, 0
    for before, note in pairwise((None, *lead.notes)):
        assert note is not None
        place = score.bar_at(note.start) % 1 * score.beats_per_bar
        if not any(
            abs(place - accent) < 0.12 for accent in (0, score.beats_per_bar, *_HALVES.get(score.beats_per_bar, ()))
        ):
            continue
        strong += 1
        chord = next((c for c in score.chords if note.start < c.start + c.duration - 0.03), score.chords[-1])
        prepared = before is not None and before.pitch == note.pitch
        fitting += prepared or note.pitch % 12 in {pitch % 12 for pitch in chord.pitches}
    return fitting / max(1, strong)


def root_basses(score: Score) -> float:
    """Return the share of chord changes at which the bass plays the root."""
    bass = next((part for part in score.parts if part.name == "bass"), None)
    if bass is None:
        return 1.0
    rooted = [
        _lowest_at(bass, chord.start + 0.07) % 12 == chord.pitches[0] % 12
        for chord in score.chords
        if _lowest_at(bass, chord.start + 0.07) >= 0
    ]
    return sum(rooted) / max(1, len(rooted))


def parallels(score: Score) -> float:
    """Return the share of moves of bass and lead together that are parallel fifths or octaves."""
    bass = next((part for part in score.parts if part.name == "bass"), None)
    lead = next(part for part in score.parts if part.name == score.lead)
    if bass is None:
        return 0.0
    pairs = list(_outer_voices(score, bass, lead))
    bad = moves = 0
    for (low, high), (next_low, next_high) in pairwise(pairs):
        if low == next_low or high == next_high or min(low, high, next_low, next_high) < 0:
            continue
        moves += 1
        same_way = (next_low > low) == (next_high > high)
        bad += same_way and (high - low) % 12 == (next_high - next_low) % 12 and (high - low) % 12 in {0, 7}
    return bad / max(1, moves)


def _outer_voices(score: Score, bass: Part, lead: Part) -> Iterator[tuple[int, int]]:
    for chord in score.chords:
        yield _lowest_at(bass, chord.start + 0.07), _lowest_at(lead, chord.start + 0.07)


def _lowest_at(part: Part, second: float) -> int:
    """Return the lowest pitch that sounds, −1 where nothing does."""
    sounding = [note.pitch for note in part.notes if note.start <= second < note.start + note.duration]
    return min(sounding, default=-1)


def flams(score: Score) -> list[float]:
    """Return the milliseconds between lead notes and the hats on the same sixteenth."""
    lead = next(part for part in score.parts if part.name == score.lead)
    hats = sorted(
        note.start
        for part in score.parts
        if part.instrument.is_kit
        for note in part.notes
        if note.pitch in {Drum.CLOSED_HAT, Drum.OPEN_HAT, Drum.RIDE, Drum.SHAKER}
    )
    sixteenth = 15 / score.tempo_bpm
    apart = [min((abs(note.start - hat) for hat in hats), default=9.0) for note in lead.notes]
    return [1000 * gap for gap in apart if gap < 0.35 * sixteenth]
