"""Form: which sections a piece has, how long each is in bars, and what each does for the theme."""

from math import ceil, floor
from typing import Final

import msgspec

from domain.music.brief import PREVIEW_LENGTH, Brief, SectionPlan
from domain.music.composition.phrase_groups import hook_index
from domain.music.composition.section_words import energy_of, is_half_time, role_of
from domain.music.composition.theme import theme_of
from domain.music.score import SectionRole
from domain.music.theory.meter import Meter

_PREVIEW_MUSIC: Final = 20.0  # seconds that a preview aims at, without its tail
_SONG_SECTION: Final = 18.0  # seconds of a verse
_SONG_FRAME: Final = 3.7  # seconds of an intro or outro
_SONG_MUSIC: Final = (78.0, 114.0)
"""Seconds of music: the last chorus grows to reach the first; the richest form that the second admits is taken."""

_VERSE, _CHORUS, _BRIDGE = "verse", "chorus", "bridge"
_FORMS: Final = (
    (_VERSE, _CHORUS, _VERSE, _CHORUS, _BRIDGE, _CHORUS),
    (_VERSE, _CHORUS, _VERSE, _BRIDGE, _CHORUS),
    (_VERSE, _CHORUS, _BRIDGE, _CHORUS),
    (_VERSE, _CHORUS, _CHORUS),
)
_ENERGIES: Final = {_VERSE: (0.4, 0.5), _CHORUS: (0.8, 0.88, 1.0), _BRIDGE: (0.35,)}
"""Of each section of a name in turn; the last chorus always has the most."""

_FULL: Final = 0.95  # energy of a chorus that has everything
_SHORT_BAR: Final = 1.8  # seconds: build-ups and endings take two of those
_MOST_BARS: Final = 256  # of a section, as in a blueprint
_OPENING_SHARE: Final = 8  # an opening takes at most an eighth of a piece that must be trimmed


class PlayedSection(msgspec.Struct, frozen=True):
    """A section as it is played, in bars as they are felt; `half_time` halves the speed of its drums."""

    name: str
    bars: int
    energy: float
    role: SectionRole
    half_time: bool = False

    @property
    def is_full_hook(self) -> bool:
        """Whether it is a chorus at full energy: the last one of a song, which is reharmonised and lifted."""
        return self.role is SectionRole.HOOK and self.energy >= _FULL


def plan_preview(brief: Brief) -> tuple[SectionPlan, ...]:
    """Return a small arc: a short build, the hook, the hook lifted, and an ending bar.

    A long hook is stated once and lifted half-way, a short one as often as there is time for.
    """
    meter, groups = brief.meter, theme_of(brief)
    group, bar = groups[hook_index(groups)], meter.bar * brief.beat_seconds
    frame = 1 if bar >= _SHORT_BAR else 2
    longest = floor((PREVIEW_LENGTH.longest - brief.style.tail) / bar)
    build = frame if group.bars + 2 * frame <= longest else 0
    upbeat = 1 if group.pickup and not build else 0
    room = longest - build - frame
    times = max(1, min(room // group.bars, round((_PREVIEW_MUSIC / bar - build - frame) / group.bars)))
    whole = max(1, min(times * group.bars + upbeat, room))
    first = times // 2 * group.bars if times > 1 else whole // 2
    return _in_written_bars(
        meter,
        ("build", build, 0.35),
        ("theme", first, 0.55),
        ("lift", whole - first, 0.92),
        ("ending", frame, 0.5),
    )


def plan_song(brief: Brief) -> tuple[SectionPlan, ...]:
    """Return a song: an intro, verses and choruses that grow, a bridge where there is time, an outro.

    It lasts 75–120 s, or as long as it takes to sing a long hum whole, three minutes at most.
    """
    meter, groups = brief.meter, theme_of(brief)
    bar, hook = meter.bar * brief.beat_seconds, groups[hook_index(groups)]
    frame = max(1, round(_SONG_FRAME / bar))
    told = [group.bars for group in groups if group is not hook] or [hook.bars]
    bars = {
        _VERSE: _repeated(told[0], bar, _SONG_SECTION),
        _CHORUS: _repeated(hook.bars, bar, _SONG_SECTION),
        _BRIDGE: max(2, 2 * round(_SONG_SECTION / 4 / bar)),
    }
    lengths = [2 * frame + sum(bars[name] for name in form) for form in _FORMS]
    fitting = [index for index, length in enumerate(lengths) if length * bar <= _SONG_MUSIC[1]]
    chosen = min(fitting, default=len(_FORMS) - 1)
    spare = floor((brief.length.longest - brief.style.tail) / bar) - lengths[chosen]
    verses = _verses(told, _FORMS[chosen].count(_VERSE), bars[_VERSE], spare)
    middle = [
        (name, verses.pop(0) if name == _VERSE else bars[name], each) for name, each in _with_energies(_FORMS[chosen])
    ]
    missing = max(0.0, _SONG_MUSIC[0] / bar - lengths[chosen])
    name, length, energy = middle.pop()
    last = (name, length + ceil(missing / hook.bars) * hook.bars, energy)
    return _in_written_bars(meter, ("intro", frame, 0.25), *middle, last, ("outro", frame, 0.35))


def _verses(groups: list[int], count: int, usual: int, spare: int) -> list[int]:
    """Return the bars of each verse: as usual, or as many as its share of the groups has, while bars are left."""
    share = ceil(len(groups) / count)
    verses = []
    for first in range(0, share * count, share):
        wanted = max(usual, sum(groups[first : first + share]))
        verses.append(usual + min(spare, wanted - usual))
        spare -= verses[-1] - usual
    return verses


def _with_energies(form: tuple[str, ...]) -> list[tuple[str, float]]:
    """Return the names with their energies, which rise from one section of a name to the next."""
    seen = [form[:index].count(name) for index, name in enumerate(form)]
    rising = [
        (name, _ENERGIES[name][min(times, len(_ENERGIES[name]) - 1)]) for name, times in zip(form, seen, strict=True)
    ]
    return [*rising[:-1], (form[-1], _ENERGIES[form[-1]][-1])]


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
    meter, tail, character = brief.meter, brief.style.tail, brief.style.character
    sections = [
        PlayedSection(
            name=section.name,
            bars=max(1, round(section.bars * meter.per_written)),
            energy=min(1.0, max(0.0, energy_of(section.energy, section.name, section.prompt) + character.energy)),
            role=role,
            half_time=is_half_time(section.name, section.prompt),
        )
        for section, role in zip(brief.sections, _roles(brief.sections), strict=True)
    ]
    bar = meter.bar * brief.beat_seconds
    sections = _trimmed(sections, max(1, floor((brief.length.longest - tail) / bar)))
    return tuple(_extended(sections, ceil((brief.length.shortest - tail) / bar)))


def _roles(sections: tuple[SectionPlan, ...]) -> list[SectionRole]:
    """Return what the sections are for; where all would be quiet, all of them state the theme."""
    roles = [role_of(section.name, section.prompt) for section in sections]
    return [SectionRole.VERSE] * len(roles) if set(roles) == {SectionRole.QUIET} else roles


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
