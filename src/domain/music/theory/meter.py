"""Meters: how long a bar is, where its accents are, and how its beats divide.

A *beat* is what `tempo_bpm` counts: the quarter of 4/4, 3/4, 5/4 and 7/8, the half of 2/2, and the dotted quarter of
the compound meters 6/8, 9/8 and 12/8. A bar of 7/8 thus has 3.5 beats.
"""

from typing import Final, Self

import msgspec

_HALVES: Final = {2.0: 1.0, 4.0: 2.0, 5.0: 3.0, 6.0: 3.0, 7.0: 4.0, 8.0: 4.0, 2.5: 1.0, 3.5: 2.0, 4.5: 2.0, 5.5: 3.0}
_PARTS_OF_LONG_BARS: Final = (4.0, 3.0, 5.0, 7.0)
_LONGEST_BAR: Final = 8.0
_GRID: Final = 12  # places in a beat where instruments play: sixteenths and triplets


class Meter(msgspec.Struct, frozen=True):
    """A time signature, as players feel it.

    Attributes:
        bar: Beats in a bar as played.
        step: Beats of an eighth: 1/2, or 1/3 where beats divide by three.
        per_written: Played bars in one written bar: very long bars (12/4) are felt as several, very short ones
            (1/8) together.
        quarters: Quarter notes in a beat: 1.5 in 6/8, 2 in 2/2.
        signature: The time signature of a bar as played: 4/4 for 12/4, 6/8 for 3/8.
    """

    bar: float
    step: float = 0.5
    per_written: float = 1.0
    quarters: float = 1.0
    signature: str = "4/4"

    @classmethod
    def of(cls, time_signature: str) -> Self:
        """Return the meter of a time signature such as `6/8`.

        Raises:
            ValueError: It is not two numbers with a slash between them.
        """
        count, unit = (int(number) for number in time_signature.split("/"))
        compound = unit >= 8 and count % 3 == 0
        written = count / 3 if compound else float(count) if unit <= 4 else count * 4 / unit
        bar = _playable(written)
        quarters = 12 / unit if compound else 4 / unit if unit <= 4 else 1.0
        played = round(bar * quarters * unit / 4)
        return cls(bar, 1 / 3 if compound else 0.5, written / bar, quarters, f"{played}/{unit}")

    @property
    def compound(self) -> bool:
        """Whether beats divide by three."""
        return self.step < 0.5

    @property
    def accents(self) -> tuple[float, ...]:
        """Beats of the bar on which a group begins: every beat; in 7/8 the eighths 1, 3 and 5."""
        return tuple(float(beat) for beat in range(int(self.bar)))

    @property
    def half(self) -> float | None:
        """The beat on which the bar divides in two, if it does."""
        return _HALVES.get(self.bar)

    @property
    def backbeats(self) -> tuple[float, ...]:
        """The accents on which a snare drum plays."""
        return self.accents[1::2] if self.bar not in {3.0, 5.0} else self.accents[2::2]

    @property
    def steps(self) -> tuple[float, ...]:
        """The eighths of a bar, in beats."""
        return tuple(index * self.step for index in range(round(self.bar / self.step)))

    @property
    def score_beats(self) -> tuple[int, int]:
        """Whole beats in a bar for notation, and how many of them make one beat: (7, 2) for 7/8."""
        return (int(self.bar), 1) if self.bar.is_integer() else (round(self.bar * 2), 2)


def on_the_grid(beat: float) -> float:
    """Return the sixteenth or triplet that is nearest to a place in beats: the band does not play between them."""
    return round(beat * _GRID) / _GRID


def _playable(beats: float) -> float:
    while beats < 2:
        beats *= 2
    if beats <= _LONGEST_BAR:
        return round(beats * 2) / 2
    return next((part for part in _PARTS_OF_LONG_BARS if beats % part == 0), 4.0)
