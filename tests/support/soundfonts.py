"""Small SoundFonts of our own waves: every program that the band reads, one looped sample each."""

import io
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.programs import SAMPLED

ROOT = 60
CYCLE = 168
"""Frames of a cycle at 44.1 kHz: 262.5 Hz, a third of a semitone above middle C."""

CENTS = -6
"""What brings it down to middle C."""

LOOP = (20 * CYCLE, 60 * CYCLE)

PROGRAMS = tuple(sorted({instrument.program for instrument in SAMPLED}))

Generators = dict[Gen, int]


def wave(harmonics: int) -> Mono:
    """Return a sample: an onset, and a steady sound of so many harmonics."""
    phase = np.arange(LOOP[1] + CYCLE) * (2 * np.pi / CYCLE)
    sound = sum((np.sin(order * phase) / order for order in range(1, harmonics + 1)), np.zeros(len(phase)))
    return np.asarray(0.3 * sound * np.minimum(phase / (20 * np.pi), 1), np.float32)


def write_soundfont(
    path: Path,
    *,
    compressed: bool = False,
    programs: Iterable[int] = PROGRAMS,
    preset: Generators | None = None,
    instrument: Generators | None = None,
    modulators: Iterable[tuple[int, int, int, int, int]] = (),
) -> Path:
    """Write a SoundFont, each program with some more harmonics than the one before; return its path.

    Args:
        path: Where to.
        compressed: As SF3, whose samples are Ogg Vorbis.
        programs: General MIDI programs, from 0.
        preset: Generators of each preset's zone.
        instrument: Generators of each instrument's zone.
        modulators: Those of each instrument's zone.
    """
    numbers, own, extra = list(programs), instrument or {}, list(modulators)
    pool, headers = _samples(len(numbers), compressed=compressed)
    looped = {Gen.SAMPLE_MODE: 1, **own}
    lists = {
        b"phdr": b"".join(_preset(number, at) for at, number in enumerate([*numbers, 0])),
        b"pbag": _bags(len(numbers), len(preset or {}) + 1, 0),
        b"pmod": bytes(10),
        b"pgen": b"".join(_generators({**(preset or {}), Gen.INSTRUMENT: at}) for at in range(len(numbers))) + bytes(4),
        b"inst": b"".join(struct.pack("<20sH", b"instrument", at) for at in range(len(numbers) + 1)),
        b"ibag": _bags(len(numbers), len(looped) + 1, len(extra)),
        b"imod": b"".join(struct.pack("<HHhHH", *record) for record in extra) * len(numbers) + bytes(10),
        b"igen": b"".join(_generators({**looped, Gen.SAMPLE: at}) for at in range(len(numbers))) + bytes(4),
        b"shdr": b"".join(headers) + bytes(46),
    }
    body = _list(b"INFO", [(b"ifil", struct.pack("<HH", 2, 4))]) + _list(b"sdta", [(b"smpl", pool)])
    body += _list(b"pdta", list(lists.items()))
    path.write_bytes(_chunk(b"RIFF", b"sfbk" + body))
    return path


def _samples(count: int, *, compressed: bool) -> tuple[bytes, list[bytes]]:
    pool, headers = b"", []
    for at in range(count):
        content = _ogg(wave(at + 2)) if compressed else (wave(at + 2) * 32767).astype("<i2").tobytes() + bytes(92)
        start = len(pool) if compressed else len(pool) // 2
        base = 0 if compressed else start
        end = start + (len(content) if compressed else LOOP[1] + CYCLE)
        kind = 0x11 if compressed else 1
        loop = (base + LOOP[0], base + LOOP[1])
        headers.append(struct.pack("<20sIIIIIBbHH", b"wave", start, end, *loop, SAMPLE_RATE, ROOT, CENTS, 0, kind))
        pool += content
    return pool, headers


def _ogg(sound: Mono) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, SAMPLE_RATE, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


def _preset(program: int, at: int) -> bytes:
    return struct.pack("<20sHHHIII", b"preset", program, 0, at, 0, 0, 0)


def _bags(count: int, generators: int, modulators: int) -> bytes:
    return b"".join(struct.pack("<HH", at * generators, at * modulators) for at in range(count + 1))


def _generators(values: Generators) -> bytes:
    return b"".join(struct.pack("<Hh", number, value) for number, value in values.items())


def _list(kind: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    return _chunk(b"LIST", kind + b"".join(_chunk(name, content) for name, content in chunks))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)
