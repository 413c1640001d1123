"""The bounds and patterns of a blueprint's fields: one owner for the schema, completion and the tools."""

from typing import Final

MIN_TEMPO_BPM: Final = 40
MAX_TEMPO_BPM: Final = 220

KEY_PATTERN: Final = r"^[A-G](#|b)?m?$"
"""A tonic and, for minor, an `m`: `C`, `F#m`, `Bb`."""

TIME_SIGNATURE_PATTERN: Final = r"^[1-9][0-9]?/(1|2|4|8|16|32)$"
"""Beats in a bar over the note value of a beat: `4/4`, `6/8`."""

MAX_NAME: Final = 128
MAX_PROMPT: Final = 10_000
MAX_LYRICS: Final = 20_000

DEFAULT_LYRICS: Final = "Mm mm mm, mm mm mm mm."
"""What a blueprint has where nobody wrote lyrics; they are never sung as words."""

MAX_VOICE_ID: Final = 200
"""Characters: as many as any tool takes."""

MAX_SECTIONS: Final = 128
MAX_MELODY: Final = 4096
MAX_CHORDS: Final = 1024

SHA256_PATTERN: Final = r"^([0-9a-f]{64})?$"
"""A SHA-256 in hexadecimal, or nothing."""

MAX_SEED: Final = 2**63 - 1

MAX_OTHER_METADATA_BYTES: Final = 16 * 1024
"""As JSON, what is in the metadata beside the keys that we read."""

MAX_DEPTH: Final = 32
"""Arrays and objects inside each other."""
