"""What is made on demand, by the names that its queue knows: a file of a moment in another format."""

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

    @property
    def order(self) -> str:
        """What the queue calls it: of the music, the format alone, which is what versions up to 0.2 know."""
        return self.output_format if self.file == FINAL else self.name


_ALL: Final = [FileFormat(file, output_format) for file in CONVERTIBLE for output_format in MEDIA_TYPES]
_BY_ORDER: Final = {each.order: each for each in _ALL}

CONVERTED_NAMES: Final = frozenset(each.name for each in _ALL)
"""What files that were made on demand are called."""


def ordered(order: str) -> FileFormat | None:
    """Return the file and the format that an order asks for; None for what is none of this version."""
    return _BY_ORDER.get(order)
