"""Reverb and echo for the voice: a short stereo plate, and a ping-pong delay in time with the music.

The plate is an impulse response of exponentially decaying noise (Moorer, "About this reverberation business", 1979),
band-limited by the style's damping.
"""

from typing import Final

import numpy as np
import soxr
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Stereo, resample
from adapters.audio.mix.effects import add_convolved
from domain.music.space import Space

_DECIMATION: Final = 2  # the reverb is dark: half the sample rate is enough and takes half the time
_MAX_PLATE_SECONDS: Final = 1.8
_SEND_DB: Final = -9.0  # the voice is drier than a part with `space` 1
_ECHO_DB: Final = -20.0
_DEFAULT_ECHO_BEATS: Final = 0.75


def add_ambience(voice: Stereo, space: Space, tempo_bpm: float, rng: np.random.Generator) -> None:
    """Add reverb and echo to a dry stereo signal in place."""
    inner = SAMPLE_RATE // _DECIMATION
    send = resample(voice, SAMPLE_RATE, inner)
    plate = _plate(inner, space, rng) * np.float32(10 ** ((space.reverb_db + _SEND_DB) / 20))
    echoes = _echoes(send, inner, (space.echo_beats or _DEFAULT_ECHO_BEATS) * 60 / tempo_bpm, bool(space.echo_beats))
    send += np.float32(0.5) * echoes
    add_convolved(echoes, send, plate)
    for channel, wet in zip(voice, echoes, strict=True):
        whole = soxr.resample(wet, inner, SAMPLE_RATE)[: len(channel)]
        channel[: len(whole)] += whole


def _plate(rate: int, space: Space, rng: np.random.Generator) -> Stereo:
    """Return an impulse response of unit energy per channel: two uncorrelated decaying noises."""
    seconds = min(space.reverb_seconds, _MAX_PLATE_SECONDS)
    delay = int(space.predelay_ms / 1000 * rate)
    time = np.arange(int(seconds * rate)) / rate
    noise = rng.standard_normal((len(time), 2)).T * (10 ** (-3 * time / seconds) * np.minimum(time / 0.008, 1))
    colour = signal.butter(1, [250, min(space.damping_hz, 0.45 * rate)], "band", fs=rate, output="sos")
    noise = signal.sosfilt(colour, noise)
    noise /= np.sqrt(np.sum(noise**2, axis=1, keepdims=True))
    return np.pad(noise, ((0, 0), (delay, 0))).astype(np.float32)


def _echoes(send: Stereo, rate: int, delay: float, featured: bool) -> Stereo:
    """Return three band-limited repeats of falling level, alternating between right and left."""
    step = int(delay * rate)
    dark = signal.butter(1, [300, 3000], "band", fs=rate, output="sos")
    repeat = signal.sosfilt(dark, (send[0] + send[1]) / 2).astype(np.float32)
    out = np.zeros_like(send)
    for count in range(1, 4):
        if count * step < send.shape[1]:
            level = 10 ** ((_ECHO_DB + 4 * featured - 7 * (count - 1)) / 20)
            out[count % 2, count * step :] += level * repeat[: send.shape[1] - count * step]
    return out
