"""The styles: which instruments play, how they groove, and the room they stand in."""

from functools import lru_cache
from typing import Final

import msgspec

INSTRUMENTS: Final = frozenset(
    {
        # cinematic
        "low_strings", "high_strings", "solo_strings", "horns", "choir", "piano", "celesta", "cinematic_kit",
        # lofi
        "electric_piano", "vibraphone", "upright_bass", "lofi_kit",
        # synthwave
        "supersaw", "lead_synth", "arp_synth", "synth_bass", "gated_kit",
    }
)  # fmt: skip
"""Every instrument that the band can play; kits take General MIDI percussion keys."""


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """The sound of a style beyond its notes: room, tape, and how the band breathes.

    Attributes:
        reverb_seconds: Time to −60 dB.
        reverb_db: Level of the room against the dry sound, for a part with `space` 1.
        predelay_ms: Before the room answers.
        damping_hz: The room's own low-pass.
        low_pass_hz: On the whole mix; 20000 is none.
        wow_cents: Depth of the slow pitch drift of a tape (about 0.6 Hz).
        flutter_cents: Depth of the fast one (about 6 Hz).
        vinyl_db: Level of crackle and hiss, dBFS; −120 is none.
        chorus: 0..1 on pads and leads.
        sidechain_db: How far the kick ducks everything else.
        echo_beats: Delay of the lead's echo in beats; 0 is none.
    """

    reverb_seconds: float
    reverb_db: float
    predelay_ms: float = 20.0
    damping_hz: float = 6000.0
    low_pass_hz: float = 20000.0
    wow_cents: float = 0.0
    flutter_cents: float = 0.0
    vinyl_db: float = -120.0
    chorus: float = 0.0
    sidechain_db: float = 0.0
    echo_beats: float = 0.0


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a style recognisable."""

    name: str
    tempo_range: tuple[int, int]
    space: Space

    @property
    def tail(self) -> float:
        """Seconds that the last chord and the room need to fall silent."""
        return self.space.reverb_seconds + 0.6


STYLES: Final[dict[str, Style]] = {
    "cinematic": Style(name="cinematic", tempo_range=(60, 120), space=Space(reverb_seconds=2.8, reverb_db=-9.0)),
    "lofi": Style(
        name="lofi",
        tempo_range=(70, 90),
        space=Space(
            reverb_seconds=0.9,
            reverb_db=-15.0,
            low_pass_hz=8000.0,
            wow_cents=8.0,
            flutter_cents=2.0,
            vinyl_db=-48.0,
        ),
    ),
    "synthwave": Style(
        name="synthwave",
        tempo_range=(84, 118),
        space=Space(reverb_seconds=1.6, reverb_db=-13.0, chorus=0.6, sidechain_db=6.0, echo_beats=0.75),
    ),
}


_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "synthwave": (
        "80s", "eighties", "retro", "electr", "synth", "pop", "disco", "dance", "edm", "house", "techno", "neon",
        "vapor", "outrun", "wave",
    ),
    "lofi": ("chill", "hiphop", "jazz", "lounge", "study", "soul", "rnb", "trap", "rap", "mellow", "boombap", "cafe"),
    "cinematic": (
        "orchestr", "epic", "film", "movie", "trailer", "symphon", "classic", "soundtrack", "hero", "fantasy",
    ),
}  # fmt: skip
"""What else people call a style; the word that comes first in their text decides."""


@lru_cache(64)
def resolve(wanted: str) -> Style:
    """Return the style that a musician's free text means; cinematic where nothing matches."""
    words = "".join(letter for letter in wanted.lower() if letter.isalnum())
    named = [(words.find(name), name) for name in STYLES if name in words]
    meant = [(words.find(word), name) for name, known in _WORDS.items() for word in known if word in words]
    return STYLES[min(named or meant, default=(0, "cinematic"))[1]]
