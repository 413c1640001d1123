"""What a section's name and its `prompt` ask for: its role, its beat, and how big it is.

Names follow the usual terms of popular song (intro, verse, chorus, bridge …).
"""

from typing import Final

from domain.music.score import SectionRole

_QUIET: Final = (
    *("intro", "build", "leadin", "prelude", "opening", "breakdown", "break", "interlude"),
    *("outro", "ending", "coda"),
)
_HOOK: Final = ("chorus", "hook", "refrain", "drop", "finale", "theme", "lift", "climax")
_BRIDGE: Final = ("bridge", "middle8", "middleeight")
_SOLO: Final = ("solo", "instrumental")
_ROLES: Final = (
    (SectionRole.BRIDGE, _BRIDGE),
    (SectionRole.SOLO, _SOLO),
    (SectionRole.QUIET, _QUIET),
    (SectionRole.HOOK, _HOOK),
)
"""The first that matches counts: a `bridge breakdown` is a bridge."""

_HALF_TIME: Final = ("halftime", "halfspeed")
_SOFT: Final = ("quiet", "soft", "calm", "sparse", "gentle", "thin")
_BIG: Final = ("big", "huge", "loud", "massive", "epic", "full")
_SOFTENED: Final = 0.6  # share of the energy that a soft section keeps
_BIG_ENERGY: Final = 0.95  # that a big section has at least


def role_of(name: str, prompt: str = "") -> SectionRole:
    """Return what a section is for: its name decides, else its prompt; a verse where neither says."""
    for text in (_letters(name), _letters(prompt)):
        for role, words in _ROLES:
            if any(word in text for word in words):
                return role
    return SectionRole.VERSE


def is_half_time(name: str, prompt: str = "") -> bool:
    """Return whether the drums play at half their speed: where the words say so, and in bridges."""
    return any(word in _letters(name + prompt) for word in _HALF_TIME) or role_of(name, prompt) is SectionRole.BRIDGE


def energy_of(energy: float, name: str, prompt: str) -> float:
    """Return a section's energy, 0..1, as its words change it."""
    words = _letters(f"{name} {prompt}")
    if any(word in words for word in _SOFT):
        return energy * _SOFTENED
    return max(energy, _BIG_ENERGY) if any(word in words for word in _BIG) else energy


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
