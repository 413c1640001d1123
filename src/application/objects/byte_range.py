"""The `Range` request header with a single range of bytes, as media players send it (RFC 9110, section 14)."""

import re
from typing import Final, NamedTuple

from domain.errors import MomentError

_SINGLE: Final = re.compile(r"\s*bytes\s*=[\s,]*(\d{0,19})\s*-\s*(\d{0,19})[\s,]*", re.ASCII | re.IGNORECASE)


class ByteRange(NamedTuple):
    """Part of an object: bytes `start` up to but not including `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """Return the `Content-Range` header of a 206 response."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


class RangeNotSatisfiable(MomentError):
    """The range begins after the end of the object: status 416 with `Content-Range: bytes */size`."""

    code = "range_not_satisfiable"
    permanent = True

    def __init__(self, size: int) -> None:
        super().__init__(f"the range contains none of the object's {size} bytes")
        self.size = size


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Return the part of an object of `size` bytes that a `Range` header asks for.

    None means the whole object with status 200, which the RFC prescribes for malformed headers and allows for several
    ranges at once.

    Raises:
        RangeNotSatisfiable: The range is well formed, and contains no byte of the object.
    """
    match = _SINGLE.fullmatch(header or "")
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return _last_bytes(int(last), size)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return ByteRange(start, end)


def _last_bytes(length: int, size: int) -> ByteRange | None:
    if length == 0:
        raise RangeNotSatisfiable(size)
    return ByteRange(max(size - length, 0), size) if size else None  # `Content-Range` cannot express an empty range
