"""The presets of a SoundFont, and the voices with which they sound a note.

Source: "SoundFont Technical Specification 2.04", section 9.4: what a preset's zone says is added to what the
instrument's says; modulators of one identity replace the default one.
"""

from functools import cache
from typing import NamedTuple

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.generators import DEFAULTS, INSTRUMENT_ONLY, Gen
from adapters.audio.sampling.modulators import DEFAULT_MODULATORS, Modulator
from adapters.audio.sampling.zones import Records, Sample, Zone

_DEFAULT_MODULATORS = {modulator.identity: modulator for modulator in DEFAULT_MODULATORS}


class Voice(NamedTuple):
    """A sample as one note sounds it.

    Attributes:
        key: The MIDI number that it sounds.
        values: Those of the generators, modulated.
    """

    sample: Sample
    key: int
    values: dict[int, float]

    def of(self, generator: Gen) -> float:
        """Return the value of a generator in its own unit."""
        return self.values.get(generator, DEFAULTS.get(generator, 0))


class Presets:
    """The presets of the first bank, which General MIDI numbers."""

    def __init__(self, lists: dict[str, bytes]) -> None:
        self._records = Records(lists)
        self._headers = self._records.presets()
        self._instrument_zones = cache(self._records.instrument_zones)
        self._preset_zones = cache(self._records.preset_zones)

    def voices(self, program: int, key: int, velocity: int) -> list[Voice]:
        """Return what sounds a note; velocity 1..127.

        Raises:
            BadSoundFont: There is no such program, or nothing in it for the note.
        """
        header = self._headers.get((0, program))
        if header is None:
            raise BadSoundFont(f"is no General MIDI SoundFont: it has no program {program + 1}")
        voices = [
            self._voice(outer, inner, key, velocity)
            for outer in self._preset_zones(header)
            if outer.covers(key, velocity)
            for inner in self._instrument_zones(outer.values[Gen.INSTRUMENT])
            if inner.covers(key, velocity)
        ]
        if not voices:
            raise BadSoundFont(f"has no sound for the note {key} of its program {program + 1}")
        return voices

    def _voice(self, outer: Zone, inner: Zone, key: int, velocity: int) -> Voice:
        added = {number: value for number, value in outer.values.items() if number not in INSTRUMENT_ONLY}
        fixed_key, fixed_velocity = (inner.values.get(number, -1) for number in (Gen.FIXED_KEY, Gen.FIXED_VELOCITY))
        key, velocity = key if fixed_key < 0 else fixed_key, velocity if fixed_velocity < 0 else fixed_velocity
        values: dict[int, float] = {**inner.values}
        for number, value in added.items():
            values[number] = values.get(number, DEFAULTS.get(number, 0)) + value
        for modulator in (*(_DEFAULT_MODULATORS | inner.modulators).values(), *outer.modulators.values()):
            _modulate(values, modulator, key, velocity)
        return Voice(self._records.sample(inner.values[Gen.SAMPLE]), key, values)


def _modulate(values: dict[int, float], modulator: Modulator, key: int, velocity: int) -> None:
    if change := modulator.value(key, velocity):
        target = modulator.target
        values[target] = values.get(target, DEFAULTS.get(target, 0)) + change
