"""Resolves the S3 endpoint and its addressing style from the settings."""

from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

_VIRTUAL_HOSTS: Final = (".digitaloceanspaces.com", ".amazonaws.com")


class Endpoint(NamedTuple):
    """An S3 service.

    Attributes:
        url: Scheme and host, without the bucket.
        region: Signed into every request.
        addressing_style: `virtual` (the bucket is part of the host) where wildcard DNS and certificates are known to
            exist, `path` everywhere else (an IP address, localhost, a service name, a private gateway).
    """

    url: str
    region: str
    addressing_style: str


def resolve(endpoint: str, region: str, bucket: str) -> Endpoint:
    """Return the endpoint for the settings.

    Without an endpoint it is derived from the region. When the endpoint is the URL of the bucket, the bucket is removed
    from it, because the client adds it again.

    Raises:
        ValueError: Neither endpoint nor region, or an endpoint that is not a URL of a host.
    """
    if not endpoint and not region:
        raise ValueError("object storage needs a region or an endpoint")
    if not endpoint:
        endpoint = f"https://{region}.digitaloceanspaces.com"
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the object storage endpoint is not an http(s) URL")
    host = parts.netloc.rpartition("@")[2].removeprefix(f"{bucket}.")
    name = host.partition(":")[0]
    virtual = name.endswith(_VIRTUAL_HOSTS) and "." not in bucket  # a wildcard certificate covers one label
    return Endpoint(
        url=f"{parts.scheme}://{host}",
        region=region or _region_of(name),
        addressing_style="virtual" if virtual else "path",
    )


def follow_no_redirect(params: dict[str, Any], **_: object) -> None:
    """Disable region redirects (a botocore `before-call` handler): a bucket in another region is an error.

    botocore would look up the region with another request for the bucket. Servers other than AWS answer that with a
    redirect without a region as well, and botocore would recurse until the stack overflows.
    """
    params["context"]["s3_redirect"]["redirected"] = True


def _region_of(host: str) -> str:
    spaces = host.removesuffix(".digitaloceanspaces.com")
    return spaces if spaces != host and "." not in spaces else "us-east-1"
