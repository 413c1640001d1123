"""Words in pictures: escaped, cut to the room that they have, and times as players show them."""

from html import escape
from unicodedata import east_asian_width

from adapters.audio.xml_text import printable


def escaped(text: str) -> str:
    """Return text as it may stand in an element or an attribute."""
    return escape(printable(text))


def clock(seconds: float) -> str:
    """Return a time as a player shows it: `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def fitted(text: str, width: float, size: float) -> str:
    """Return text cut to about `width` pixels at a font size, with an ellipsis; empty if not even that fits."""
    text = printable(text)
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


def text_width(text: str, size: float) -> float:
    """Return about how many pixels wide a text is, in any usual font without serifs."""
    return size * sum(1.0 if east_asian_width(letter) in "WF" else 0.58 for letter in text)
