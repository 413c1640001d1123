"""From curves to sound: a glottal source through formants (Fant 1960), and noise, in short-time spectra.

The source is a table of one glottal cycle, read by phase; formants, nasality and the bands of the noise multiply the
spectra of 16 ms frames, which overlap and add up.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from adapters.audio.arrays import Floats
from training.voices.controls import HOP, RATE, Controls, smooth
from training.voices.singers import Diction, Register, Singer

WINDOW: Final = 256
FFT: Final = 512
TABLE: Final = 2048
WIDTHS: Final = (75.0, 100.0, 150.0, 220.0, 300.0)
HIGH_FORMANTS: Final = (3500.0, 4500.0)

Spectra = NDArray[np.complex128]


def sing(controls: Controls, singer: Singer, rng: np.random.Generator) -> Floats:
    """Return the dry voice at `RATE`: the louder notes have an RMS of about 0.1."""
    if singer.register is Register.WHISTLE:
        return _whistle(controls, singer, rng)
    source, phase = _source(controls, singer, rng)
    pulses = _spectra(source)
    response = _response(controls, singer)
    voiced = _levelled(pulses * response, controls.level, singer.evenness)
    noise = rng.normal(0, 1, len(source))
    cycle = 0.55 + 0.45 * np.cos(2 * np.pi * phase)
    breath = _levelled(
        _spectra(noise * cycle) * np.sqrt(response), controls.level * 10 ** (singer.breath_db / 20), 0.85
    )
    hiss = _levelled(_spectra(noise) * _band(controls), controls.hiss, 0.85)
    return _sound(voiced + breath + hiss, len(source))


def _source(controls: Controls, singer: Singer, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the glottal source and its phase in cycles."""
    size = len(controls.pitch)
    hertz = 440 * 2 ** ((controls.pitch - 69) / 12)
    jitter = rng.normal(0, 1, size) * (0.004 + 0.12 * controls.creak)
    hertz = hertz * (1 - 0.22 * controls.creak) * (1 + jitter)
    at = np.arange(size * HOP) / HOP
    frequency = np.interp(at, np.arange(size), hertz)
    phase = np.cumsum(frequency) / RATE
    turn = phase % 1.0
    index = (turn * TABLE).astype(np.intp)
    soft, loud = _table(singer.tilt + 0.7, hertz), _table(singer.tilt, hertz)
    effort = np.clip(controls.level / max(float(controls.level.max()), 1e-9), 0, 1)
    share = np.interp(at, np.arange(size), smooth(effort, 9))
    source = soft[index] * (1 - share) + loud[index] * share
    shimmer = np.interp(phase, np.arange(int(phase[-1]) + 2), 1 + 0.03 * rng.normal(0, 1, int(phase[-1]) + 2))
    return source * shimmer, phase


def _table(tilt: float, hertz: Floats) -> Floats:
    """Return one glottal cycle: harmonics that fall with a power of their number, none above 7.5 kHz."""
    count = int(np.clip(7500 / np.percentile(hertz, 90), 1, 60))
    turns = np.arange(TABLE) / TABLE
    order = np.arange(1, count + 1)[:, None]
    cycle = np.sum(order**-tilt * np.sin(2 * np.pi * order * turns + 0.15 * order), axis=0)
    return np.asarray(cycle / np.sqrt(np.mean(cycle**2)))


def _response(controls: Controls, singer: Singer) -> Floats:
    """Return the gain of the vocal tract, shape (frames, bins)."""
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    hertz = 440 * 2 ** ((controls.pitch - 69) / 12)
    formants = controls.formants.copy()
    formants[:, 0] = np.maximum(formants[:, 0], np.minimum(hertz * 0.95, 950))
    formants[:, 1] = np.maximum(formants[:, 1], np.minimum(hertz * 1.8, 2200))
    gain = np.ones((len(formants), len(bins)))
    squares = (bins**2)[None, :]
    for number, width in enumerate(WIDTHS[:3]):
        centre = formants[:, number, None]
        wide = width * (1 + 0.8 * controls.nasal[:, None]) + 0.15 * hertz[:, None]
        gain *= centre**2 / np.sqrt((squares - centre**2) ** 2 + (wide * bins) ** 2)
    fixed = np.ones(len(bins))
    for hertz_high, width in zip(HIGH_FORMANTS, WIDTHS[3:], strict=True):
        high = hertz_high * singer.tract
        fixed *= high**2 / np.sqrt((bins**2 - high**2) ** 2 + (width * bins) ** 2)
    gain *= fixed
    zero = 1 - 0.75 * np.exp(-(((bins - 900 * singer.tract) / 250) ** 2)) - 0.5 * (bins > 2500)
    if singer.diction is Diction.HUM or controls.nasal.any():
        gain *= 1 + controls.nasal[:, None] * (zero - 1)
    return gain


def _band(controls: Controls) -> Floats:
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    low, high = controls.hiss_hz[:, :1], controls.hiss_hz[:, 1:]
    return 1 / (1 + (low / np.maximum(bins, 1)) ** 4) / (1 + (bins / high) ** 6)


def _levelled(spectra: Spectra, level: Floats, evenness: float) -> Spectra:
    """Return spectra that have nearly a given amplitude in every frame.

    The rest of the sound's own level stays: vowels differ, and it moves as harmonics pass through formants.
    """
    power = np.sum(np.abs(spectra) ** 2, axis=1)
    own = np.sqrt(smooth(power, 9)) + 1e-9
    typical = float(np.median(own))
    gain = level * (own / typical) ** -evenness / typical
    return np.asarray(spectra * (gain * 0.1 * FFT / np.sqrt(2) * SCALE)[:, None])


SCALE: Final = float(np.sqrt(WINDOW * 0.375 / FFT))


def _spectra(sound: Floats) -> Spectra:
    padded = np.pad(sound, (WINDOW // 2, WINDOW))
    cut = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(sound) // HOP]
    return np.asarray(np.fft.rfft(cut * signal.windows.hann(WINDOW, sym=False), FFT, axis=1))


def _sound(spectra: Spectra, size: int) -> Floats:
    """Overlap and add; the windows of 256 samples every 64 add up to 2."""
    pieces = np.fft.irfft(spectra, FFT, axis=1) / 2
    blocks = FFT // HOP
    out = np.zeros((len(pieces) + blocks, HOP))
    for block in range(blocks):
        out[block : block + len(pieces)] += pieces[:, block * HOP : (block + 1) * HOP]
    return np.asarray(out.reshape(-1)[WINDOW // 2 :][:size])


def _whistle(controls: Controls, singer: Singer, rng: np.random.Generator) -> Floats:
    """A sine with a narrow band of noise around it, and air."""
    size = len(controls.pitch)
    at = np.arange(size * HOP) / HOP
    hertz = 440 * 2 ** ((controls.pitch - 69) / 12)
    phase = np.cumsum(np.interp(at, np.arange(size), hertz)) / RATE
    level = np.interp(at, np.arange(size), controls.level)
    wide = signal.lfilter(*signal.butter(2, 60, fs=RATE), rng.normal(0, 1, len(at)))
    tone = np.sin(2 * np.pi * phase) * (1 + 0.15 * wide / wide.std())
    tone += 10 ** (float(rng.uniform(-45, -22)) / 20) * np.sin(4 * np.pi * phase)
    air = signal.lfilter(*signal.butter(2, [800, 5000], "band", fs=RATE), rng.normal(0, 1, len(at)))
    air *= 10 ** ((singer.breath_db - 4) / 20) / air.std()
    return np.asarray(0.14 * level * tone + 0.1 * level * air)
