"""Major and natural minor scales: their steps, the nearest step to a pitch, and transposition between keys."""

from typing import Final, Self

import msgspec

from domain.music.theory.pitch import pitch_class, spell, spell_above

_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
_RAISED: Final = {9: 5, 11: 6}  # semitones above a minor tonic, and letters
_FLAT_MAJORS: Final = frozenset({5, 10, 3, 8, 1})


class Scale(msgspec.Struct, frozen=True):
    """A key: its tonic's pitch class 0..11 and its mode (natural minor)."""

    tonic: int
    minor: bool

    @classmethod
    def of(cls, key: str) -> Self:
        """Return the scale of a key: `C`, `F#m`, `Bb`.

        Raises:
            ValueError: It is not a key.
        """
        return cls(pitch_class(key.removesuffix("m")), key.endswith("m"))

    @property
    def steps(self) -> tuple[int, ...]:
        """Semitones above the tonic of the seven steps."""
        return _MINOR if self.minor else _MAJOR

    @property
    def relative_major(self) -> int:
        """Pitch class of the major tonic with the same notes."""
        return (self.tonic + 3) % 12 if self.minor else self.tonic

    @property
    def relative(self) -> "Scale":
        """The key of the other mode with the same notes."""
        return Scale((self.tonic + (3 if self.minor else 9)) % 12, not self.minor)

    @property
    def flats(self) -> bool:
        """Whether the key is written with flats."""
        return self.relative_major in _FLAT_MAJORS

    @property
    def name(self) -> str:
        """The key's name, as `of` reads it."""
        return spell(self.tonic, flats=self.flats) + ("m" if self.minor else "")

    def spell(self, pitch: int) -> str:
        """Return the name of a pitch in the key; the raised sixth and seventh of minor have the letters of theirs."""
        step = (pitch - self.tonic) % 12
        if self.minor and step in _RAISED:
            return spell_above(spell(self.tonic, flats=self.flats), step, _RAISED[step])
        return spell(pitch, flats=self.flats)

    def contains(self, pitch: int) -> bool:
        """Return whether a pitch is a step of the scale."""
        return (pitch - self.tonic) % 12 in self.steps

    def fits_melody(self, pitch: int) -> bool:
        """Return whether melodies in the key use a pitch freely: the steps, and the leading note of minor."""
        return self.contains(pitch) or (pitch - self.tonic) % 12 == 11

    def nearest(self, pitch: float) -> int:
        """Return the step closest to a pitch with fraction; the lower one of two equally close."""
        around = range(round(pitch) - 2, round(pitch) + 3)
        return min((step for step in around if self.contains(step)), key=lambda step: abs(step - pitch))

    def move(self, pitch: int, steps: int) -> int:
        """Return the pitch so many diatonic steps away; a chromatic one counts from its nearest step."""
        step = pitch if self.contains(pitch) else self.nearest(pitch)
        octave, offset = divmod(step - self.tonic, 12)
        octaves, degree = divmod(self.steps.index(offset) + steps, 7)
        return self.tonic + 12 * (octave + octaves) + self.steps[degree]

    def transpose(self, pitch: int, other: "Scale") -> int:
        """Return the pitch transposed to another key: the same degree, by the shortest way.

        Relative keys share their notes, so nothing moves between them.
        """
        if other.relative_major == self.relative_major:
            return pitch
        offset = (pitch - self.tonic) % 12
        changed = other.steps[self.steps.index(offset)] if offset in self.steps else offset
        return pitch + nearest_interval(self.tonic, other.tonic) + changed - offset


def nearest_interval(origin: int, target: int) -> int:
    """Return the shortest interval between two pitch classes, −5..6 semitones."""
    return (target - origin + 5) % 12 - 5
