"""The steps of a groove's grid, relative to the meter, so that one grid fits every time signature."""

from enum import Enum
from functools import cache

from domain.music.theory.meter import Meter


class Step(Enum):
    """Places in a bar.

    Attributes:
        DOWNBEAT: The bar line.
        ACCENTS: Every beat; in 7/8 the eighths 1, 3 and 5.
        BACKBEATS: The accents that a snare answers on.
        EIGHTHS: Every eighth.
        OFF_BEATS: Every other eighth between the accents, the second of each two.
        BETWEEN: Every eighth that is neither the downbeat nor a backbeat.
        SIXTEENTHS_OFF: Every sixteenth between two eighths.
        LAST_EIGHTH: The bar's last eighth.
    """

    DOWNBEAT = "downbeat"
    ACCENTS = "accents"
    BACKBEATS = "backbeats"
    EIGHTHS = "eighths"
    OFF_BEATS = "off-beats"
    BETWEEN = "between"
    SIXTEENTHS_OFF = "sixteenths off"
    LAST_EIGHTH = "last eighth"


def beats_of(step: Step, bar: float, meter: Meter, *, half_time: bool = False) -> list[float]:
    """Return the places in the bar that begins at a beat, in beats from the start of the piece.

    In half time the backbeat falls on the middle of the bar, and of everything else every other stroke stays.
    """
    places = _places(step, meter)
    if half_time:
        places = meter.accents[len(meter.accents) // 2 :][:1] if step is Step.BACKBEATS else places[::2]
    return [bar + place for place in places]


@cache
def _places(step: Step, meter: Meter) -> tuple[float, ...]:
    """Return the places in a bar."""
    off_accents = tuple(place for place in meter.steps if place not in meter.accents)
    places = {
        Step.DOWNBEAT: (0.0,),
        Step.ACCENTS: meter.accents,
        Step.BACKBEATS: meter.backbeats,
        Step.EIGHTHS: meter.steps,
        Step.OFF_BEATS: off_accents[1::2],
        Step.BETWEEN: tuple(place for place in meter.steps if place not in {0.0, *meter.backbeats}),
        Step.SIXTEENTHS_OFF: tuple(place + meter.step / 2 for place in meter.steps),
        Step.LAST_EIGHTH: (meter.bar - meter.step,),
    }
    return places[step]
