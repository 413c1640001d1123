"""Create the bucket of DO_SPACES_* if it does not exist; wait for a store that is still starting."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from adapters.spaces.endpoint import resolve
from entrypoints.settings import Spaces, load

SECONDS = 60.0


def main() -> None:
    """Retry until the bucket exists; exit with 1 and the last error after the time-out."""
    deadline, spaces = time.monotonic() + SECONDS, load(os.environ, Path.cwd()).spaces
    if spaces is None:
        sys.exit("DO_SPACES_BUCKET is not set")
    client = connect(spaces)
    while True:
        try:
            ensure(client, spaces.bucket)
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"no bucket {spaces.bucket}: {error}")
            time.sleep(0.5)
        else:
            return


def connect(spaces: Spaces) -> Any:
    """Return a client of the object store."""
    place = resolve(spaces.endpoint, spaces.region, spaces.bucket)
    return get_session().create_client(
        "s3",
        region_name=place.region,
        endpoint_url=place.url,
        aws_access_key_id=spaces.key,
        aws_secret_access_key=spaces.secret,
        config=Config(
            connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
        ),
    )


def ensure(client: Any, bucket: str) -> None:
    """Create the bucket if it is missing; look first, since keys may be allowed to use it but not to create one."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=bucket)


main()
