"""The routes of links to music: make and revoke them, and what everybody sees who has one."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import MediaType, Request, Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath

from application.moments.share_moment import ShareNotFound
from application.moments.shared_moment import SharedMoment
from entrypoints.api.dependencies import Jobs, Pictures, PublicUrl, SharedReader, Sharing, Unsharing, Urls
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_DATABASE, NO_JOB, NO_STORE, problem
from entrypoints.api.redirects import redirect_to
from entrypoints.web.content_security import NAME, policy_of
from entrypoints.web.page import origin_of
from entrypoints.web.picture_cache import etag_of
from entrypoints.web.shared_page import GONE, PICTURE_TYPE, shared_page

AnyRequest = Request[Any, Any, Any]

NO_LINK: Final = problem("no such link: it was revoked, or the music is gone")
_OF_PAGES: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Accept"}


class Shared(msgspec.Struct, frozen=True):
    """A link to the music of a moment: whoever has it may hear the music, and learns nothing else."""

    token: str
    url: str
    created_at: datetime


@post(
    "/v1/jobs/{job_id:str}/share",
    status_code=200,
    operation_id="shareJob",
    summary="Make a link to the music for everybody",
    tags=["jobs"],
    responses={
        404: problem("no such job, or it ended without music"),
        409: problem("the music is not there yet; try again after Retry-After"),
        503: NO_STORE,
    },
)
async def share_job(job_id: FromPath[str], share: Sharing, public_url: PublicUrl) -> Shared:
    """Return the link to the music: the same each time, until it is revoked."""
    made = await share(parse_job_id(job_id))
    return Shared(made.token, f"{public_url}/m/{made.token}", made.created_at)


@delete(
    "/v1/jobs/{job_id:str}/share",
    status_code=204,
    operation_id="unshareJob",
    summary="Revoke the link to the music",
    tags=["jobs"],
    responses={204: ResponseSpec(None, description="there is no link any more"), 404: NO_JOB, 503: NO_STORE},
)
async def unshare_job(job_id: FromPath[str], jobs: Jobs, unshare: Unsharing) -> None:
    """Revoke the link to the music; a job without one stays as it is."""
    view = await jobs.get(parse_job_id(job_id))
    await unshare.remove_of(view.job.id)


@get(
    "/m/{token:str}",
    operation_id="readShared",
    summary="The page of a link to music",
    tags=["moments"],
    responses={
        200: ResponseSpec(SharedMoment, description="a page, or JSON for who asks for it", generate_examples=False),
        404: NO_LINK,
        503: NO_DATABASE,
    },
)
async def read_shared(
    request: AnyRequest, token: FromPath[str], shared: SharedReader, urls: Urls, public_url: PublicUrl
) -> Response[Any]:
    """Return a page that plays the music, or with `Accept: application/json` what it says."""
    wants_json = _wants_json(request)
    try:
        moment = await shared(token)
    except ShareNotFound:
        if wants_json:
            raise
        return _page(GONE, policy_of(GONE), status=404)
    if wants_json:
        return Response(moment, media_type=MediaType.JSON, headers=_OF_PAGES)
    page = shared_page(moment, f"{public_url}/m/{token}", public_url)
    return _page(page, policy_of(page, media=[origin_of(await urls.sign_get("music"))]))


@get(
    "/m/{token:str}/audio",
    status_code=302,
    operation_id="readSharedAudio",
    summary="Follow a link to its music",
    tags=["moments"],
    responses={
        302: ResponseSpec(None, description="the music is at Location, a URL that was signed just now"),
        404: NO_LINK,
        503: NO_DATABASE,
    },
)
async def read_shared_audio(token: FromPath[str], shared: SharedReader) -> Response[None]:
    """Redirect to a fresh signed URL of the music."""
    return redirect_to(await shared.audio(token), headers={"X-Robots-Tag": "noindex"})


@get(
    "/m/{token:str}/picture.png",
    media_type=PICTURE_TYPE,
    operation_id="readSharedPicture",
    summary="The picture of a link to music",
    tags=["moments"],
    responses={404: NO_LINK, 503: NO_DATABASE},
    response_description="a PNG of 1200 × 630 pixels: the notes over the sections of the music",
)
async def read_shared_picture(
    request: AnyRequest, token: FromPath[str], shared: SharedReader, pictures: Pictures
) -> Response[bytes]:
    """Return what link previews show: the notes as a piano roll, over the sections, in the colours of the style."""
    moment = await shared(token)
    headers = {"ETag": etag_of(moment), "Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):  # of several, or a weak one: caches weaken tags
        return Response(b"", status_code=304, media_type=PICTURE_TYPE, headers=headers)
    picture = await pictures.draw(moment, headers["ETag"])
    return Response(picture, media_type=PICTURE_TYPE, headers=headers)


def _page(page: str, policy: str, status: int = 200) -> Response[Any]:
    return Response(page, status_code=status, media_type=MediaType.HTML, headers={**_OF_PAGES, NAME: policy})


def _wants_json(request: AnyRequest) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return "json" in accepted and "html" not in accepted
