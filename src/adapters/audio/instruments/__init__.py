"""The synthesised instruments: a patch for every `Instrument`."""

from collections.abc import Mapping
from typing import Final

import msgspec

from adapters.audio.instruments import (
    acoustic_kits,
    chip,
    electronic_kits,
    guitars,
    kits,
    orchestra,
    pads,
    plucked,
    struck,
    synths,
    timpani,
    woodwinds,
)
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
    Instrument.PIZZICATO: plucked.PIZZICATO,
    Instrument.TIMPANI: timpani.TIMPANI,
    Instrument.FLUTE: woodwinds.FLUTE,
    Instrument.CLARINET: woodwinds.CLARINET,
    Instrument.NYLON_GUITAR: plucked.NYLON_GUITAR,
    Instrument.STEEL_GUITAR: plucked.STEEL_GUITAR,
    Instrument.OVERDRIVEN_GUITAR: guitars.OVERDRIVEN_GUITAR,
    Instrument.LEAD_GUITAR: guitars.LEAD_GUITAR,
    Instrument.ELECTRIC_BASS: plucked.ELECTRIC_BASS,
    Instrument.BRUSH_KIT: acoustic_kits.BRUSH_KIT,
    Instrument.ROCK_KIT: acoustic_kits.ROCK_KIT,
    Instrument.WARM_PAD: pads.WARM_PAD,
    Instrument.GLASS: pads.GLASS,
    Instrument.BRIGHT_LEAD: pads.BRIGHT_LEAD,
    Instrument.POP_KIT: electronic_kits.POP_KIT,
    Instrument.PULSE_LEAD: chip.PULSE_LEAD,
    Instrument.SQUARE_ARP: chip.SQUARE_ARP,
    Instrument.TRIANGLE_BASS: chip.TRIANGLE_BASS,
    Instrument.CHIP_KIT: electronic_kits.CHIP_KIT,
}

Patches = Mapping[Instrument, Patch]
"""Who plays: a patch for every instrument."""

PATCHES: Final[dict[Instrument, Patch]] = {
    instrument: msgspec.structs.replace(patch, kind=instrument.kind) for instrument, patch in _SOUNDS.items()
}
