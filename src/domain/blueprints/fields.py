"""The bounds and patterns of a blueprint's musical fields: one owner for the schema, completion and the tools."""

from typing import Final

MIN_TEMPO_BPM: Final = 40
MAX_TEMPO_BPM: Final = 220

KEY_PATTERN: Final = r"^[A-G](#|b)?m?$"
"""A tonic and, for minor, an `m`: `C`, `F#m`, `Bb`."""

TIME_SIGNATURE_PATTERN: Final = r"^[1-9][0-9]?/[1-9][0-9]?$"
"""Beats in a bar over the note value of a beat: `4/4`, `6/8`."""
