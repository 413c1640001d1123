"""The text of a key: `moment_`, eight characters by which it is found, a secret of 190 bits and a checksum.

The checksum tells a key that was copied badly from one that is unknown, without a look into the database, and lets
scanners for leaked secrets recognise ours (as GitHub's do).
"""

import re
import secrets
from hashlib import sha256
from string import ascii_letters, digits
from typing import Final
from zlib import crc32

SELECTOR_CHARS: Final = 8
SECRET_CHARS: Final = 32

_ALPHABET: Final = ascii_letters + digits
_TOKEN: Final = re.compile(
    rf"(moment_[A-Za-z0-9]{{{SELECTOR_CHARS}}})_([A-Za-z0-9]{{{SECRET_CHARS}}})([0-9a-f]{{8}})", re.ASCII
)


def new_token() -> str:
    """Return a key that cannot be guessed."""
    body = f"moment_{_random(SELECTOR_CHARS)}_{_random(SECRET_CHARS)}"
    return body + _checksum(body)


def prefix_of(token: str) -> str | None:
    """Return how a key begins, or None for what is no key."""
    found = _TOKEN.fullmatch(token)
    if found is None or _checksum(f"{found[1]}_{found[2]}") != found[3]:
        return None
    return found[1]


def digest_of(token: str) -> bytes:
    """Return what is stored of a key: a fast hash will do, since nobody can try 190 bits."""
    return sha256(token.encode()).digest()


def _random(chars: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(chars))


def _checksum(body: str) -> str:
    return f"{crc32(body.encode()):08x}"
