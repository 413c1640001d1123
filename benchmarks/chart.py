"""The figures as a picture: one bar for each, the goals on one line."""

from collections.abc import Sequence
from html import escape
from math import log2
from typing import Final

WIDTH: Final = 960
LEFT: Final = 420
RIGHT: Final = 150
LINE: Final = 24
DOUBLINGS: Final = 3.0
"""The range of the axis around the goal: an eighth to eight times."""

COLORS: Final = {"met": "#2a9d6f", "MISSED": "#d1495b"}

Entry = tuple[str, str, float, str]
"""Name, value in words, part of the goal that is reached, verdict."""


def draw(entries: Sequence[Entry]) -> str:
    """Return an SVG document: bars that pass the line reach their goal; the scale is logarithmic."""
    height = LINE * (len(entries) + 2)
    goal = LEFT + (WIDTH - LEFT - RIGHT) / 2
    bars = "\n".join(_bar(entry, LINE * (index + 1)) for index, entry in enumerate(entries))
    font = 'font-family="sans-serif" font-size="12"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {font}>
<rect width="100%" height="100%" fill="white"/>
<text x="{goal}" y="14" text-anchor="middle" fill="#666">goal</text>
{bars}
<line x1="{goal}" y1="18" x2="{goal}" y2="{height - LINE / 2}" stroke="#666" stroke-dasharray="3 3"/>
</svg>
"""


def _bar(entry: Entry, top: int) -> str:
    name, value, share, verdict = entry
    reach = (log2(max(share, 1e-9)) / DOUBLINGS + 1) / 2
    width = (WIDTH - LEFT - RIGHT) * min(max(reach, 0.01), 1.0)
    return (
        f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LEFT}" y="{top + 4}" width="{width:.1f}" height="{LINE - 8}" fill="{COLORS[verdict]}"/>'
        f'<text x="{LEFT + width + 6:.1f}" y="{top + 15}" fill="#333">{escape(value)}</text>'
    )
