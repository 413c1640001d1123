"""Pictures of shared moments as PNG: drawn aside, one at a time, and kept for those who ask next."""

from hashlib import blake2b
from typing import Final

import anyio
import msgspec

from application.bounded_cache import BoundedCache
from application.moments.shared_moment import SharedMoment
from application.version import VERSION
from entrypoints.web.drawing import to_png
from entrypoints.web.shared_picture import picture_of

KEPT: Final = 128
"""Pictures that a process keeps: about 10 kB each."""


class PictureCache:
    """Draws pictures outside of the event loop, each once while it is kept."""

    def __init__(self) -> None:
        self._drawn: BoundedCache[str, bytes] = BoundedCache(KEPT)
        self._drawing = anyio.Lock()  # whatever strangers ask for, others of this process go on

    async def draw(self, moment: SharedMoment, etag: str) -> bytes:
        """Return the picture of a moment, which has this tag."""
        async with self._drawing:
            if (known := self._drawn.get(etag)) is not None:
                return known
            picture = await anyio.to_thread.run_sync(_drawn, moment)
            self._drawn.put(etag, picture)
            return picture


def etag_of(moment: SharedMoment) -> str:
    """Return what changes with the picture of a moment, as an entity tag (RFC 9110)."""
    shown = msgspec.json.encode((VERSION, moment.style, moment.sections, moment.notes))
    return f'"{blake2b(shown, digest_size=12).hexdigest()}"'


def _drawn(moment: SharedMoment) -> bytes:
    return to_png(picture_of(moment))
