"""A cache that forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def _one(_: object) -> int:
    return 1


class BoundedCache(Generic[K, V]):
    """Values by their keys.

    Args:
        most: What all of them weigh at most.
        weigh: Returns what a value weighs; one, if nothing is said: then `most` counts values.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = _one) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._values: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return a value, which counts as used, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Add or replace a value; those that were not used for longest give way."""
        if (former := self._values.pop(key, None)) is not None:
            self._weight -= self._weigh(former)
        self._values[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._most:
            _, oldest = self._values.popitem(last=False)
            self._weight -= self._weigh(oldest)
