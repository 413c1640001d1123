"""Measures how much LAME's presets scale the signal: the `preset_scale` of the MP3 formats.

Some of LAME's bit rate presets attenuate the input to prevent clipping. We divide by the same factor before encoding,
so that the decoded file is as loud as the mix. The script encodes a few tones without that correction and fits the gain
of the decoded file by least squares, which coding noise does not bias.

    python -m training.encoder_scale
"""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import av
import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.codecs.encoding import decode, output_formats

SECONDS: Final = 10
TONES_HZ: Final = ((220.0, 554.4, 1318.5), (277.2, 659.3, 1760.0))
"""Of the left and the right channel."""


def measured_scale(bit_rate: int, options: dict[str, str]) -> float:
    """Return the least-squares gain from the encoded to the decoded sound, for a few tones."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.stack([0.1 * np.sin(2 * np.pi * np.outer(tones, time)).sum(axis=0) for tones in TONES_HZ])
    with TemporaryDirectory() as folder:
        out = Path(folder) / "tones.mp3"
        _encode(sound.astype(np.float32), out, bit_rate, options)
        decoded, _ = decode(out)
    inside = slice(SAMPLE_RATE, -SAMPLE_RATE)
    before, after = sound[:, inside], decoded[:, inside]
    return float(np.sum(before * after) / np.sum(before**2))


def _encode(sound: Stereo, out: Path, bit_rate: int, options: dict[str, str]) -> None:
    with av.open(str(out), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", SAMPLE_RATE, options)
        stream.bit_rate, stream.layout, stream.format = bit_rate, "stereo", "fltp"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Print the measured scale of each MP3 format beside the one in use."""
    print(f"{'format':<15} {'measured':>9} {'in use':>7}")
    for name, output_format in output_formats().items():
        if output_format.codec == "libmp3lame":
            measured = measured_scale(output_format.bit_rate, output_format.options)
            print(f"{name:<15} {measured:9.4f} {output_format.preset_scale:7.2f}")


if __name__ == "__main__":
    main()
