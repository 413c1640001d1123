"""Form: which sections a piece has, how long each is in bars, and what each does for the theme.

Section names follow the usual terms of popular song (intro, verse, chorus …); a name decides a section's role.
"""

from math import ceil, floor
from typing import Final

import msgspec

from domain.music.brief import PREVIEW_LENGTH, Brief, SectionPlan
from domain.music.composition.phrase_groups import hook_index
from domain.music.composition.theme import theme_of
from domain.music.model import SectionRole
from domain.music.theory.meter import Meter

_PREVIEW_MUSIC: Final = 20.0  # seconds that a preview aims at, without its tail
_SONG_SECTION: Final = 18.0  # seconds of a verse
_SONG_FRAME: Final = 3.7  # seconds of half an intro or outro
_SONG_MUSIC: Final = (
    78.0,
    114.0,
)  # seconds: the last chorus grows to reach the first, the second verse goes past the other
_SHORT_BAR: Final = 1.8  # seconds: build-ups and endings take two of those
_MOST_BARS: Final = 256  # of a section, as in a blueprint
_OPENING_SHARE: Final = 8  # an opening takes at most an eighth of a piece that must be trimmed

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


class PlayedSection(msgspec.Struct, frozen=True):
    """A section as it is played, in bars as they are felt."""

    name: str
    bars: int
    energy: float
    role: SectionRole


def plan_preview(brief: Brief) -> tuple[SectionPlan, ...]:
    """Return a short build, the theme (twice, growing, where it is short), and an ending bar."""
    meter, group = brief.meter, theme_of(brief)[0]
    bar = meter.bar * brief.beat_seconds
    frame = 1 if bar >= _SHORT_BAR else 2
    longest = floor((PREVIEW_LENGTH.longest - brief.style.tail) / bar)
    build = frame if group.bars + 2 * frame <= longest else 0
    upbeat = 1 if group.pickup and not build else 0
    room = longest - build - frame
    times = max(1, min(room // group.bars, round((_PREVIEW_MUSIC / bar - build - frame) / group.bars)))
    first = times // 2 * group.bars
    last = min(times * group.bars + upbeat, room) - first
    return _in_written_bars(
        meter,
        ("build", build, 0.35),
        ("theme", first, 0.6),
        ("climax" if first else "theme", max(1, last), 0.9 if first else 0.8),
        ("ending", frame, 0.5),
    )


def plan_song(brief: Brief) -> tuple[SectionPlan, ...]:
    """Return intro, verse, chorus, verse, chorus and outro of 75–120 s altogether."""
    meter, groups = brief.meter, theme_of(brief)
    bar, hook = meter.bar * brief.beat_seconds, groups[hook_index(groups)]
    verse, chorus = (_repeated(group.bars, bar, _SONG_SECTION) for group in (groups[0], hook))
    frame = max(1, 2 * round(_SONG_FRAME / bar))
    missing = max(0.0, _SONG_MUSIC[0] / bar - 2 * frame - 2 * (verse + chorus))
    last = chorus + ceil(missing / hook.bars) * hook.bars
    excess = (2 * frame + 2 * verse + chorus + last) * bar > _SONG_MUSIC[1]
    return _in_written_bars(
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


def _in_written_bars(meter: Meter, *sections: tuple[str, int, float]) -> tuple[SectionPlan, ...]:
    """Return sections in written bars; played ones are fractions of them in very long or short meters."""
    return tuple(
        SectionPlan(name, min(_MOST_BARS, max(1, round(bars / meter.per_written))), energy)
        for name, bars, energy in sections
        if bars
    )


def fit_sections(brief: Brief) -> tuple[PlayedSection, ...]:
    """Return the sections as they are played, trimmed and extended to the brief's length."""
    meter, tail = brief.meter, brief.style.tail
    sections = [
        PlayedSection(section.name, max(1, round(section.bars * meter.per_written)), section.energy, role)
        for section, role in zip(brief.sections, _roles(brief.sections), strict=True)
    ]
    bar = meter.bar * brief.beat_seconds
    sections = _trimmed(sections, max(1, floor((brief.length.longest - tail) / bar)))
    return tuple(_extended(sections, ceil((brief.length.shortest - tail) / bar)))


def _roles(sections: tuple[SectionPlan, ...]) -> list[SectionRole]:
    """Return what the sections are for; where all would be quiet, all of them state the theme."""
    roles = [role_of(section.name) for section in sections]
    return [SectionRole.VERSE] * len(roles) if set(roles) == {SectionRole.QUIET} else roles


def role_of(name: str) -> SectionRole:
    """Return what a section of this name is for."""
    letters = "".join(letter for letter in name.lower() if letter.isalpha())
    if any(word in letters for word in _QUIET_WORDS):
        return SectionRole.QUIET
    return SectionRole.HOOK if any(word in letters for word in _HOOK_WORDS) else SectionRole.VERSE


def _trimmed(sections: list[PlayedSection], bars: int) -> list[PlayedSection]:
    """Return the first sections that fit; openings without the theme are shortened first."""
    if sum(section.bars for section in sections) <= bars:
        return sections
    kept: list[PlayedSection] = []
    opening = next(index for index, section in enumerate(sections) if section.role is not SectionRole.QUIET)
    for index, section in enumerate(sections):
        wanted = min(section.bars, max(1, bars // _OPENING_SHARE)) if index < opening else section.bars
        room = bars - sum(earlier.bars for earlier in kept)
        if index < opening and room <= opening - index:
            continue
        if room:
            kept.append(msgspec.structs.replace(section, bars=min(wanted, room)))
    return kept


def _extended(sections: list[PlayedSection], bars: int) -> list[PlayedSection]:
    """Return the sections with the liveliest one that states the theme made longer, to so many bars altogether."""
    missing = bars - sum(section.bars for section in sections)
    if missing <= 0:
        return sections
    stating = [index for index, section in enumerate(sections) if section.role is not SectionRole.QUIET]
    longest = max(stating, key=lambda index: (sections[index].energy, index))
    sections[longest] = msgspec.structs.replace(sections[longest], bars=sections[longest].bars + missing)
    return sections
