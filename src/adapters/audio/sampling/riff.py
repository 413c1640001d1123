"""The chunks of a SoundFont file.

Source: Creative Technology, "SoundFont Technical Specification 2.04", section 4. MuseScore's files omit the byte that
pads a chunk of odd size, and samples may fill gigabytes: only the lists are read.
"""

import struct
from typing import BinaryIO, Final, NamedTuple

from adapters.audio.sampling.errors import BadSoundFont

LISTS: Final = ("phdr", "pbag", "pmod", "pgen", "inst", "ibag", "imod", "igen", "shdr")
"""The lists of presets, instruments and samples: headers, and the ranges of generators and modulators in them."""

MAX_LIST_BYTES: Final = 32_000_000
MAX_CHUNKS: Final = 64


class Chunks(NamedTuple):
    """The lists by their names, and where the samples are: bytes into the file, and their number."""

    lists: dict[str, bytes]
    samples_at: int
    samples_size: int


def read_chunks(file: BinaryIO) -> Chunks:
    """Return what a SoundFont consists of.

    Raises:
        BadSoundFont: It is none, or ends early.
    """
    size = file.seek(0, 2)
    head = _read(file, 0, 12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise BadSoundFont("is no SoundFont: it does not begin with RIFF and sfbk")
    found: dict[str, tuple[int, int]] = {}
    for name, at, length in _walk(file, 12, size):
        if name == b"LIST":
            found |= {
                inner.decode("latin-1"): (start, count) for inner, start, count in _walk(file, at + 4, at + length)
            }
    lacking = [name for name in (*LISTS, "smpl") if name not in found]
    if lacking:
        raise BadSoundFont(f"is a SoundFont without {', '.join(lacking)}")
    lists = {name: _read_list(file, name, *found[name]) for name in LISTS}
    return Chunks(lists, *found["smpl"])


def _walk(file: BinaryIO, at: int, end: int) -> list[tuple[bytes, int, int]]:
    """Return name, place and size of the chunks between two places."""
    chunks: list[tuple[bytes, int, int]] = []
    while at + 8 <= end and len(chunks) < MAX_CHUNKS:
        name, size = struct.unpack("<4sI", _read(file, at, 8))
        chunks.append((name, at + 8, size))
        at += 8 + size
        if at > end:
            raise BadSoundFont(f"is a SoundFont that ends early, in {name.decode('latin-1')}")
        if size % 2 and at < end and _read(file, at, 1) == b"\0":
            at += 1
    return chunks


def _read_list(file: BinaryIO, name: str, at: int, size: int) -> bytes:
    if size > MAX_LIST_BYTES:
        raise BadSoundFont(f"is a SoundFont whose {name} has {size} bytes, more than {MAX_LIST_BYTES}")
    return _read(file, at, size)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    content = file.read(size)
    if len(content) < size:
        raise BadSoundFont("is a SoundFont that ends early")
    return content
