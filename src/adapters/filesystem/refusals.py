"""The errors of the file system in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.ports.objects import StorageDenied, StorageUnavailable


@contextmanager
def refusals() -> Iterator[None]:
    """Raise `StorageDenied` or `StorageUnavailable` in place of an `OSError`."""
    try:
        yield
    except PermissionError as error:
        raise StorageDenied(f"access to the storage folder was denied: {error.strerror}") from error
    except OSError as error:
        raise StorageUnavailable(f"the storage folder is not usable: {error.strerror}") from error
