"""A small writer of SVG 1.1: text, boxes, lines, time axes and waveforms.

A picture is one file for any page, light or dark: it brings its own ground, names no font, style sheet, script or link,
and has attributes instead of styles, which a Content Security Policy may forbid. Equal drawings are equal bytes.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

import numpy as np

from adapters.audio.arrays import Floats
from adapters.audio.pictures.words import clock, escaped

WIDTH: Final = 960
LEFT: Final = 60
RIGHT: Final = WIDTH - 15
INK, FAINT, GRID, WAVE = "#1f2937", "#6b7280", "#e5e7eb", "#0f766e"

Anchor = Literal["start", "middle", "end"]
Scale = Callable[[float], float]
"""From seconds or pitches to pixels."""

_COLUMN: Final = 3  # pixels of a waveform that share a stroke
_BODY: Final = 0.55  # opacity of peaks, in front of which the level is solid
_STEPS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)  # seconds between the marks of an axis
_CLOSEST: Final = 55  # pixels between two of them


class Drawing:
    """An SVG under construction.

    Args:
        height: Pixels of the view box, `WIDTH` wide.
        title: What it shows; a tooltip in browsers.
        description: The same in words, for those who do not see it.
    """

    def __init__(self, height: float, title: str, description: str = "") -> None:
        self._height = height
        self._title = title
        self._description = description
        self._marks: list[str] = []

    def save(self, path: Path) -> None:
        """Write the file."""
        path.write_text(self.document(), encoding="utf-8")

    def document(self) -> str:
        """Return the document."""
        size = f'width="{WIDTH}" height="{self._height:g}"'
        view = f'viewBox="0 0 {WIDTH} {self._height:g}" role="img" font-family="sans-serif"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>'
        words = [f"<title>{escaped(self._title)}</title>"]
        words += [f"<desc>{escaped(self._description)}</desc>"] if self._description else []
        ground = f'<rect {size} rx="8" fill="#ffffff"/>'
        return "\n".join([head, *words, ground, *self._marks, "</svg>", ""])

    def text(
        self, x: float, y: float, words: str, *, size: float = 12, fill: str = INK, anchor: Anchor = "start"
    ) -> None:
        """Write words with their baseline at `y`."""
        self.texts([(x, y, words)], size=size, fill=fill, anchor=anchor)

    def texts(
        self,
        texts: Iterable[tuple[float, float, str]],
        *,
        size: float = 12,
        fill: str = INK,
        anchor: Anchor = "start",
    ) -> None:
        """Write words, each with its place, that look alike; empty ones are left out."""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        written = [f'<text x="{x:.1f}" y="{y:.1f}">{escaped(words)}</text>' for x, y, words in texts if words]
        if written:
            self._marks.append(f'<g font-size="{size:g}" fill="{fill}"{place}>{"".join(written)}</g>')

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1, rx: float = 2
    ) -> None:
        """Fill a rectangle."""
        faded = "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'
        self._marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.8):.1f}" height="{height:.1f}" rx="{rx:g}" '
            f'fill="{fill}"{faded}/>'
        )

    def line(self, points: Iterable[tuple[float, float]], stroke: str, *, width: float = 1.0) -> None:
        """Draw a line through points."""
        self.lines([points], stroke, width=width)

    def lines(self, lines: Iterable[Iterable[tuple[float, float]]], stroke: str, *, width: float = 1.0) -> None:
        """Draw lines of one colour as one element: far fewer bytes than one for each."""
        joined = "".join(_line([(round(10 * x), round(10 * y)) for x, y in line]) for line in lines)
        if joined:
            ends = 'stroke-linejoin="round"'
            self._marks.append(f'<path d="{joined}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {ends}/>')

    def seconds(self, x: Scale, start: float, end: float, top: float, bottom: float) -> None:
        """Draw a time axis below a panel: a faint line at round seconds, as far apart as their labels need."""
        room = _CLOSEST * (end - start) / max(x(end) - x(start), 1e-9)
        step = next((step for step in _STEPS if step >= room), _STEPS[-1])
        marks = range(-int(-start // step) * step, int(end) + 1, step)
        self.lines([[(x(second), top), (x(second), bottom)] for second in marks], GRID)
        labels = [(x(second), bottom + 13, clock(second)) for second in marks]
        self.texts(labels, size=10, fill=FAINT, anchor="middle")

    def wave(self, left: float, right: float, samples: Floats, middle: float, half: float, *, full: float = 0) -> None:
        """Draw the peaks and, in front of them, the level (RMS) of samples, shape (n,); `full` reaches `half`."""
        columns = max(1, min(int(right - left) // _COLUMN, len(samples)))
        blocks = np.array_split(np.abs(samples), columns)
        peaks = np.array([block.max(initial=0.0) for block in blocks])
        levels = np.array([np.sqrt(np.mean(np.square(block))) if len(block) else 0.0 for block in blocks])
        scale = 2 * half / max(full or float(peaks.max(initial=0.0)), 1e-9)  # half pixels
        place = f"translate({left:.1f} {middle:.1f}) scale({(right - left) / columns:.3f} .5)"
        for heights, opacity in ((peaks, _BODY), (levels, 1.0)):
            path = _strokes(np.minimum(np.rint(heights * scale), round(2 * half)).astype(int))
            faded = "" if opacity == 1 else f' stroke-opacity="{opacity:g}"'
            self._marks.append(f'<path transform="{place}" d="{path}" stroke="{WAVE}" stroke-width=".75"{faded}/>')


def _strokes(heights: np.ndarray[tuple[int], np.dtype[np.int_]]) -> str:
    """Return a path with a vertical stroke up and down from 0 at each place 0.5, 1.5 …"""
    path, at = ["M.5 0"], 0
    for index, height in enumerate(int(value) for value in heights):
        path.append(f"m{1 if index else 0} {-height - at}v{2 * height}")
        at = height
    return "".join(path).replace(" -", "-")


def _line(points: list[tuple[int, int]]) -> str:
    """Return a path through points, tenths of pixels, each relative to the one before."""
    path, before = list[str](), (0, 0)
    for point in points:
        x, y = (_tenths(after - ago) for after, ago in zip(point, before, strict=True))
        path.append(f"{'l' if path else 'M'}{x}{y if y.startswith('-') else f' {y}'}")
        before = point
    return "".join(path)


def _tenths(number: int) -> str:
    """Return a number of tenths as SVG writes it shortest: `-.5`, `12`."""
    whole, part = divmod(abs(number), 10)
    digits = f"{whole or ''}.{part}" if part else f"{whole}"
    return f"-{digits}" if number < 0 else digits
