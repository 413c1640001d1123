"""The object store: the configured one, or the folder that the api serves."""

from datetime import timedelta
from functools import partial
from typing import Final

import httpx
import msgspec
from botocore.exceptions import ClientError

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore, open_spaces
from adapters.spaces.endpoint import resolve
from entrypoints.doctor.browsers import check_preflight, origins_of
from entrypoints.doctor.clocks import SET_THE_CLOCK, Stopwatch, date_of, skew_result, url_limit
from entrypoints.doctor.report import ProbeResult, Report, Verdict, failed
from entrypoints.doctor.service import is_serving
from entrypoints.doctor.storage_probe import SignedUrlRefused, StorageProbe, anonymous_client
from entrypoints.settings import Settings, Spaces

_FIXES: Final = {
    "InvalidAccessKeyId": "the store does not know this DO_SPACES_KEY",
    "SignatureDoesNotMatch": "DO_SPACES_SECRET is wrong for this key",
    "NoSuchBucket": "create the bucket, or correct DO_SPACES_BUCKET",
    "InvalidBucketName": "correct DO_SPACES_BUCKET",
    "AccessDenied": "allow DO_SPACES_KEY to read, write, list and delete in this bucket",
    "RequestTimeTooSkewed": SET_THE_CLOCK,
    "AuthorizationHeaderMalformed": "correct DO_SPACES_REGION",
    "PermanentRedirect": "correct DO_SPACES_REGION or DO_SPACES_ENDPOINT",
    **dict.fromkeys(
        ("301", "302", "307", "308"), "set DO_SPACES_ENDPOINT to where it redirects; it may have to start with https://"
    ),
}
_OTHERWISE: Final = "check DO_SPACES_ENDPOINT or DO_SPACES_REGION, and that this machine reaches it"
_OUTSIDE: Final = "browsers and tools must reach DO_SPACES_ENDPOINT too, with a certificate of a public authority"
_UNSERVED: Final = "set PUBLIC_URL to an api that runs with this MOMENT_DATA_DIR"


async def check_storage(settings: Settings, report: Report) -> None:
    """Check that objects can be written, read, deleted, and that signed URLs work."""
    if settings.spaces is None:
        await _check_folder(settings, report)
        return
    expiry = timedelta(seconds=settings.url_expiry)
    opened = open_spaces(**msgspec.structs.asdict(settings.spaces), url_expiry=expiry)
    try:
        async with opened as store, anonymous_client(report.seconds) as http:
            if await StorageProbe(store, http, report, _explain).check():
                await report.check("unfinished uploads", partial(_check_uploads, store), _explain)
                await report.check("bucket CORS", partial(check_preflight, store, http, origins_of(settings)), _explain)
    except ValueError as error:
        report.add("bucket write", failed(error, "correct DO_SPACES_ENDPOINT"))


async def _check_uploads(store: SpacesStore) -> ProbeResult:
    if await store.lists_uploads():
        return ProbeResult("are listed, so that those of a killed worker are removed")
    seen = "the store lists none: those of a killed worker stay, and cost money"
    return ProbeResult(
        seen,
        Verdict.WARN,
        "allow s3:ListBucketMultipartUploads, or let the bucket abort incomplete uploads",
    )


async def check_storage_clock(settings: Settings, report: Report) -> None:
    """Compare our clock with the store's, which decides whether a signed URL is valid."""
    if (spaces := settings.spaces) is None:
        return
    limit = url_limit(settings.url_expiry)

    async def compare() -> ProbeResult:
        async with anonymous_client(report.seconds) as http:
            watch = Stopwatch()
            async with http.stream("GET", _endpoint(spaces)) as answer:
                theirs = date_of(answer.headers.get("date", ""))
                if theirs is None:
                    return ProbeResult(
                        "the store sends no `Date` header", Verdict.WARN, "do not let a proxy drop the header `Date`"
                    )
                skew = watch.skew(theirs)
        return skew_result(
            skew, warn=max(limit / 10, timedelta(seconds=2)), fail=limit, why="signed URLs fail or expire early"
        )

    await report.check("bucket clock", compare, _explain)


async def _check_folder(settings: Settings, report: Report) -> None:
    """Check the signed URLs of the embedded store if an api serves them; nothing is created for the check."""
    folder = f"embedded: {settings.data_dir / 'objects'}"
    try:
        secret = (settings.data_dir / "objects.secret").read_text().strip()
    except OSError:
        report.add("bucket", ProbeResult(f"{folder}, created by `moment up` or `moment api`", Verdict.NOT_CONFIGURED))
        return
    async with anonymous_client(report.seconds) as http:
        if not await is_serving(http, settings.public_url, report.seconds):
            report.add("bucket", ProbeResult(f"{folder}; no api that serves it responds", Verdict.NOT_CONFIGURED))
            return
        expiry = timedelta(seconds=settings.url_expiry)
        store = FilesystemStore(settings.data_dir / "objects", settings.public_url, secret.encode(), expiry)
        await StorageProbe(store, http, report, _explain_folder).check()


def _endpoint(spaces: Spaces) -> str:
    return resolve(spaces.endpoint, spaces.region, spaces.bucket).url


def _explain(error: Exception) -> ProbeResult:
    if isinstance(error, httpx.HTTPError):
        return failed(error, _OUTSIDE)
    cause = error.__cause__
    code = cause.response.get("Error", {}).get("Code", "") if isinstance(cause, ClientError) else ""
    if isinstance(error, SignedUrlRefused):
        return failed(error, _FIXES.get(error.store_code, _OUTSIDE))
    return failed(error, _FIXES.get(code, _OTHERWISE))


def _explain_folder(error: Exception) -> ProbeResult:
    if isinstance(error, SignedUrlRefused | httpx.HTTPError):
        return failed(error, _UNSERVED)
    return failed(error, "set MOMENT_DATA_DIR to a folder that this user may write to, on a disk with space")
