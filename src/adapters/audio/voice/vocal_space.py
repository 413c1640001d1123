"""The space around the voice: a short stereo plate and an echo in time with the music."""

from typing import Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Stereo, resample
from domain.music.styles.style import Space

_HALVED: Final = 2  # the room is dark: half the rate is enough and twice as quick
_LONGEST_PLATE: Final = 1.8
_BELOW_PART_DB: Final = -9.0  # a voice stands nearer than a part with `space` 1
_ECHO_DB: Final = -20.0
_USUAL_ECHO_BEATS: Final = 0.75


def surround(dry: Stereo, space: Space, tempo_bpm: float, rng: np.random.Generator) -> Stereo:
    """Return the room's answer alone, as long as the dry stereo signal."""
    inner = SAMPLE_RATE // _HALVED
    send = resample(dry, SAMPLE_RATE, inner)
    plate = _plate(inner, space, rng) * 10 ** ((space.reverb_db + _BELOW_PART_DB) / 20)
    echoes = _echoes(send, inner, (space.echo_beats or _USUAL_ECHO_BEATS) * 60 / tempo_bpm, bool(space.echo_beats))
    cloud = signal.oaconvolve(send + 0.5 * echoes, plate, axes=1)[:, : send.shape[1]]
    wet = resample((cloud + echoes).astype(np.float32), inner, SAMPLE_RATE)
    size = dry.shape[1]
    return np.pad(wet, ((0, 0), (0, max(0, size - wet.shape[1]))))[:, :size]


def _plate(rate: int, space: Space, rng: np.random.Generator) -> Stereo:
    """Return two uncorrelated decaying noises of unit energy: early density of a plate, no flutter."""
    seconds = min(space.reverb_seconds, _LONGEST_PLATE)
    delay = int(space.predelay_ms / 1000 * rate)
    time = np.arange(int(seconds * rate)) / rate
    noise = rng.standard_normal((len(time), 2)).T * (10 ** (-3 * time / seconds) * np.minimum(time / 0.008, 1))
    colour = signal.butter(1, [250, min(space.damping_hz, 0.45 * rate)], "band", fs=rate, output="sos")
    noise = signal.sosfilt(colour, noise)
    noise /= np.sqrt(np.sum(noise**2, axis=1, keepdims=True))
    return np.pad(noise, ((0, 0), (delay, 0))).astype(np.float32)


def _echoes(send: Stereo, rate: int, delay: float, featured: bool) -> Stereo:
    """Return three repeats from side to side, each darker."""
    step = int(delay * rate)
    dark = signal.butter(1, [300, 3000], "band", fs=rate, output="sos")
    repeat = signal.sosfilt(dark, (send[0] + send[1]) / 2).astype(np.float32)
    out = np.zeros_like(send)
    for count in range(1, 4):
        if count * step < send.shape[1]:
            level = 10 ** ((_ECHO_DB + 4 * featured - 7 * (count - 1)) / 20)
            out[count % 2, count * step :] += level * repeat[: send.shape[1] - count * step]
    return out
