"""What a style is: one value that holds everything that makes it recognisable, in a file of its own.

A style's file defines `STYLE`; `registry` finds it. See CONTRIBUTING.md for a walk through adding one.
"""

import msgspec

from domain.music.instruments import Instrument, InstrumentKind
from domain.music.score import PartGroup
from domain.music.space import Space
from domain.music.styles.moods import Character
from domain.music.styles.section_context import Player
from domain.music.theory.chords import Colour, MajorNumeral, MinorNumeral

LEAD = "lead"
"""The part that carries the melody; every style has a channel for it."""

BASS = "bass"
"""The part that carries the bass; a style need not have one."""

DRUMS = "drums"
"""The part that a kit plays; a style need not have one."""

_RELEASE_SECONDS = 0.6
"""Longest release of an instrument, which the room's reverberation follows."""


class MixChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A part's instrument, its place in the mix, and how exactly it is played.

    Attributes:
        instrument: Who plays the part.
        gain_db: Level in the mix.
        pan: −1 left .. 1 right.
        space: 0..1, how much of it goes to the room.
        humanize_ms: Standard deviation of the player's own onsets; they never stray far enough for a flam.
    """

    instrument: Instrument
    gain_db: float
    pan: float = 0.0
    space: float = 0.3
    humanize_ms: float = 5.0


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a style recognisable.

    Attributes:
        name: As blueprints and `/v1/styles` name it: lower-case letters and digits.
        description: What it sounds like, in one sentence.
        words: Lower-case letters and digits that mean this style in free text: `hiphop`, `80s`.
        tempo_range: Slowest and fastest tempo that it sounds best at, beats per minute.
        space: Room, tape and effects.
        channels: By part, in the order of the score; `lead` is the melody's.
        players: What each part plays, besides the lead's melody. Their order is the order of random choices: changing
            it changes the notes of every seed.
        lead_centre: MIDI number around which the lead plays.
        loop_major: Chords, a bar each, that the style prefers in major.
        loop_minor: And in minor.
        colour: What is added to its triads.
        quiet_colour: And in sections without the theme.
        swing: Place of the off-beat between its neighbours; 0.5 is straight.
        rubato: Share by which a bar may be longer or shorter than usual, where the hum's bars are.
        lift: Semitones by which the last chorus of a song is higher; 0 leaves it in its key.
        character: What moods change of it.

    Raises:
        ValueError: The name or a word has other characters, the tempo range is empty, or there is no channel for the
            lead or for a part that is played.
    """

    name: str
    description: str
    words: tuple[str, ...]
    tempo_range: tuple[int, int]
    space: Space
    channels: dict[str, MixChannel]
    players: dict[str, tuple[Player, ...]]
    lead_centre: int
    loop_major: tuple[MajorNumeral, ...]
    loop_minor: tuple[MinorNumeral, ...]
    colour: Colour = Colour.PLAIN
    quiet_colour: Colour = Colour.PLAIN
    swing: float = 0.5
    rubato: float = 0.06
    lift: int = 0
    character: Character = Character()

    def __post_init__(self) -> None:
        """Check the name, and that every part has a channel."""
        for word in (self.name, *self.words):
            if not (word.isalnum() and word == word.lower()):
                raise ValueError(f"style {self.name!r}: {word!r} must be lower-case letters and digits")
        if not 0 < self.tempo_range[0] < self.tempo_range[1]:
            raise ValueError(f"style {self.name}: the tempo range must go from the slower to the faster")
        if missing := {LEAD, *self.players} - set(self.channels):
            raise ValueError(f"style {self.name}: no mix channel for {', '.join(sorted(missing))}")

    def group_of(self, part: str) -> PartGroup:
        """Return what a part is to the mix: the lead carries the melody, the others are what their first player is."""
        if part == LEAD:
            return PartGroup.LEAD
        return next((player.group for player in self.players.get(part, ())), PartGroup.OTHER)

    @property
    def tail(self) -> float:
        """Seconds that the last chord and the room need to fall silent."""
        return self.space.reverb_seconds + _RELEASE_SECONDS

    @property
    def has_drums(self) -> bool:
        """Whether a kit plays."""
        return any(channel.instrument.kind is InstrumentKind.KIT for channel in self.channels.values())

    @property
    def has_bass(self) -> bool:
        """Whether a part carries the bass."""
        return BASS in self.channels
