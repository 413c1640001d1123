"""The sound of a piece beyond its notes."""

import msgspec


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """The sound of a style beyond its notes: room, tape, and how the kick moves the band.

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
        slope_db: dB per octave by which the spectrum of the finished mix falls.
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
    slope_db: float = -5.0
