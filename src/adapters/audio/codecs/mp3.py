"""Encodes MP3 by LAME (lameenc), with an Info tag: by it, players leave out what encoder and decoder add at both ends.

LAME's own wheel writes no tag. Its layout is Gabriel Bouvigne's "MP3 Info Tag revision 1 specifications" (2001).
"""

import struct
from typing import Final

import lameenc
import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.codecs.mp3_seam import COMMON, FRAME, STEP, count_frames, join_halves
from adapters.audio.side_by_side import side_by_side

QUALITY: Final = 7
"""LAME's algorithm, 0 is the slowest: it takes half the time of the default, and nobody hears it at these rates."""

_CHUNK: Final = 64 * FRAME
_WORTH_HALVES: Final = 60 * SAMPLE_RATE  # samples: of a shorter piece, what both encode is too large a part
_DELAY: Final = 576  # samples that LAME puts before the music
_BIT_RATES: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Of MPEG-1 layer III, kbit/s, by index."""

_SIDE_INFORMATION: Final = bytes(32)
_FRAMES_BYTES_CONTENTS_QUALITY: Final = 0x0F
_CONTENTS: Final = bytes(index * 256 // 100 for index in range(100))
"""Where each hundredth of the music begins, of 256: linear, since the bit rate is constant."""

_CONSTANT_BIT_RATE: Final = 1
_TAGGED: Final = 190  # bytes that the tag's checksum covers
_FULL_SCALE: Final = 32767.0


def encode_mp3(sound: Stereo, bit_rate: int, scale: float = 1.0) -> bytes:
    """Return sound at 44.1 kHz as a file of constant bit rate, in bit/s; equal sounds make equal bytes.

    The samples are divided by `scale`.

    Raises:
        RuntimeError: LAME fails.
    """
    music = _in_halves(sound, bit_rate, scale) if sound.shape[1] >= _WORTH_HALVES else None
    music = music or _encode(sound, bit_rate, scale)
    return _tag(music, sound.shape[1], bit_rate) + music


def _in_halves(sound: Stereo, bit_rate: int, scale: float) -> bytes | None:
    """Return the frames of two encoders that work at the same time, None if their halves do not fit together."""
    start = sound.shape[1] // FRAME // 2 // STEP * STEP
    halves = [sound[:, : (start + COMMON) * FRAME], sound[:, start * FRAME :]]
    first, second = side_by_side(lambda half: _encode(half, bit_rate, scale), halves)
    return join_halves(first, second, start, bit_rate)


def _encode(sound: Stereo, bit_rate: int, scale: float) -> bytes:
    """Return the frames of one encoder."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bit_rate // 1000)
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(2)
    encoder.set_quality(QUALITY)
    music = bytearray()
    for first in range(0, sound.shape[1], _CHUNK):
        music += encoder.encode(_integers(sound[:, first : first + _CHUNK].T / np.float32(scale)))
    return bytes(music + encoder.flush())


def _integers(frames: Stereo) -> bytes:
    """Return frames of shape (n, 2) as 16 bits, interleaved."""
    np.clip(frames, -1, 1, out=frames)
    frames *= np.float32(_FULL_SCALE)
    return np.rint(frames, out=frames).astype("<i2", order="C").tobytes()


def _tag(music: bytes, samples: int, bit_rate: int) -> bytes:
    """Return the frame before the music that says how long it is."""
    frames = count_frames(music, bit_rate)
    length = 144 * bit_rate // SAMPLE_RATE
    header = bytes([0xFF, 0xFB, _BIT_RATES.index(bit_rate // 1000) << 4, 0x44])
    xing = struct.pack(">4sIII", b"Info", _FRAMES_BYTES_CONTENTS_QUALITY, frames, length + len(music))
    padding = min(max(frames * FRAME - samples - _DELAY, 0), 0xFFF)
    lame = struct.pack(">9sBBIHHBB", b"LAME4.0\0\0", _CONSTANT_BIT_RATE, 0, 0, 0, 0, 0, min(bit_rate // 1000, 255))
    gaps = (_DELAY << 12 | padding).to_bytes(3, "big")
    rest = struct.pack(">BBHIH", 0, 0, 0, length + len(music), 0)
    tag = header + _SIDE_INFORMATION + xing + _CONTENTS + struct.pack(">I", 57) + lame + gaps + rest
    return (tag + struct.pack(">H", _checksum(tag[:_TAGGED]))).ljust(length, b"\0")


def _checksum(data: bytes) -> int:
    """Return the CRC-16 (polynomial 0x8005, reflected) of a tag."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
