"""How long a blueprint's sections last."""

from typing import Final

from domain.blueprints.blueprint import Blueprint

QUARTERS_PER_WHOLE_NOTE: Final = 4.0
"""The nominal length counts `tempo_bpm` in quarter notes, whatever the time signature."""

_MS_PER_MINUTE: Final = 60_000


def length_ms(blueprint: Blueprint) -> int:
    """Return how long the sections last in milliseconds, without the tail of the last chord."""
    beats, unit = (int(number) for number in blueprint.time_signature.split("/"))
    bars = sum(section.bars for section in blueprint.sections)
    quarters = bars * beats * QUARTERS_PER_WHOLE_NOTE / unit
    return round(quarters * _MS_PER_MINUTE / blueprint.tempo_bpm)
