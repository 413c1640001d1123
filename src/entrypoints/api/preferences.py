"""What a client would like (`Prefer`, RFC 7240)."""

import re
from collections.abc import Iterable
from typing import Final

LONGEST_WAIT: Final = 30
"""Seconds that a request may ask to wait; a longer wait is shortened."""

_WAIT: Final = re.compile(r'wait\s*=\s*"?(\d{1,9})"?', re.IGNORECASE)


def wait_in(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return how many seconds a request asks to wait (`Prefer: wait=10`), 0 if it does not; the first one counts."""
    fields = (value.decode("latin-1") for name, value in headers if name == b"prefer")
    preferences = (preference.partition(";")[0].strip() for field in fields for preference in field.split(","))
    found = next(filter(None, map(_WAIT.fullmatch, preferences)), None)
    return min(int(found[1]), LONGEST_WAIT) if found else 0
