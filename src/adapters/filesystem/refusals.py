"""Blocking calls of the file system, and its errors in the words of the port."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, TypeVarTuple

from anyio import to_thread

from application.ports.objects import StorageDenied, StorageUnavailable

T = TypeVar("T")
Args = TypeVarTuple("Args")


async def in_thread(function: Callable[[*Args], T], *args: *Args) -> T:
    """Return the result of a blocking call. Raises `StorageDenied` and `StorageUnavailable`."""
    with refusals():
        return await to_thread.run_sync(function, *args)


@contextmanager
def refusals() -> Iterator[None]:
    """Raise `StorageDenied` or `StorageUnavailable` in place of an `OSError`."""
    try:
        yield
    except PermissionError as error:
        raise StorageDenied(f"access to the storage folder was denied: {error.strerror}") from error
    except OSError as error:
        raise StorageUnavailable(f"the storage folder is not usable: {error.strerror}") from error
