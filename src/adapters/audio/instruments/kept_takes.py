"""Takes of drum kits, kept in a folder for the pieces that follow: as a sampler's, they are the same in every piece.

A take depends on nothing but its name, so that a piece sounds the same whether its takes were kept or not. Files are
mapped, not read: all child processes share one copy of them.
"""

import mmap
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.instruments import Patches
from adapters.audio.kept_folder import forget_oldest, write_whole
from domain.music.instruments import InstrumentKind

MOST_BYTES: Final = 128 * 1024 * 1024
"""Of all takes; those of a kit take 10 to 60 MB, as far as pieces play them. One piece may exceed it by its own."""

_HEADER_BYTES: Final = 8
"""How many samples each channel has."""


class KeptTakes(msgspec.Struct, frozen=True):
    """A folder of takes by their names; see `Patch.keep`."""

    folder: Path

    def __call__(self, name: str, render: Callable[[], Stereo]) -> Stereo:
        """Return a take, rendered now if it is not there; where the disk refuses, it is rendered each time."""
        file = self.folder / f"{name}.f32"
        try:
            return _read(file)
        except (OSError, ValueError):
            pass  # not kept yet, or no longer
        take = render()
        with suppress(OSError):
            write_whole(file, partial(_write, take))
        return take


def keeping(patches: Patches, folder: Path) -> Patches:
    """Return patches whose kits keep their takes in a folder; what was used least lately is forgotten first."""
    with suppress(OSError):  # another child process forgets them, too
        forget_oldest(folder.iterdir(), MOST_BYTES)
    keep = KeptTakes(folder)
    return {
        instrument: msgspec.structs.replace(patch, keep=keep) if patch.kind is InstrumentKind.KIT else patch
        for instrument, patch in patches.items()
    }


def _read(file: Path) -> Stereo:
    """Return a take, read-only. Raises `OSError`, and `ValueError` for a file that is none."""
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    take = np.frombuffer(mapped, np.float32, offset=_HEADER_BYTES).reshape(2, -1)
    if take.shape[1] != int.from_bytes(mapped[:_HEADER_BYTES], "little"):
        raise ValueError("the file has been cut off")
    file.touch()
    return take


def _write(take: Stereo, file: BinaryIO) -> None:
    file.write(take.shape[1].to_bytes(_HEADER_BYTES, "little"))
    file.write(np.ascontiguousarray(take).data)
