"""Create the bucket of DO_SPACES_* if it does not exist; wait for a store that is still starting."""

import os
import sys
import time
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from adapters.spaces.endpoint import resolve

SECONDS = 60.0


def main() -> None:
    """Retry until the bucket exists; exit with 1 and the last error after the time-out."""
    bucket, deadline = os.environ["DO_SPACES_BUCKET"], time.monotonic() + SECONDS
    client = connect(bucket)
    while True:
        try:
            ensure(client, bucket)
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"no bucket {bucket}: {error}")
            time.sleep(0.5)
        else:
            return


def connect(bucket: str) -> Any:
    """Return a client of the object store."""
    place = resolve(os.environ["DO_SPACES_ENDPOINT"], os.environ.get("DO_SPACES_REGION", ""), bucket)
    return get_session().create_client(
        "s3",
        region_name=place.region,
        endpoint_url=place.url,
        aws_access_key_id=os.environ["DO_SPACES_KEY"],
        aws_secret_access_key=os.environ["DO_SPACES_SECRET"],
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
