"""Media type sniffing: what a file is, from its first bytes.

The content decides, never the file's name or the declared type. Signatures are those of the containers' own standards,
named at each recogniser; compare the WHATWG MIME Sniffing Standard, section 6.2, which knows fewer of them.
"""

from collections.abc import Callable
from typing import Final

SNIFF_BYTES: Final = 4096
"""Bytes needed from a file's beginning: enough for two frames of MP3 and of any usual AAC."""

_MP3_BITRATES: Final = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    0: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III by the version's code: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""

_MP3_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Hz by the version's code."""

_MP4_BRANDS: Final = {b"qt  ", b"avc1", b"dash", b"F4A ", b"F4V ", b"f4v ", b"MSNV", b"mmp4", b"cmfc"}
_MP4_FAMILIES: Final = {b"iso", b"mp4", b"M4A", b"M4B", b"M4V"}


def audio_mime_type(head: bytes) -> str | None:
    """Return the media type of a recording, or None if its first bytes match no known format.

    Containers that can also hold video are reported as audio: the decoder finds out which streams are inside.
    """
    return next((mime_type for mime_type, recognises in _RECOGNISERS if recognises(head)), None)


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _form(containers: set[bytes], kinds: set[bytes]) -> Callable[[bytes], bool]:
    """Recognise IFF-like files: an identifier, a length of four bytes, the kind."""
    return lambda head: head[:4] in containers and head[8:12] in kinds


def _is_ogg(head: bytes) -> bool:
    """Whether an Ogg page begins with the first packet of an audio codec (RFC 3533, section 6)."""
    if not head.startswith(b"OggS\0") or len(head) < 28:
        return False
    packet = head[27 + head[26] :]
    return packet.startswith((b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   "))


def _brand(head: bytes) -> bytes:
    """Return the major brand of an ISO media file, or nothing (ISO/IEC 14496-12, 4.3)."""
    plausible = head[4:8] == b"ftyp" and 16 <= int.from_bytes(head[:4], "big") <= 1024
    return head[8:12] if plausible else b""


def _is_mp4(head: bytes) -> bool:
    """Whether the brand is one of sound or film; still pictures (`heic`, `avif`) use the same boxes."""
    return _brand(head) in _MP4_BRANDS or _brand(head)[:3] in _MP4_FAMILIES


def _is_3gp(head: bytes) -> bool:
    return _brand(head)[:3] in {b"3gp", b"3g2", b"3ge", b"3gs"}


def _ebml(document_type: bytes) -> Callable[[bytes], bool]:
    """Recognise an EBML header that names a document type (RFC 8794, sections 11.2.1 and 11.2.4)."""
    element = b"\x42\x82" + bytes([0x80 | len(document_type)]) + document_type
    return lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and element in head[:64]


def _is_mp3(head: bytes) -> bool:
    """Whether an ID3v2 tag or two frames of MPEG audio begin here (ID3v2.4, 3.1; ISO/IEC 11172-3, 2.4.1.3)."""
    if head.startswith(b"ID3"):
        return len(head) >= 10 and head[3] in {2, 3, 4} and all(byte < 0x80 for byte in head[6:10])
    return _has_two_frames(head, _mp3_frame_length)


def _is_adts(head: bytes) -> bool:
    return _has_two_frames(head, _adts_frame_length)


def _has_two_frames(head: bytes, frame_length: Callable[[bytes], int]) -> bool:
    """Whether a frame begins here and another where it ends: one header alone turns up in random bytes."""
    length = frame_length(head)
    return length > 0 and frame_length(head[length:]) > 0


def _mp3_frame_length(frame: bytes) -> int:
    """Return the bytes of a layer III frame, 0 if none begins here (ISO/IEC 11172-3, 2.4.1.3 and 2.4.3.1)."""
    header = int.from_bytes(frame[:4], "big")
    version, layer = header >> 19 & 3, header >> 17 & 3
    bitrate, rate, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or not 1 <= bitrate <= 14 or rate == 3:
        return 0
    samples_per_byte = 144_000 if version == 3 else 72_000
    return samples_per_byte * _MP3_BITRATES[version][bitrate - 1] // _MP3_RATES[version][rate] + padding


def _adts_frame_length(frame: bytes) -> int:
    """Return the bytes of an ADTS frame with its header, 0 if none begins here (ISO/IEC 13818-7, 6.2)."""
    header = int.from_bytes(frame[:7], "big")
    sync, layer, rate = header >> 44, header >> 41 & 3, header >> 34 & 15
    length = header >> 13 & 0x1FFF
    return length if len(frame) >= 7 and sync == 0xFFF and layer == 0 and rate <= 12 and length > 7 else 0


_RECOGNISERS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("audio/wav", _form({b"RIFF", b"RF64", b"BW64"}, {b"WAVE"})),
    ("audio/aiff", _form({b"FORM"}, {b"AIFF", b"AIFC"})),
    ("audio/flac", _starts(b"fLaC")),
    ("audio/ogg", _is_ogg),
    ("audio/webm", _ebml(b"webm")),
    ("audio/x-matroska", _ebml(b"matroska")),
    ("audio/mp4", _is_mp4),
    ("audio/3gpp", _is_3gp),
    ("audio/x-caf", _starts(b"caff\0\1")),
    ("audio/amr", _starts(b"#!AMR\n")),
    ("audio/amr-wb", _starts(b"#!AMR-WB\n")),
    ("audio/mpeg", _is_mp3),
    ("audio/aac", _is_adts),
)
