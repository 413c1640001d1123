"""Measures how much encoding raises the true peak: the headroom that mastering leaves below −1 dBTP.

Instrumentals of every style are driven into the limiter at the headroom of lossless files, encoded in every lossy
format and decoded; the overshoot is the decoded true peak over the encoded one. Mastering starts with the headroom in
use and measures each file again, so a rare larger overshoot costs one more encoding.

    python -m training.codec_headroom
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.codecs import encoding
from adapters.audio.mix import dynamics, loudness
from adapters.audio.mix.band_mix import render_band
from adapters.audio.mix.mastering import CODEC_HEADROOM_DB, MAX_DBTP
from domain.jobs.output_formats import OutputFormat
from domain.music.styles.registry import STYLES
from tests.support.scores import score

DRIVE_DB: Final = 12.0


def overshoot(mix: Stereo, output_format: OutputFormat) -> float:
    """Return the true peak of the decoded file over that of the encoded samples, in dB."""
    limited = mix * np.float32(10 ** (DRIVE_DB / 20))
    dynamics.limit(limited, 10 ** (MAX_DBTP / 20))
    with TemporaryDirectory() as folder:
        encoding.encode(limited, Path(folder) / "out", output_format)
        decoded, _ = encoding.decode(Path(folder) / "out")
    return loudness.true_peak(decoded) - loudness.true_peak(limited)


def main() -> None:
    """Print the overshoot in dB of each lossy format and style, and the headroom in use."""
    mixes = {style: render_band(score(style)) for style in STYLES}
    print(f"{'format':<15}" + "".join(f"{style:>11}" for style in STYLES) + f"{'in use':>9}")
    for name in encoding.output_formats():
        if encoding.is_lossy(name):
            found = "".join(f"{overshoot(mix, name):11.2f}" for mix in mixes.values())
            print(f"{name:<15}{found}{CODEC_HEADROOM_DB[True]:9.2f}")


if __name__ == "__main__":
    main()
