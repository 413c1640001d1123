"""Translates botocore's errors to those of the port."""

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
    """Limit the duration of one call and translate its errors.

    Args:
        key: The object that the call is about; without one, "not found" is about the bucket.
        seconds: Limit for the whole call with its retries; botocore's own time-outs only cover an idle socket.

    Raises:
        ObjectNotFound: There is no object under the key.
        StorageDenied: Wrong credentials, no permission, no such bucket, another region.
        StorageUnavailable: Any other failure; a retry may succeed.
    """
    try:
        with anyio.fail_after(seconds):
            yield
    except ClientError as error:
        raise from_response(error, key) from error
    except ParamValidationError as error:
        raise StorageDenied("the bucket name or the object key is invalid") from error
    except (BotoCoreError, OSError) as error:
        raise StorageUnavailable(f"the object store did not respond: {type(error).__name__}") from error


def from_response(error: ClientError, key: str) -> MomentError:
    """Return the port's error for an error response; Ceph leaves its `Message` empty, so `Code` decides."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if key and code in _MISSING:
        return ObjectNotFound(key)
    reason = f"the object store rejected {error.operation_name}: {code or status}"
    if code in _DENYING | _MISSING or status in _DENYING_STATUS:
        return StorageDenied(reason)
    return StorageUnavailable(reason)
