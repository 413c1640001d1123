"""A small SVG writer for the figures: text, boxes, lines, time axes and waveforms."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 960
LEFT: Final = 60
RIGHT: Final = WIDTH - 15
INK, FAINT, GRID, WAVE = "#1f2937", "#6b7280", "#e5e7eb", "#0f766e"

Floats = NDArray[np.float64]
Scale = Callable[[float], float]
"""From seconds or pitches to pixels."""


class Drawing:
    """An SVG under construction: panels below each other on one time axis each."""

    def __init__(self, height: float) -> None:
        self._height = height
        self._marks: list[str] = []

    def save(self, path: Path) -> None:
        """Write the file, with a background of its own: documents are read on dark pages too."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self._height:g}" font-family="sans-serif">'
        )
        ground = f'<rect width="{WIDTH}" height="{self._height:g}" rx="8" fill="#ffffff"/>'
        path.write_text("\n".join([head, ground, *self._marks, "</svg>", ""]))

    def text(self, x: float, y: float, words: str, *, size: float = 12, fill: str = INK, anchor: str = "start") -> None:
        """Write words with their baseline at `y`."""
        escaped = words.replace("&", "&amp;").replace("<", "&lt;")
        self._marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}">{escaped}</text>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1, rx: float = 2
    ) -> None:
        """Fill a rectangle."""
        self._marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.8):.1f}" height="{height:.1f}" rx="{rx:g}" '
            f'fill="{fill}" fill-opacity="{opacity:g}"/>'
        )

    def line(self, points: Iterable[tuple[float, float]], stroke: str, *, width: float = 1.0) -> None:
        """Draw a line through points."""
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._marks.append(f'<polyline points="{joined}" fill="none" stroke="{stroke}" stroke-width="{width:g}"/>')

    def seconds(self, x: Scale, until: float, top: float, bottom: float) -> None:
        """Draw a time axis: a faint line every two seconds."""
        for second in range(0, int(until) + 1, 2):
            self.line([(x(second), top), (x(second), bottom)], GRID)
            self.text(x(second), bottom + 13, f"{second} s", size=10, fill=FAINT, anchor="middle")

    def wave(self, x: Scale, samples: Floats, rate: int, middle: float, half: float) -> None:
        """Draw the envelope of samples, shape (n,)."""
        columns = int(RIGHT - LEFT)
        blocks = np.array_split(samples, columns)
        peaks = np.array([float(np.max(np.abs(block))) for block in blocks]) / max(float(np.max(np.abs(samples))), 1e-9)
        at = [x(len(samples) / rate * (column + 0.5) / columns) for column in range(columns)]
        above = [(place, middle - half * peak) for place, peak in zip(at, peaks, strict=True)]
        below = [(place, middle + half * peak) for place, peak in zip(at[::-1], peaks[::-1], strict=True)]
        joined = " ".join(f"{place:.0f},{y:.1f}" for place, y in [*above, *below])
        self._marks.append(f'<polygon points="{joined}" fill="{WAVE}"/>')
