"""The routes behind signed URLs, if this service stores the audio itself (ranges and ETags: RFC 9110)."""

from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from litestar import HttpMethod, Request, Response, put, route
from litestar.params import FromPath
from litestar.response import Stream

from application import telemetry
from application.objects.byte_range import ByteRange, parse_range
from application.objects.content_disposition import attachment
from application.objects.signed_objects import OBJECTS_PATH, Grant, SignedObjects, UrlInvalid
from application.ports.clock import Clock
from application.ports.objects import ObjectNotFound
from domain.jobs.artifacts import Artifact
from domain.jobs.keys import owner_of
from entrypoints.api.dependencies import Guard, Now, Objects
from entrypoints.web.content_security import NAME, SANDBOXED

AnyRequest = Request[Any, Any, Any]


@route(f"{OBJECTS_PATH}/{{key:path}}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def read_object(
    request: AnyRequest, key: FromPath[str], objects: Objects, bucket_guard: Guard, clock: Now
) -> Response[Any]:
    """Return an object, or the range of it that was requested; HEAD returns the headers of GET."""
    try:
        grant, artifact = await _look_up(request, key, objects, clock)
    except (UrlInvalid, ObjectNotFound):
        await bucket_guard()  # in a wrong folder nothing is found, and its secret is another one
        raise
    headers = _headers(grant, artifact)
    if _named(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers, media_type=artifact.mime_type)
    if request.method == HttpMethod.HEAD:
        headers["Content-Length"] = str(artifact.size)
        return Response(b"", headers=headers, media_type=artifact.mime_type)
    span = parse_range(_wanted_range(request, headers["ETag"]), artifact.size)
    if span is not None:
        headers["Content-Range"] = span.content_range(artifact.size)
    status = HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT
    span = span or ByteRange(0, artifact.size)
    headers["Content-Length"] = str(span.end - span.start)
    chunks = objects.read(artifact, span)
    return Stream(chunks, status_code=status, headers=headers, media_type=artifact.mime_type)


def put_object_up_to(max_upload_bytes: int) -> Any:
    """Return the route to which tools upload their results, with the limit of their size."""

    @put(f"{OBJECTS_PATH}/{{key:path}}", include_in_schema=False, request_max_body_size=None)  # the store limits it
    async def put_object(
        request: AnyRequest, key: FromPath[str], objects: Objects, bucket_guard: Guard, clock: Now
    ) -> Response[None]:
        """Store an object under the key that its URL was signed for."""
        await bucket_guard()
        grant = _verify("PUT", request, key, objects, clock)
        if request.headers.get("content-type", "") != grant.mime_type or not _has_length(request, grant):
            raise UrlInvalid(_wanted_headers(grant))
        artifact = await objects.put(grant.key, request.stream(), grant.mime_type, max_bytes=max_upload_bytes)
        return Response(None, status_code=HTTPStatus.OK, headers={"ETag": _etag(artifact)})

    return put_object


def _has_length(request: AnyRequest, grant: Grant) -> bool:
    return grant.size is None or request.headers.get("content-length") == str(grant.size)


def _wanted_headers(grant: Grant) -> str:
    length = "" if grant.size is None else f" and Content-Length: {grant.size}"
    return f"the URL was signed for a PUT with Content-Type: {grant.mime_type}{length}"


async def _look_up(request: AnyRequest, key: FromPath[str], objects: Objects, clock: Now) -> tuple[Grant, Artifact]:
    grant = _verify("GET", request, key, objects, clock)
    return grant, await objects.stat(grant.key)


def _verify(method: str, request: AnyRequest, key: str, objects: SignedObjects, clock: Clock) -> Grant:
    """Return what the URL allows; what the request logs from here on carries the id of the object's job."""
    grant = objects.verify(method, key.lstrip("/"), dict(request.query_params), clock())
    telemetry.job_id.set(str(owner_of(grant.key) or ""))
    return grant


def _headers(grant: Grant, artifact: Artifact) -> dict[str, str]:
    headers = {
        "ETag": _etag(artifact),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=300",
    }
    is_audio = artifact.mime_type.startswith("audio/")
    if not is_audio:  # SVG and other XML are documents: whatever is in them, it must not act as a page of ours
        headers[NAME] = SANDBOXED
    if grant.download_name or not is_audio:
        headers["Content-Disposition"] = attachment(grant.download_name or artifact.key)
    return headers


def _etag(artifact: Artifact) -> str:
    """Return a digest of the content, or of key and size if the store has none."""
    identity = artifact.sha256 or f"{artifact.key} {artifact.size}"
    return f'"{blake2b(identity.encode(), digest_size=12).hexdigest()}"'


def _named(header: str | None, etag: str) -> bool:
    return header is not None and etag in {name.strip().removeprefix("W/") for name in header.split(",")}


def _wanted_range(request: AnyRequest, etag: str) -> str | None:
    """Return the Range header, unless If-Range names another version of the object."""
    condition = request.headers.get("if-range")
    return request.headers.get("range") if condition in {None, etag} else None
