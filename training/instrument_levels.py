"""Fits `level_db` of every patch, so that all instruments are equally loud.

Each instrument plays a note of one second in the middle of its register, or a drum beat, at velocity 0.8, dry and
without gain. Its loudest momentary loudness (K-weighted, 400 ms, ITU-R BS.1770-4) shall be −18 LUFS.

    python -m training.instrument_levels
"""

from adapters.audio.instruments import PATCHES
from adapters.audio.instruments.patch import TARGET_LUFS
from domain.music.instruments import Instrument
from tests.support.instrument_measures import loudness


def fitted_level(instrument: Instrument) -> float:
    """Return the `level_db` that brings an instrument to the target, in dB."""
    return PATCHES[instrument].level_db + TARGET_LUFS - loudness(instrument)


def main() -> None:
    """Print the measured loudness of each patch, its present level and the fitted one."""
    print(f"{'instrument':<16} {'LUFS':>8} {'level_db':>9} {'fitted':>8}")
    for name, patch in PATCHES.items():
        fitted = fitted_level(name)
        print(f"{name:<16} {TARGET_LUFS - fitted + patch.level_db:8.2f} {patch.level_db:9.1f} {fitted:8.2f}")


if __name__ == "__main__":
    main()
