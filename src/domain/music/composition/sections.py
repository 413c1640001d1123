"""Form: which sections a piece has, how long each is in bars, and what each is for."""

from enum import StrEnum
from math import ceil, floor
from typing import Final

import msgspec

from domain.blueprints.blueprint import OutputKind, Section
from domain.music.composition.phrase_groups import Strain, hook
from domain.music.theory.meter import Meter

_SHORTEST_PREVIEW: Final = 15.3  # seconds, tail included; encoders add a little
_LONGEST_PREVIEW: Final = 29.6
_LONGEST_SONG: Final = 179.5
_PREVIEW_MUSIC: Final = 20.0  # seconds that a preview aims at, without its tail
_SONG_SECTION: Final = 18.0  # seconds of a verse
_SONG_MUSIC: Final = (78.0, 114.0)
_SHORT_BAR: Final = 1.8  # seconds: build-ups and endings take two of those

_QUIET_WORDS: Final = (
    "intro",
    "build",
    "leadin",
    "prelude",
    "opening",
    "break",
    "interlude",
    "outro",
    "ending",
    "coda",
)
_HOOK_WORDS: Final = ("chorus", "hook", "refrain", "drop", "finale")


class Role(StrEnum):
    """What a section does for the theme: leaves it out, tells it, or celebrates it."""

    QUIET = "quiet"
    VERSE = "verse"
    HOOK = "hook"


class Span(msgspec.Struct, frozen=True):
    """A section of the plan, in played bars."""

    name: str
    bars: int
    energy: float
    role: Role


def preview_sections(part: Strain, meter: Meter, beat_seconds: float, tail: float) -> tuple[Section, ...]:
    """Return a short build, the theme (twice, growing, where it is short), and an ending bar."""
    bar = meter.bar * beat_seconds
    frame = 1 if bar >= _SHORT_BAR else 2
    longest = floor((_LONGEST_PREVIEW - tail) / bar)
    build = frame if part.bars + 2 * frame <= longest else 0
    upbeat = 1 if part.pickup and not build else 0
    room = longest - build - frame
    times = max(1, min(room // part.bars, round((_PREVIEW_MUSIC / bar - build - frame) / part.bars)))
    first = times // 2 * part.bars
    last = min(times * part.bars + upbeat, room) - first
    return _written(
        meter,
        ("build", build, 0.35),
        ("theme", first, 0.6),
        ("climax" if first else "theme", max(1, last), 0.9 if first else 0.8),
        ("ending", frame, 0.5),
    )


def song_sections(parts: tuple[Strain, ...], meter: Meter, beat_seconds: float) -> tuple[Section, ...]:
    """Return intro, verse, chorus, verse, chorus and outro of 75–120 s altogether."""
    bar = meter.bar * beat_seconds
    verse, chorus = (_repeated(part.bars, bar, _SONG_SECTION) for part in (parts[0], parts[hook(parts)]))
    frame = max(1, 2 * round(3.7 / bar))
    missing = max(0.0, _SONG_MUSIC[0] / bar - 2 * frame - 2 * (verse + chorus))
    last = chorus + ceil(missing / parts[hook(parts)].bars) * parts[hook(parts)].bars
    excess = (2 * frame + 2 * verse + chorus + last) * bar > _SONG_MUSIC[1]
    return _written(
        meter,
        ("intro", frame, 0.25),
        ("verse", verse, 0.45),
        ("chorus", chorus, 0.85),
        ("verse", 0 if excess else verse, 0.55),
        ("chorus", last, 1.0),
        ("outro", frame, 0.3),
    )


def _repeated(bars: int, bar_seconds: float, seconds: float) -> int:
    return bars * max(1, round(seconds / (bars * bar_seconds)))


def _written(meter: Meter, *plan: tuple[str, int, float]) -> tuple[Section, ...]:
    """Return sections in written bars; played ones are fractions of them in very long or short meters."""
    return tuple(
        Section(name=name, bars=min(256, max(1, round(bars / meter.per_written))), energy=energy)
        for name, bars, energy in plan
        if bars
    )


def plan(
    sections: tuple[Section, ...], kind: OutputKind, meter: Meter, beat_seconds: float, tail: float
) -> tuple[Span, ...]:
    """Return the sections as they are played: 15–30 s for a preview, at most 180 s for a song, tail included."""
    spans = [
        Span(section.name, max(1, round(section.bars * meter.per_written)), section.energy, role_of(section.name))
        for section in sections
    ]
    if all(span.role is Role.QUIET for span in spans):
        spans = [msgspec.structs.replace(span, role=Role.VERSE) for span in spans]
    bar = meter.bar * beat_seconds
    longest = _LONGEST_PREVIEW if kind is OutputKind.PREVIEW else _LONGEST_SONG
    spans = _trimmed(spans, max(1, floor((longest - tail) / bar)))
    if kind is OutputKind.PREVIEW:
        spans = _extended(spans, ceil((_SHORTEST_PREVIEW - tail) / bar))
    return tuple(spans)


def role_of(name: str) -> Role:
    """Return what a section of this name is for."""
    word = "".join(letter for letter in name.lower() if letter.isalpha())
    if any(quiet in word for quiet in _QUIET_WORDS):
        return Role.QUIET
    return Role.HOOK if any(celebrated in word for celebrated in _HOOK_WORDS) else Role.VERSE


def _trimmed(spans: list[Span], bars: int) -> list[Span]:
    """Return the first sections that fit; openings without the theme give way first."""
    if sum(span.bars for span in spans) <= bars:
        return spans
    kept: list[Span] = []
    themes = next(index for index, span in enumerate(spans) if span.role is not Role.QUIET)
    for index, span in enumerate(spans):
        wanted = min(span.bars, max(1, bars // 8)) if index < themes else span.bars
        room = bars - sum(earlier.bars for earlier in kept)
        if index < themes and room <= themes - index:
            continue
        if room:
            kept.append(msgspec.structs.replace(span, bars=min(wanted, room)))
    return kept


def _extended(spans: list[Span], bars: int) -> list[Span]:
    """Return the sections with the liveliest one that tells the theme made longer, to so many bars altogether."""
    missing = bars - sum(span.bars for span in spans)
    if missing <= 0:
        return spans
    telling = [index for index, span in enumerate(spans) if span.role is not Role.QUIET]
    longest = max(telling, key=lambda index: (spans[index].energy, index))
    spans[longest] = msgspec.structs.replace(spans[longest], bars=spans[longest].bars + missing)
    return spans
