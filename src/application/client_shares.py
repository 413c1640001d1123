"""Shares of what a process can hold at once: a bound for all clients, and one for each of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from domain.error_codes import Code


class ClientShare(msgspec.Struct, frozen=True):
    """How many there may be, and the code and the sentence of the error that refuses the next one."""

    most: int
    code: Code
    detail: str


class ClientShares:
    """Counts what clients hold.

    Args:
        of_all: The share of all clients together.
        of_client: The share of one. Clients that are unknown have none of their own.
    """

    def __init__(self, of_all: ClientShare, of_client: ClientShare) -> None:
        self._of_all = of_all
        self._of_client = of_client
        self._held: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are held."""
        return self._held.total()

    def exhausted(self, client: str) -> ClientShare | None:
        """Return the share that leaves a client no room for another one, or None if there is room."""
        for share, held in ((self._of_all, self.count), (self._of_client, self._held[client] if client else 0)):
            if held >= share.most:
                return share
        return None

    @contextmanager
    def taken(self, client: str) -> Iterator[Callable[[], None]]:
        """Count one until what is yielded is called, or the block ends."""
        self._held[client] += 1
        held = True

        def give_back() -> None:
            nonlocal held
            if held:
                self._held -= Counter({client: 1})  # what falls to 0 leaves
                held = False

        try:
            yield give_back
        finally:
            give_back()
