"""The zones of a SoundFont's presets and instruments, and its samples, as the file has them.

Source: "SoundFont Technical Specification 2.04", section 7.
"""

import struct
from typing import Any, Final, NamedTuple

import msgspec

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.modulators import Modulator

_ROM: Final = 0x8000
_COMPRESSED: Final = 0x10
_RECORDS: Final = {
    "phdr": "<20sHHHIII", "pbag": "<HH", "pmod": "<HHhHH", "pgen": "<Hh", "inst": "<20sH", "ibag": "<HH",
    "imod": "<HHhHH", "igen": "<Hh", "shdr": "<20sIIIIIBbHH",
}  # fmt: skip
_RANGES: Final = (Gen.KEYS, Gen.VELOCITIES)

Modulators = dict[tuple[int, int, int, int], Modulator]


class Sample(NamedTuple):
    """Where a recording is: in frames of 16 bits into the samples, or in bytes if it is Ogg Vorbis (SF3).

    The loop of a compressed one counts from its own start. `rate` is in Hz, `root` the MIDI number that it sounds.
    """

    start: int
    end: int
    loop_start: int
    loop_end: int
    rate: int
    root: int
    cents: int
    compressed: bool

    @property
    def span(self) -> tuple[int, int]:
        """Its first byte in the samples, and the one after its last."""
        width = 1 if self.compressed else 2
        return width * self.start, width * self.end


class Zone(msgspec.Struct, frozen=True):
    """A range of keys and velocities, and what it says: values of generators and modulators."""

    values: dict[int, int]
    modulators: Modulators
    keys: tuple[int, int] = (0, 127)
    velocities: tuple[int, int] = (0, 127)

    def covers(self, key: int, velocity: int) -> bool:
        """Whether a note is in its ranges."""
        return self.keys[0] <= key <= self.keys[1] and self.velocities[0] <= velocity <= self.velocities[1]


class Records:
    """The records of all lists.

    Raises:
        BadSoundFont: A list is cut within a record.
    """

    def __init__(self, lists: dict[str, bytes]) -> None:
        self._records = {name: _unpacked(name, lists[name]) for name in _RECORDS}

    def presets(self) -> dict[tuple[int, int], int]:
        """Return where each preset's header is, by bank and program; the first of its number counts."""
        headers = self._records["phdr"][:-1]
        return {(header[2], header[1]): at for at, header in reversed(list(enumerate(headers)))}

    def preset_zones(self, at: int) -> list[Zone]:
        """Return the zones of a preset, its global one merged into the others."""
        return self._zones("phdr", at, 3, "p", Gen.INSTRUMENT)

    def instrument_zones(self, at: int) -> list[Zone]:
        """Return the zones of an instrument, its global one merged into the others."""
        return self._zones("inst", at, 1, "i", Gen.SAMPLE)

    def sample(self, at: int) -> Sample:
        """Return a sample."""
        _, start, end, loop_start, loop_end, rate, root, cents, _, kind = self._record("shdr", at)
        if kind & _ROM:
            raise BadSoundFont("is a SoundFont whose samples are in the ROM of a sound card")
        return Sample(start, end, loop_start, loop_end, rate, root, cents, bool(kind & _COMPRESSED))

    def _zones(self, headers: str, at: int, field: int, side: str, link: Gen) -> list[Zone]:
        first, last = (self._record(headers, where)[field] for where in (at, at + 1))
        zones = [self._zone(side, bag) for bag in range(first, last)]
        if zones and link not in zones[0].values:
            common, *zones = zones
        else:
            common = Zone({}, {})
        return [_merged(common, zone) for zone in zones if link in zone.values]

    def _zone(self, side: str, bag: int) -> Zone:
        (gen, mod), (gen_end, mod_end) = (self._record(f"{side}bag", at) for at in (bag, bag + 1))
        values = dict(self._records[f"{side}gen"][gen:gen_end])
        modulators = [Modulator(*record) for record in self._records[f"{side}mod"][mod:mod_end]]
        keys, velocities = (_range(values.pop(kind, 0x7F00)) for kind in _RANGES)
        return Zone(values, {modulator.identity: modulator for modulator in modulators}, keys, velocities)

    def _record(self, name: str, at: int) -> tuple[Any, ...]:
        records = self._records[name]
        if not 0 <= at < len(records):
            raise BadSoundFont(f"is a broken SoundFont: it names record {at} of the {len(records)} in {name}")
        return records[at]


def _unpacked(name: str, content: bytes) -> list[tuple[Any, ...]]:
    try:
        return list(struct.iter_unpack(_RECORDS[name], content))
    except struct.error:
        raise BadSoundFont(f"is a broken SoundFont: {name} ends within a record") from None


def _range(value: int) -> tuple[int, int]:
    return value & 0xFF, value >> 8 & 0xFF


def _merged(common: Zone, own: Zone) -> Zone:
    return Zone(common.values | own.values, common.modulators | own.modulators, own.keys, own.velocities)
