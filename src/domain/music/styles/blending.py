"""Styles made of styles: another one's rhythm, and moods."""

from typing import Final

import msgspec

from domain.music.styles.moods import Character
from domain.music.styles.style import BASS, DRUMS, Style

_LONGEST_REVERB: Final = 4.5  # seconds: longer rooms leave a preview no time
_REGISTER: Final = (55, 84)  # MIDI numbers between which leads are centred


def with_rhythm_of(style: Style, other: Style) -> Style:
    """Return a style whose drums and bass play as another style's do."""
    lent = [name for name in (DRUMS, BASS) if name in other.channels]
    own_channels = {name: channel for name, channel in style.channels.items() if name not in lent}
    own_players = {name: players for name, players in style.players.items() if name not in lent}
    slowest = max(style.tempo_range[0], other.tempo_range[0])
    fastest = min(style.tempo_range[1], other.tempo_range[1])
    return msgspec.structs.replace(
        style,
        name=style.name + other.name,
        tempo_range=(slowest, fastest) if slowest < fastest else style.tempo_range,
        channels={**own_channels, **{name: other.channels[name] for name in lent}},
        players={**own_players, **{name: other.players[name] for name in lent if name in other.players}},
        swing=other.swing,
    )


def in_character(style: Style, character: Character) -> Style:
    """Return a style as a mood changes it."""
    space, (lowest, highest) = style.space, _REGISTER
    return msgspec.structs.replace(
        style,
        lead_centre=min(highest, max(lowest, style.lead_centre + character.register)),
        space=msgspec.structs.replace(
            space,
            reverb_seconds=max(space.reverb_seconds, min(_LONGEST_REVERB, space.reverb_seconds * character.reverb)),
            reverb_db=space.reverb_db + character.reverb_db,
            slope_db=space.slope_db + character.slope_db,
        ),
        character=character,
    )
