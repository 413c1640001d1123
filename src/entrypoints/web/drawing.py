"""Drawings of filled rectangles, which become SVG within a page, or PNG for those who take nothing else.

PNG (W3C, third edition) with a palette: a row of pixels is a row of bytes, so a rectangle is a few copies of bytes. No
library is needed, and the api stays small.
"""

import struct
from collections.abc import Iterable
from html import escape
from typing import Final
from zlib import compress, crc32

import msgspec

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE: Final = 3
_LEVEL: Final = 6


class Box(msgspec.Struct, frozen=True):
    """A filled rectangle in pixels from the upper left corner, with round corners.

    Attributes:
        colour: `#rrggbb`.
    """

    left: float
    top: float
    width: float
    height: float
    colour: str
    radius: float = 0.0


class Drawing(msgspec.Struct, frozen=True):
    """Boxes in the order in which they are painted, on a ground; at most 255 colours."""

    width: int
    height: int
    ground: str
    boxes: tuple[Box, ...]


def to_svg(drawing: Drawing, label: str) -> str:
    """Return the drawing as an element of HTML, without styles: policies forbid those."""
    boxes = "".join(map(_element, (Box(0, 0, drawing.width, drawing.height, drawing.ground), *drawing.boxes)))
    view = f'viewBox="0 0 {drawing.width} {drawing.height}"'
    return f'<svg {view} role="img" aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">{boxes}</svg>'


def to_png(drawing: Drawing) -> bytes:
    """Return the drawing as a PNG."""
    colours = list(dict.fromkeys((drawing.ground, *(box.colour for box in drawing.boxes))))
    row = bytes(1 + drawing.width)  # the first byte of a row says that it is not filtered
    rows = [bytearray(row) for _ in range(drawing.height)]
    for box in drawing.boxes:
        _paint(rows, box, bytes([colours.index(box.colour)]), drawing.width)
    header = struct.pack(">IIBBBBB", drawing.width, drawing.height, 8, _PALETTE, 0, 0, 0)
    palette = b"".join(bytes.fromhex(colour[1:]) for colour in colours)
    pixels = compress(b"".join(rows), _LEVEL)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another one, 0..1."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(one + (two - one) * share) for one, two in pairs).hex()


def _element(box: Box) -> str:
    place = f'x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}"'
    round_corners = f' rx="{box.radius:g}"' if box.radius else ""
    return f'<rect {place}{round_corners} fill="{box.colour}"/>'


def _paint(rows: list[bytearray], box: Box, colour: bytes, width: int) -> None:
    top, bottom = max(round(box.top), 0), min(round(box.top + box.height), len(rows))
    insets = list(_insets(round(box.radius), bottom - top))
    for row, inset in zip(rows[top:bottom], insets, strict=True):
        first, last = max(round(box.left) + inset, 0), min(round(box.left + box.width) - inset, width)
        if last > first:
            row[1 + first : 1 + last] = colour * (last - first)


def _insets(radius: int, height: int) -> Iterable[int]:
    """Yield by how much each row of a box is narrower on either side: those of a quarter of a circle at its corners."""
    for row in range(height):
        depth = radius - 0.5 - min(row, height - 1 - row)
        yield radius - round((radius**2 - depth**2) ** 0.5) if depth > 0 else 0


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc32(kind + content))
