"""The migrations that come with this version: files of SQL that are applied once and never edited.

A file that begins with the line `-- outside a transaction` creates one index with CREATE INDEX CONCURRENTLY, which
Postgres refuses in a transaction.
"""

import re
from hashlib import sha256
from importlib.resources import files
from typing import Final

import msgspec

OUTSIDE: Final = "-- outside a transaction\n"

_ONE_INDEX: Final = re.compile(
    r"(?:--[^\n]*\n|\s)*CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (\w+)\s+ON moment\.[^;]*;?\s*"
)


class Migration(msgspec.Struct, frozen=True):
    """A file of SQL that is applied once and never edited."""

    name: str
    script: str

    @property
    def checksum(self) -> str:
        """The digest that shows whether the file was edited after it was applied."""
        return sha256(self.script.encode()).hexdigest()

    @property
    def index(self) -> str | None:
        """The name of the index that it builds outside a transaction; None for a script that runs inside one.

        Raises:
            ValueError: It is to run outside a transaction, but is not one CREATE INDEX CONCURRENTLY IF NOT EXISTS.
        """
        if not self.script.startswith(OUTSIDE):
            return None
        if not (found := _ONE_INDEX.fullmatch(self.script)):
            raise ValueError(f"{self.name} must be one CREATE INDEX CONCURRENTLY IF NOT EXISTS … ON moment.…")
        return found[1]


def shipped() -> list[Migration]:
    """Return the shipped migrations in order."""
    folder = files(__package__) / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [Migration(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names]
