"""What botocore raises, in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from application.ports.objects import ObjectNotFound, StorageDenied, StorageUnavailable
from domain.errors import MomentError

_MISSING: Final = {"NoSuchKey", "NotFound", "404"}
_DENYING: Final = {"NoSuchBucket", "InvalidBucketName", "AuthorizationHeaderMalformed", "PermanentRedirect"}
_DENYING_STATUS: Final = {301, 302, 307, 308, 401, 403, 405}


@contextmanager
def translated(key: str = "", *, seconds: float) -> Iterator[None]:
    """Bound one call in time and raise the port's errors for what goes wrong in it.

    Args:
        key: The object that the call is about; without one, "not found" is about the bucket.
        seconds: For the whole call with its retries: botocore's own time-outs see only a silent socket.

    Raises:
        ObjectNotFound: There is no object under the key.
        StorageDenied: Wrong credentials, no permission, no such bucket, another region.
        StorageUnavailable: Everything that may work later.
    """
    try:
        with anyio.fail_after(seconds):
            yield
    except ClientError as error:
        raise from_response(error, key) from error
    except ParamValidationError as error:
        raise StorageDenied("the bucket's name or the object's key is not a valid one") from error
    except (BotoCoreError, OSError) as error:
        raise StorageUnavailable(f"the object store did not answer: {type(error).__name__}") from error


def from_response(error: ClientError, key: str) -> MomentError:
    """Return the port's error for an error response; Ceph leaves its `Message` empty, so `Code` decides."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if key and code in _MISSING:
        return ObjectNotFound(key)
    reason = f"the object store refused {error.operation_name}: {code or status}"
    if code in _DENYING | _MISSING or status in _DENYING_STATUS:
        return StorageDenied(reason)
    return StorageUnavailable(reason)
