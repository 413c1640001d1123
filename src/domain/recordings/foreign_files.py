"""Files that are known to be something other than sound: text in every form, pictures, documents, archives, programs.

Source: WHATWG, "MIME Sniffing Standard", sections 5 to 7, and the formats' own signatures.
"""

import re
from typing import Final

_SIGNATURES: Final = (
    b"%PDF-",
    b"%!PS",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"II*\0",  # TIFF
    b"MM\0*",
    b"8BPS",
    b"\0\0\1\0\1\0",  # an icon
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
    b"PK\3\4",
    b"PK\5\6",
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",  # Zstandard
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\7",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\0asm",
    b"MThd",  # notes, not sound
    b"SQLite format 3\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # Office before 2007
    b"wOFF",
    b"wOF2",
    b"OTTO\0",
    b"\0\1\0\0\0",  # TrueType
)

_PICTURE_BRANDS: Final = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1", b"miaf"),
    *(b"avif", b"avis", b"avio", b"jpeg", b"jpgs", b"j2ki", b"crx "),
}
"""Major brands of ISO media files that hold still pictures."""

_MARKUP: Final = re.compile(
    rb"\s*(<!doctype|<!--|<\?xml|</?(html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg)[\s>]"
    rb"|#extm3u|#ext-x-|\[playlist\]|ffconcat version)",
    re.IGNORECASE,
)
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def is_foreign(head: bytes) -> bool:
    """Whether a file that begins so is known to be no sound: by a signature, or as markup or a playlist."""
    is_marked = head.startswith((*_SIGNATURES, *_BYTE_ORDER_MARKS)) or _MARKUP.match(head) is not None
    return is_marked or _is_picture(head) or _is_other_matroska(head)


def is_text(head: bytes) -> bool:
    """Whether these are words: without any byte that no text has. Some signatures of sound are words, too."""
    return _BINARY.search(head) is None


def _is_picture(head: bytes) -> bool:
    is_picture_brand = head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS
    return is_picture_brand or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _is_other_matroska(head: bytes) -> bool:
    """Whether an EBML header names a type of document other than WebM and Matroska (RFC 8794, section 11.2.4)."""
    at = head.find(b"\x42\x82", 0, 64)
    return head.startswith(b"\x1a\x45\xdf\xa3") and at >= 0 and head[at + 3 : at + 7] not in {b"webm", b"matr"}
