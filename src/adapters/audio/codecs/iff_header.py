"""Headers of WAV and AIFF files: recorders write sizes that are wrong, and FFmpeg believes or corrects them silently.

Sources: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991 (RIFF); EBU Tech 3306
(RF64); Apple, "Audio Interchange File Format", 1989; Microsoft, WAVEFORMATEXTENSIBLE.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal, NamedTuple

import msgspec

UNKNOWN_SIZE: Final = 0x7FF0_0000
"""From this many bytes on, a size is a placeholder of streaming recorders (0xFFFFFFFF, 0x7FFFF000 …)."""

PCM: Final = 1
EXTENSIBLE: Final = 0xFFFE
MAX_CHUNKS: Final = 64
_LONG_SIZES: Final = {b"RF64", b"BW64"}


class Chunk(NamedTuple):
    """A chunk of the file: its identifier, where its content begins, and how many bytes that declares to have."""

    name: bytes
    at: int
    size: int


class IffHeader(msgspec.Struct, frozen=True):
    """What the header of a WAV or AIFF file says.

    Attributes:
        sound: The chunk of the samples.
        whole_size: Bytes that the file declares to have.
        file_size: Bytes that it has.
        has_more: Whether bytes that are no chunk follow the samples: the size of these is too small.
        patch: Where the header has to read differently for FFmpeg, and how; empty for most files.
    """

    sound: Chunk
    whole_size: int
    file_size: int
    has_more: bool = False
    patch: tuple[int, bytes] = (0, b"")

    @property
    def missing(self) -> float:
        """The ratio of the sound that is declared to the sound that is there; 1 if none is missing.

        The file is taken for cut only if both sizes say so: recorders that crash or stream write one of them wrong.
        """
        declared, available = self.sound.size, max(self.file_size - self.sound.at, 1)
        is_cut = available < declared < UNKNOWN_SIZE and self.file_size < self.whole_size < UNKNOWN_SIZE + 8
        return declared / available if is_cut else 1.0


def read_header(file: BinaryIO) -> IffHeader | None:
    """Return the header of a WAV or AIFF file, None for other files and where no samples are found."""
    file.seek(0)
    head = file.read(12)
    is_wav = head[:4] in {b"RIFF", *_LONG_SIZES} and head[8:] == b"WAVE"
    if not is_wav and not (head[:4] == b"FORM" and head[8:] in {b"AIFF", b"AIFC"}):
        return None
    order: Literal["little", "big"] = "little" if is_wav else "big"
    file_size = os.fstat(file.fileno()).st_size
    chunks = {chunk.name: chunk for chunk in _chunks(file, order, file_size)}
    sound = chunks.get(b"data" if is_wav else b"SSND")
    if sound is None or head[:4] in _LONG_SIZES:
        return None
    return IffHeader(
        sound=sound,
        whole_size=int.from_bytes(head[4:8], order) + 8,
        file_size=file_size,
        has_more=is_wav and _has_more(file, sound, file_size),
        patch=_patch(file, chunks[b"fmt "]) if is_wav and b"fmt " in chunks else (0, b""),
    )


def _chunks(file: BinaryIO, order: Literal["little", "big"], file_size: int) -> Iterator[Chunk]:
    at = 12
    for _ in range(MAX_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        chunk = Chunk(head[:4], at + 8, int.from_bytes(head[4:], order))
        yield chunk
        at = chunk.at + chunk.size + chunk.size % 2
        if at >= file_size or chunk.name == b"data":
            return


def _has_more(file: BinaryIO, sound: Chunk, file_size: int) -> bool:
    """Whether samples follow the chunk of the samples: a recorder died before it wrote the last size."""
    end = sound.at + sound.size + sound.size % 2
    file.seek(end)
    head = file.read(4)
    is_chunk = all(0x20 <= byte < 0x7F for byte in head)
    return file_size - end > max(sound.size / 10, 8) and not is_chunk and not head.startswith((b"ID3", b"TAG"))


def _patch(file: BinaryIO, fmt: Chunk) -> tuple[int, bytes]:
    """Return the patch for integer samples that fill a part of their container, such as 24 bits of 32.

    By the standard they are its upper bits, so all of it can be read. FFmpeg takes these for rare floats, or steps
    through the file at the wrong width.
    """
    file.seek(fmt.at)
    body = file.read(min(fmt.size, 40))
    if len(body) < 16:
        return 0, b""
    tag, channels, align, bits = (int.from_bytes(body[at : at + 2], "little") for at in (0, 2, 12, 14))
    container = 8 * align // max(channels, 1)
    where, valid = 14, bits
    if tag == EXTENSIBLE and len(body) >= 26:
        tag, where, valid = int.from_bytes(body[24:26], "little"), 18, int.from_bytes(body[18:20], "little")
    is_partial = tag == PCM and valid < container and container in {16, 24, 32} and align % max(channels, 1) == 0
    return (fmt.at + where, container.to_bytes(2, "little")) if is_partial else (0, b"")
