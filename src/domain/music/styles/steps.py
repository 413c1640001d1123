"""The steps of a groove's grid, relative to the meter, so that one grid fits every time signature."""

from enum import Enum

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


def beats_of(step: Step, bar: float, meter: Meter) -> list[float]:
    """Return the places in the bar that begins at a beat, in beats from the start of the piece."""
    match step:
        case Step.DOWNBEAT:
            places: tuple[float, ...] = (0.0,)
        case Step.ACCENTS:
            places = meter.accents
        case Step.BACKBEATS:
            places = meter.backbeats
        case Step.EIGHTHS:
            places = meter.steps
        case Step.OFF_BEATS:
            places = tuple(place for place in meter.steps if place not in meter.accents)[1::2]
        case Step.BETWEEN:
            places = tuple(place for place in meter.steps if place not in {0.0, *meter.backbeats})
        case Step.SIXTEENTHS_OFF:
            places = tuple(place + meter.step / 2 for place in meter.steps)
        case Step.LAST_EIGHTH:
            return [bar + meter.bar - meter.step]
    return [bar + place for place in places]
