"""The band's instruments, our own synthesis: a patch for every name in `domain.music.styles.style.INSTRUMENTS`."""

from typing import Final

from adapters.audio.instruments import kits, orchestra, struck, synths
from adapters.audio.instruments.patch import Patch

PATCHES: Final[dict[str, Patch]] = {
    "low_strings": orchestra.LOW_STRINGS,
    "high_strings": orchestra.HIGH_STRINGS,
    "solo_strings": orchestra.SOLO_STRINGS,
    "horns": orchestra.HORNS,
    "choir": orchestra.CHOIR,
    "piano": struck.PIANO,
    "celesta": struck.CELESTA,
    "cinematic_kit": kits.CINEMATIC_KIT,
    "electric_piano": struck.ELECTRIC_PIANO,
    "vibraphone": struck.VIBRAPHONE,
    "upright_bass": struck.UPRIGHT_BASS,
    "lofi_kit": kits.LOFI_KIT,
    "supersaw": synths.SUPERSAW,
    "lead_synth": synths.LEAD_SYNTH,
    "arp_synth": synths.ARP_SYNTH,
    "synth_bass": synths.SYNTH_BASS,
    "gated_kit": kits.GATED_KIT,
}
