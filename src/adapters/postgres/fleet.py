"""Which of the idle workers a notification wakes.

If all of them woke for each job, all but one would claim in vain, at the same moment. So a notification has a random
number and the number of new jobs. Each listener ranks itself and the others by a hash of that number (rendezvous
hashing): those in front wake at once, as many as there are jobs. The next one wakes a moment later, in case that one of
them has died. Lists that differ for a while wake one too many, not one too few.
"""

import random
import re
from hashlib import sha256
from typing import Final

import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.schema import SchemaConnection

LIST_LISTENERS: Final = load_sql("list_listeners")

_PAYLOAD: Final = re.compile(r"(\d{1,20}) (\d{1,9})")


class NewJobs(msgspec.Struct, frozen=True):
    """What a notification says.

    Attributes:
        number: Any number, another one for each notification.
        count: How many jobs there are to claim.
    """

    number: int
    count: int

    @classmethod
    def read(cls, payload: str) -> "NewJobs | None":
        """Return what a payload says; None means that everybody is to wake."""
        found = _PAYLOAD.fullmatch(payload)
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def payload(self) -> str:
        """The text that `read` reads."""
        return f"{self.number} {self.count}"


def new_jobs(count: int) -> NewJobs:
    """Return a notification of some jobs, which picks workers at random."""
    return NewJobs(random.getrandbits(32), count)


class Fleet:
    """The workers that listen, by the processes that the server runs for their connections."""

    def __init__(self) -> None:
        self._own = 0
        self._others: list[int] = []

    async def refresh(self, connection: SchemaConnection) -> None:
        """List the listeners anew; `connection` is the one of this listener.

        Raises:
            DatabaseUnavailable: The database did not answer.
        """
        pids = [row["pid"] for row in await connection.fetch(LIST_LISTENERS)]
        self.set(connection.get_server_pid(), pids)

    def set(self, own: int, pids: list[int]) -> None:
        """Know these listeners; if we are not among them, the list is not to be trusted, and we come first always."""
        self._own = own
        self._others = [pid for pid in pids if pid != own] if own in pids else []

    def rank(self, jobs: NewJobs) -> int:
        """Return how many others come before this worker."""
        own = _hash(jobs.number, self._own)
        return sum(_hash(jobs.number, pid) < own for pid in self._others)


def _hash(number: int, pid: int) -> bytes:
    return sha256(f"{number} {pid}".encode()).digest()
