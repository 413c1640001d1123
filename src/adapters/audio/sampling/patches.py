"""The band's patches where a SoundFont plays some of them."""

import weakref
from functools import lru_cache
from types import MappingProxyType

import msgspec
import numpy as np

from adapters.audio.instruments import PATCHES, Patches
from adapters.audio.instruments.patch import Patch
from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.programs import SAMPLED
from adapters.audio.sampling.sampler import SampledTone, Sampler
from adapters.audio.sampling.soundfont import SoundFont, digest
from domain.music.instruments import Instrument

_ATTACK = 0.002
"""Seconds: the samples have their own."""

_HIGH_PASS = {Instrument.PIANO: 45.0, Instrument.NYLON_GUITAR: 60.0, Instrument.STEEL_GUITAR: 60.0}
"""Cutoffs in Hz that remove the rumble of recordings below the notes."""


@lru_cache(maxsize=1)
def patches_of(soundfont: SoundFont) -> Patches:
    """Return the patches with those that the SoundFont plays in place of the synthesised ones.

    Raises:
        BadSoundFont: The file is no longer this SoundFont.
    """
    try:
        file = soundfont.path.open("rb")
    except OSError as error:
        raise BadSoundFont(f"cannot be read: {error.strerror}") from error
    if digest(file) != soundfont.sha256:
        file.close()
        raise BadSoundFont("is no longer the file that it was when music-tools started")
    sampler = Sampler(file)
    weakref.finalize(sampler, file.close)
    return MappingProxyType(PATCHES | {instrument: _sampled(sampler, instrument) for instrument in SAMPLED})


def warm_up(soundfont: SoundFont) -> None:
    """Play a short note of each instrument that the SoundFont plays.

    Raises:
        BadSoundFont: The file is no longer this SoundFont, or one of the samples cannot be decoded.
    """
    for instrument in SAMPLED:
        middle = (instrument.low + instrument.high) // 2
        patches_of(soundfont)[instrument].render_take(middle, 0.8, 4410, np.random.default_rng(0))


def _sampled(sampler: Sampler, instrument: Instrument) -> Patch:
    tone = SampledTone(sampler, instrument.program)
    high_pass = _HIGH_PASS.get(instrument, 0.0)
    return msgspec.structs.replace(PATCHES[instrument], tone=tone, attack=_ATTACK, level_db=0.0, high_pass=high_pass)
