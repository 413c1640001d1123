"""Media type sniffing: what a file is, from its first bytes.

The content decides, never the file's name or the declared type. What is known to be something other than sound is
refused. Everything else is the decoder's to judge: it reads more formats, and more broken files, than any list of
signatures. Signatures are those of the containers' own standards, named at each recogniser.
"""

from collections.abc import Callable
from typing import Final

from domain.recordings.foreign_files import is_foreign, is_text
from domain.recordings.mpeg_frames import frames_type

SNIFF_BYTES: Final = 4096
"""Bytes needed from a file's beginning: enough for two frames of MP3 and of any usual AAC."""

UNKNOWN: Final = "application/octet-stream"
"""The type of what may be sound, for all we know."""

_MAX_TAGS: Final = 8
_MOVIE_ATOMS: Final = {b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx"}


def audio_mime_type(head: bytes) -> str | None:
    """Return the media type of what may be a recording, `UNKNOWN` if no format is recognised; None if it is none.

    Containers that can also hold video are reported as audio: the decoder finds out which streams are inside.
    """
    head = head.lstrip(b"\0") if head.startswith(bytes(16)) else head  # recorders may leave a hole before the sound
    tagged = False
    for _ in range(_MAX_TAGS):
        if not _is_id3(head):
            break
        tagged, head = True, head[_id3_length(head) :]
    if is_foreign(head):
        return None
    if found := next((mime_type for mime_type, recognises in _RECOGNISERS if recognises(head)), None):
        return found
    if head and is_text(head):
        return None
    return frames_type(head) or ("audio/mpeg" if tagged else UNKNOWN)


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _form(containers: set[bytes], kinds: set[bytes]) -> Callable[[bytes], bool]:
    """Recognise IFF-like files: an identifier, a length of four bytes, the kind."""
    return lambda head: head[:4] in containers and head[8:12] in kinds


def _is_mp4(head: bytes) -> bool:
    """Whether this is an ISO media file, whatever its brand, or a QuickTime film without one (ISO/IEC 14496-12)."""
    if head[4:8] == b"ftyp":
        return len(head) >= 12
    return head[4:8] in _MOVIE_ATOMS and int.from_bytes(head[:4], "big") != 0


def _is_3gp(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:11] in {b"3gp", b"3g2", b"3ge", b"3gs"}


def _ebml(document_type: bytes) -> Callable[[bytes], bool]:
    """Recognise an EBML header that names a document type (RFC 8794, sections 11.2.1 and 11.2.4)."""
    element = b"\x42\x82" + bytes([0x80 | len(document_type)]) + document_type
    return lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and element in head[:64]


def _is_id3(head: bytes) -> bool:
    """Whether an ID3v2 tag begins here (ID3v2.4, section 3.1)."""
    is_tag = head.startswith(b"ID3") and len(head) >= 10 and head[3] in {2, 3, 4}
    return is_tag and all(byte < 0x80 for byte in head[6:10])


def _id3_length(head: bytes) -> int:
    """Return the bytes of a tag with its header and its footer: each byte of its size has seven bits."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte
    return 10 + size + (10 if head[5] & 0x10 else 0)


_RECOGNISERS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("audio/wav", _form({b"RIFF", b"RF64", b"BW64"}, {b"WAVE"})),
    ("audio/aiff", _form({b"FORM"}, {b"AIFF", b"AIFC"})),
    ("audio/flac", _starts(b"fLaC")),
    ("audio/ogg", _starts(b"OggS\0")),
    ("audio/webm", _ebml(b"webm")),
    ("audio/x-matroska", _ebml(b"matroska")),
    ("audio/3gpp", _is_3gp),
    ("audio/mp4", _is_mp4),
    ("audio/x-caf", _starts(b"caff\0\1")),
    ("audio/amr", _starts(b"#!AMR\n")),
    ("audio/amr-wb", _starts(b"#!AMR-WB\n")),
)
