"""The synthesised instruments: a patch for every `Instrument`."""

from typing import Final

import msgspec

from adapters.audio.instruments import kits, orchestra, struck, synths
from adapters.audio.instruments.patch import Patch
from domain.music.instruments import Instrument

_SOUNDS: Final = {
    Instrument.LOW_STRINGS: orchestra.LOW_STRINGS,
    Instrument.HIGH_STRINGS: orchestra.HIGH_STRINGS,
    Instrument.SOLO_STRINGS: orchestra.SOLO_STRINGS,
    Instrument.HORNS: orchestra.HORNS,
    Instrument.CHOIR: orchestra.CHOIR,
    Instrument.PIANO: struck.PIANO,
    Instrument.CELESTA: struck.CELESTA,
    Instrument.CINEMATIC_KIT: kits.CINEMATIC_KIT,
    Instrument.ELECTRIC_PIANO: struck.ELECTRIC_PIANO,
    Instrument.VIBRAPHONE: struck.VIBRAPHONE,
    Instrument.UPRIGHT_BASS: struck.UPRIGHT_BASS,
    Instrument.LOFI_KIT: kits.LOFI_KIT,
    Instrument.SUPERSAW: synths.SUPERSAW,
    Instrument.LEAD_SYNTH: synths.LEAD_SYNTH,
    Instrument.ARP_SYNTH: synths.ARP_SYNTH,
    Instrument.SYNTH_BASS: synths.SYNTH_BASS,
    Instrument.GATED_KIT: kits.GATED_KIT,
}

PATCHES: Final[dict[Instrument, Patch]] = {
    instrument: msgspec.structs.replace(patch, kind=instrument.kind) for instrument, patch in _SOUNDS.items()
}
