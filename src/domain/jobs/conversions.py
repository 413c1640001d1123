"""What is made on demand: files of a moment in other formats, by the names that they and their orders have."""

from typing import Final

import msgspec

from domain.jobs.artifacts import FINAL, PART_NAMES, Stem
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat

CONVERTIBLE: Final = (FINAL, *Stem, *PART_NAMES.values())
"""The names of the files that can be had in other formats: the music and its stems."""


class FileFormat(msgspec.Struct, frozen=True):
    """A file of a moment, by its name, in a format."""

    file: str
    output_format: OutputFormat

    @property
    def name(self) -> str:
        """What it is called among the files of the moment: `final_wav_44100`, `vocals_m4a_44100_128`."""
        return f"{self.file}_{self.output_format}"


_BY_NAME: Final = {each.name: each for each in (FileFormat(file, made) for file in CONVERTIBLE for made in MEDIA_TYPES)}

CONVERTED_NAMES: Final = frozenset(_BY_NAME)
"""What files that were made on demand are called, and orders of them."""


def ordered(order: str) -> FileFormat | None:
    """Return the file and the format that an order asks for; None for what is none of this version."""
    return _BY_NAME.get(order)
