"""What a style's players are: their desks, their harmony, and who arranges for them."""

from typing import Final

import msgspec

from domain.music.styles.section_context import Arranger

RANGES: Final[dict[str, tuple[int, int]]] = {
    "low_strings": (28, 67), "high_strings": (55, 103), "solo_strings": (55, 96), "horns": (36, 77),
    "choir": (41, 84), "piano": (21, 108), "celesta": (60, 108), "cinematic_kit": (35, 57),
    "electric_piano": (28, 100), "vibraphone": (53, 89), "upright_bass": (28, 62), "lofi_kit": (35, 57),
    "supersaw": (36, 96), "lead_synth": (48, 96), "arp_synth": (36, 96), "synth_bass": (24, 62),
    "gated_kit": (35, 57),
}  # fmt: skip
"""Lowest and highest MIDI number of each instrument; percussion keys for kits."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part sits in the mix, and how exactly its player plays.

    Attributes:
        instrument: Out of `INSTRUMENTS`.
        gain_db: Level in the mix.
        pan: −1 left .. 1 right.
        space: 0..1, how much of it goes to the room.
        loose_ms: Standard deviation of its timing.
        swings: Whether it follows the style's swing.
    """

    instrument: str
    gain_db: float
    pan: float = 0.0
    space: float = 0.3
    loose_ms: float = 5.0
    swings: bool = True


class Ensemble(msgspec.Struct, frozen=True, kw_only=True):
    """The players of a style.

    Attributes:
        desks: By part name; `lead` is the melody's. In the order of the score.
        lead_centre: MIDI number around which the lead plays.
        loop_major: Numerals of a bar each that the style likes in major.
        loop_minor: And in minor.
        colour: How its chords are coloured, see `chords.coloured`.
        quiet_colour: And in sections without the theme.
        swing: Place of the off-beat sixteenth between its neighbours; 0.5 is straight.
        arrange: Writes its pages.
    """

    desks: dict[str, Desk]
    lead_centre: int
    loop_major: tuple[str, ...]
    loop_minor: tuple[str, ...]
    colour: str
    quiet_colour: str
    swing: float = 0.5
    arrange: Arranger
