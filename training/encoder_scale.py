"""Measures how much LAME's presets scale the signal: the `preset_scale` of the MP3 formats.

Some of LAME's bit rate presets attenuate the input to prevent clipping. We divide by the same factor before encoding,
so that the decoded file is as loud as the mix. The script encodes a few tones without that correction and fits the gain
of the decoded file by least squares, which coding noise does not bias.

    python -m training.encoder_scale
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE
from adapters.audio.codecs.encoding import decode, output_formats
from adapters.audio.codecs.mp3 import encode_mp3

SECONDS: Final = 10
TONES_HZ: Final = ((220.0, 554.4, 1318.5), (277.2, 659.3, 1760.0))
"""Of the left and the right channel."""


def measured_scale(bit_rate: int) -> float:
    """Return the least-squares gain from the encoded to the decoded sound, for a few tones."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.stack([0.1 * np.sin(2 * np.pi * np.outer(tones, time)).sum(axis=0) for tones in TONES_HZ])
    with TemporaryDirectory() as folder:
        out = Path(folder) / "tones.mp3"
        out.write_bytes(encode_mp3(sound.astype(np.float32), bit_rate))
        decoded, _ = decode(out)
    inside = slice(SAMPLE_RATE, -SAMPLE_RATE)
    before, after = sound[:, inside], decoded[:, inside]
    return float(np.sum(before * after) / np.sum(before**2))


def main() -> None:
    """Print the measured scale of each MP3 format beside the one in use."""
    print(f"{'format':<15} {'measured':>9} {'in use':>7}")
    for name, output_format in output_formats().items():
        if output_format.container == "mp3":
            measured = measured_scale(output_format.bit_rate)
            print(f"{name:<15} {measured:9.4f} {output_format.preset_scale:7.2f}")


if __name__ == "__main__":
    main()
