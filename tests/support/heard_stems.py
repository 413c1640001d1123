"""What comes out of the page's player, track by track, and where in the music each sample is from."""

from base64 import b64decode
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

Samples = npt.NDArray[np.float32]

RATE: Final = 44_100

BASE: Final = "document.querySelector('script[type=module]').src.replace('main.js', '')"
"""Where the modules of the page are."""

TOOLS: Final = """
    const base64 = (samples) => {
      const bytes = new Uint8Array(samples.buffer);
      let text = '';
      for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
      return btoa(text);
    };
    const load = (name) => import(BASE + name);
    const sleep = (seconds) => new Promise((wake) => setTimeout(wake, seconds * 1000));
""".replace("BASE", BASE)

NOISE: Final = """(() => { const rate = 44100, noise = new AudioBuffer({ length: 8 * rate, sampleRate: rate });
    let seed = 1;
    noise.copyToChannel(Float32Array.from({ length: 8 * rate }, () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 1073741824 - 1;
    }), 0);
    return noise; })()"""


def run(page: Page, script: str, argument: Any = None) -> Any:
    """Run statements in the page, with the tools above; return what they return, arrays of samples by `base64`."""
    return page.evaluate(f"async (argument) => {{ {TOOLS} {script} }}", argument)


def samples(text: str) -> Samples:
    """Return the samples that the page has sent."""
    return np.frombuffer(b64decode(text), dtype=np.float32)


def place_of(piece: Samples, music: Samples) -> int:
    """Return the frame of the music that a piece begins with: where both correlate best, relative to the loudness."""
    size = 1 << (len(music) + len(piece)).bit_length()
    product = np.fft.irfft(np.fft.rfft(music, size) * np.conj(np.fft.rfft(piece, size)), size)[
        : len(music) - len(piece)
    ]
    energy = np.concatenate(([0.0], np.cumsum(np.square(music, dtype=np.float64))))
    around = energy[len(piece) :][: len(product)] - energy[: len(product)]
    return int(np.argmax(product / np.sqrt(around + 1e-3 * around.max())))
