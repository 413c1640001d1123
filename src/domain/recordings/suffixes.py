"""What the names of recordings end with, by the media types that `sniffing` finds."""

from collections.abc import Mapping
from typing import Final

SUFFIXES: Final[Mapping[str, str]] = {
    "audio/3gpp": ".3gp",
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "audio/amr": ".amr",
    "audio/amr-wb": ".awb",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/webm": ".webm",
    "audio/x-caf": ".caf",
    "audio/x-matroska": ".mka",
}
"""With the dot; a type that is not here has none."""
