"""Codecs that voices travel through: PyAV's encoders, narrow bands, and lost packets with concealment."""

from enum import Enum
from functools import cache
from typing import Any, Final, Literal

import av
import msgspec
import numpy as np
import soxr
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from adapters.audio.arrays import Floats
from training.voices.controls import RATE
from training.voices.singers import Split

PACKET: Final = RATE // 50
"""Samples of a packet of 20 ms."""


DECODERS: Final = {"libopencore_amrnb": "amrnb", "libmp3lame": "mp3"}
"""Decoders whose names are not those of their encoders."""


class Coding(msgspec.Struct, frozen=True):
    """An encoder of FFmpeg, the sample rate and format that it takes, and its bit rates."""

    encoder: str
    rate: int
    layout: str
    bit_rates: tuple[int, ...]


class Codec(Enum):
    """What recorders, messengers and calls use."""

    NONE = None
    OPUS = Coding("libopus", 16_000, "s16", (10_000, 16_000, 24_000, 32_000))
    AAC = Coding("aac", 16_000, "fltp", (20_000, 32_000, 48_000))
    AMR = Coding("libopencore_amrnb", 8_000, "s16", (4_750, 7_400, 12_200))
    MU_LAW = Coding("pcm_mulaw", 8_000, "s16", (64_000,))
    MP3 = Coding("libmp3lame", 16_000, "s16p", (24_000, 32_000, 48_000))
    G722 = Coding("g722", 16_000, "s16", (64_000,))


CODECS: Final = {
    Split.TRAIN: ((Codec.NONE, 0.42), (Codec.OPUS, 0.24), (Codec.AAC, 0.2), (Codec.AMR, 0.08), (Codec.MU_LAW, 0.06)),
    Split.EXCLUDED: ((Codec.MP3, 0.6), (Codec.G722, 0.4)),
}
"""What each split draws, and how often."""


def transmitted(sound: Floats, split: Split, rng: np.random.Generator) -> Floats:
    """Return a sound (peaks within ±1) after a random codec, and now and then with lost packets."""
    codecs, chances = zip(*CODECS[split], strict=True)
    codec = codecs[int(rng.choice(len(codecs), p=chances))]
    if codec is not Codec.NONE:
        coding = codec.value
        sound = coded(sound, codec, int(rng.choice(coding.bit_rates)))
    return _lossy(sound, rng) if rng.random() < 0.1 else sound


def coded(sound: Floats, codec: Codec, bit_rate: int) -> Floats:
    """Return a sound after encoding and decoding, its delay removed, as long as before."""
    delay = _delay(codec, bit_rate)
    return _aligned(_round_trip(sound, codec.value, bit_rate), delay, len(sound))


def _aligned(sound: Floats, delay: int, size: int) -> Floats:
    moved = sound[delay:] if delay >= 0 else np.pad(sound, (-delay, 0))
    return np.pad(moved[:size], (0, max(0, size - len(moved))))


@cache
def _delay(codec: Codec, bit_rate: int) -> int:
    """Measure the delay of a codec in samples at `RATE`, by correlation of a chirp's return."""
    time = np.arange(RATE) / RATE
    chirp = 0.5 * np.sin(2 * np.pi * (200 * time + 900 * time**2)) * np.hanning(RATE)
    chirp = np.pad(chirp, (RATE // 4, RATE // 2))
    back = _round_trip(chirp, codec.value, bit_rate)
    size = 2 ** int(np.ceil(np.log2(len(chirp) + len(back))))
    match = np.fft.irfft(np.fft.rfft(back, size) * np.conj(np.fft.rfft(chirp, size)), size)
    best = int(np.argmax(match))
    return best if best < size // 2 else best - size


def _round_trip(sound: Floats, coding: Coding, bit_rate: int) -> Floats:
    samples = soxr.resample(sound, RATE, coding.rate) if coding.rate != RATE else sound
    encoder = _context(coding.encoder, "w")
    encoder.sample_rate, encoder.format, encoder.layout, encoder.bit_rate = coding.rate, coding.layout, "mono", bit_rate
    encoder.open()
    size = encoder.frame_size or coding.rate // 50
    packets = [packet for frame in _frames(samples, coding, size) for packet in encoder.encode(frame)]
    packets += encoder.encode(None)
    return _decoded(packets, encoder, coding)


def _context(name: str, mode: Literal["r", "w"]) -> AudioCodecContext:
    context = av.CodecContext.create(name, mode)
    if not isinstance(context, AudioCodecContext):
        raise TypeError(f"{name} is no audio codec")
    return context


def _frames(samples: Floats, coding: Coding, size: int) -> list[av.AudioFrame]:
    padded = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    scaled: NDArray[np.generic] = padded.astype(np.float32)
    if coding.layout.startswith("s16"):
        scaled = (np.clip(padded, -1, 1) * 32_767).astype(np.int16)
    frames = list[av.AudioFrame]()
    for number, row in enumerate(scaled):
        frame = av.AudioFrame.from_ndarray(row[None, :], format=coding.layout, layout="mono")
        frame.sample_rate, frame.pts = coding.rate, number * size
        frames.append(frame)
    return frames


def _decoded(packets: "list[av.Packet[Any]]", encoder: AudioCodecContext, coding: Coding) -> Floats:
    decoder = _context(DECODERS.get(coding.encoder, coding.encoder), "r")
    decoder.extradata = encoder.extradata
    decoder.sample_rate, decoder.layout = coding.rate, "mono"
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    pieces = [frame.to_ndarray()[0] for frame in frames]
    joined = np.concatenate(pieces)
    sound = joined.astype(np.float64) / (32_768 if joined.dtype == np.int16 else 1)
    rate = frames[0].sample_rate
    return np.asarray(soxr.resample(sound, rate, RATE) if rate != RATE else sound)


def _lossy(sound: Floats, rng: np.random.Generator) -> Floats:
    """Lose packets, up to three in a row; repeat the last one, fading (ITU-T G.711 appendix I, simplified)."""
    out, lost, fade = sound.copy(), 0, 1.0
    share = float(rng.uniform(0.005, 0.06))
    fates = rng.random(len(sound) // PACKET)
    for number in range(1, len(fates)):
        lost = lost + 1 if lost < 3 and fates[number] < (share if lost == 0 else 0.4) else 0
        if lost:
            fade = 0.75**lost
            last = slice((number - 1) * PACKET, number * PACKET)
            out[number * PACKET : (number + 1) * PACKET] = out[last] * fade
    return out
