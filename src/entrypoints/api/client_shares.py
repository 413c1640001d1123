"""Shares of what a process can hold at once: a bound for all clients, and one for each address."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from litestar.types import ASGIApp

from domain.error_codes import Code
from entrypoints.api.problem_documents import encoded_problem


class Share(msgspec.Struct, frozen=True):
    """How many there may be, and the code and the sentence of the problem that refuses the next one."""

    most: int
    code: Code
    detail: str


class ClientShares:
    """Counts what clients hold.

    Args:
        of_all: The share of all clients together.
        of_client: The share of one address. Clients whose address is unknown have none of their own.
    """

    def __init__(self, of_all: Share, of_client: Share) -> None:
        self._of_all = of_all
        self._of_client = of_client
        self._held: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are held."""
        return self._held.total()

    def refusal(self, client: str) -> ASGIApp | None:
        """Return the response that refuses another one to a client, or None if there is room."""
        for share, held in ((self._of_all, self.count), (self._of_client, self._held[client] if client else 0)):
            if held >= share.most:
                return encoded_problem(share.code, share.detail)
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
