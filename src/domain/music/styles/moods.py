"""Moods: words that change how a style is played, whatever the style."""

from enum import Enum
from typing import Literal, Self

import msgspec


class Character(msgspec.Struct, frozen=True, kw_only=True):
    """What moods change; the default changes nothing. Of several moods, the changes add up.

    Attributes:
        mode: The mode that the piece takes where the musician fixed no key: the relative one of the hum's.
        tempo: Factor, where the musician fixed no tempo.
        energy: Added to the energy of every section.
        register: Semitones that the lead lies higher.
        reverb: Factor of the length of the room.
        reverb_db: Added to its level.
        slope_db: Added to the slope of the spectrum, dB per octave: above 0 is brighter.
    """

    mode: Literal["major", "minor", ""] = ""
    tempo: float = 1.0
    energy: float = 0.0
    register: int = 0
    reverb: float = 1.0
    reverb_db: float = 0.0
    slope_db: float = 0.0

    def with_(self, other: Self) -> "Character":
        """Return both changes together; a mode of the second one wins."""
        return Character(
            mode=other.mode or self.mode,
            tempo=self.tempo * other.tempo,
            energy=self.energy + other.energy,
            register=self.register + other.register,
            reverb=self.reverb * other.reverb,
            reverb_db=self.reverb_db + other.reverb_db,
            slope_db=self.slope_db + other.slope_db,
        )


class Mood(Enum):
    """A mood by its name: the beginnings of words that mean it, and what it changes."""

    words: tuple[str, ...]
    character: Character

    def __new__(cls, name: str, words: tuple[str, ...], character: Character) -> Self:
        """Create a member whose value is its name."""
        member = object.__new__(cls)
        member._value_ = name
        member.words, member.character = words, character
        return member

    DARK = (
        "dark",
        ("dark", "gloom", "sinister", "evil", "horror", "scary", "night", "mysterious", "noir"),
        Character(mode="minor", register=-4, reverb=1.2, slope_db=-0.8),
    )
    HAPPY = (
        "happy",
        ("happy", "cheer", "joy", "upbeat", "sunny", "summer", "bright", "playful", "uplift", "positive"),
        Character(mode="major", tempo=1.08, energy=0.08, register=2, slope_db=0.6),
    )
    SAD = (
        "sad",
        ("sad", "melanchol", "lonely", "tear", "grief", "nostalg", "bitter", "heartbr"),
        Character(mode="minor", tempo=0.88, energy=-0.12, register=-2, reverb=1.2, slope_db=-0.5),
    )
    EPIC = (
        "epic",
        ("epic", "heroic", "triumph", "massive", "huge", "grandios", "power", "anthem", "majestic"),
        Character(energy=0.15, reverb=1.3, reverb_db=1.5),
    )
    CALM = (
        "calm",
        ("calm", "relax", "peace", "gentle", "soft", "quiet", "sleep", "medit", "soothing", "tender", "lullaby"),
        Character(tempo=0.9, energy=-0.2, reverb=1.1, slope_db=-0.5),
    )
    DREAMY = (
        "dreamy",
        ("dream", "ethereal", "float", "hazy", "space", "cosmic", "atmospher"),
        Character(tempo=0.94, energy=-0.1, reverb=1.7, reverb_db=3.0),
    )
    ANGRY = (
        "angry",
        ("angry", "aggress", "heavy", "hardcore", "hardhitting", "furious", "intense", "brutal"),
        Character(mode="minor", tempo=1.08, energy=0.2, reverb=0.8, slope_db=0.6),
    )
    SLOW = ("slow", ("slow", "ballad", "downtempo", "laidback"), Character(tempo=0.8))
    FAST = ("fast", ("fast", "quick", "energetic", "driving", "uptempo", "speed"), Character(tempo=1.2, energy=0.08))
