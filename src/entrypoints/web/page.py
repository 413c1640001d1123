"""The page that records a hum in the browser; it loads nothing from other origins."""

from importlib.resources import files
from typing import Final

from litestar import MediaType, Response, get

_HOME: Final = files("entrypoints.web").joinpath("home.html").read_bytes()


@get("/", include_in_schema=False, media_type=MediaType.HTML)
async def home() -> Response[bytes]:
    """Return the page that records a hum and plays the music."""
    return Response(_HOME, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache"})
