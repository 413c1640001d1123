"""OPTIONS of every path: Litestar's own names the methods of the handler that was registered first, and no HEAD."""

from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus

from litestar import HttpMethod, MediaType, Response
from litestar.handlers import HTTPRouteHandler


def options_of(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return handlers that tell the methods of these, to be registered before them."""
    methods = defaultdict[str, set[str]](set)
    for handler in handlers:
        for path in handler.paths:
            methods[path] |= {HttpMethod(method).value for method in handler.http_methods}
    return [_options(path, found) for path, found in methods.items()]


def _options(path: str, methods: set[str]) -> HTTPRouteHandler:
    with_head = {"HEAD"} if "GET" in methods else set[str]()
    headers = {"Allow": ", ".join(sorted({*methods, *with_head, "OPTIONS"}))}

    @HTTPRouteHandler(path, http_method=[HttpMethod.OPTIONS], include_in_schema=False, sync_to_thread=False)
    def tell_methods() -> Response[None]:
        return Response(None, status_code=HTTPStatus.NO_CONTENT, headers=headers, media_type=MediaType.TEXT)

    return tell_methods
