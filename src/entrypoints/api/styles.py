"""The routes about styles: which there are, and how each sounds."""

from typing import Annotated, Any, Final

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from domain.music.styles.moods import Mood
from domain.music.styles.registry import STYLES
from domain.music.styles.style import Style
from entrypoints.api.dependencies import FindSamples, Urls
from entrypoints.api.openapi import NO_STORE, problem
from entrypoints.api.preferences import wait_in
from entrypoints.api.redirects import OF_LINKS, REDIRECT, link_to

_CACHED: Final = "public, max-age=3600"


class StyleEntry(msgspec.Struct, frozen=True):
    """A style that blueprints may name.

    Attributes:
        description: What it sounds like, in one sentence.
        tempo_range: Slowest and fastest tempo that it sounds best at, beats per minute.
        words: What else means it in free text.
        moods: Words that may stand before its name: `dark lofi`.
        sample_url: A path on this host that leads to its sound.
    """

    name: str
    description: str
    tempo_range: tuple[int, int]
    words: tuple[str, ...]
    moods: tuple[str, ...]
    sample_url: str


@get(
    "/v1/styles",
    operation_id="listStyles",
    summary="The styles",
    tags=["blueprints"],
    response_description="every style, the default first",
)
async def list_styles() -> Response[list[StyleEntry]]:
    """Return every style; the first is the default."""
    entries = [_entry(style) for style in STYLES.values()]
    return Response(entries, media_type=MediaType.JSON, headers={"Cache-Control": _CACHED})


@get(
    "/v1/styles/{style:str}/sample",
    status_code=302,
    operation_id="readSample",
    summary="Hear a style",
    tags=["blueprints"],
    responses={
        **OF_LINKS,
        404: problem("no such style"),
        409: problem("a worker makes it; try again after Retry-After"),
        503: NO_STORE,
    },
)
async def read_sample(
    request: Request[Any, Any, Any],
    style: FromPath[str],
    find_sample: FindSamples,
    urls: Urls,
    *,
    redirect: Annotated[bool, REDIRECT] = True,
) -> Response[Any]:
    """Redirect to the sound of a style, an MP3: the same short tune in each, made once, when it is first asked for.

    `Prefer: wait=N` waits until it is made.
    """
    return link_to(await find_sample(style, wait_in(request.scope["headers"])), urls, redirect=redirect)


def _entry(style: Style) -> StyleEntry:
    moods = tuple(str(mood.value) for mood in Mood)
    sample_url = f"/v1/styles/{style.name}/sample"
    return StyleEntry(style.name, style.description, style.tempo_range, style.words, moods, sample_url)
