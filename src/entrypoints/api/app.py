"""The HTTP API over an open container."""

from typing import Final

import anyio
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from domain.errors import MomentError
from entrypoints.api import (
    blueprints,
    deliveries,
    docs_page,
    errors_page,
    events,
    former_routes,
    health,
    jobs,
    moments,
    objects,
    openapi,
    openapi_document,
    operation_actions,
    operations,
    owners,
    problems,
    remixes,
    shares,
    statuses,
    styles,
    uploads,
)
from entrypoints.api.access_guard import AccessGuard
from entrypoints.api.allowed_methods import options_of
from entrypoints.api.callers import Callers
from entrypoints.api.dependencies import provided_by
from entrypoints.api.deprecations import DEPRECATION, SUNSET
from entrypoints.api.idempotency import REPLAYED
from entrypoints.api.local_operators import LocalOperators
from entrypoints.api.middlewares import middlewares, wrap
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.web import assets, page

EXPOSED_HEADERS: Final = [
    "ETag",
    "Link",
    "Location",
    "X-Request-Id",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Preference-Applied",
    DEPRECATION,
    SUNSET,
    "Content-Range",
    REPLAYED,
]
"""The response headers that scripts of other origins may read."""


HANDLERS: Final = (
    uploads.open_upload,
    statuses.read_status,
    statuses.read_job,
    owners.list_jobs,
    owners.read_usage,
    events.follow_events,
    events.find_events,
    remixes.remix_job,
    shares.share_job,
    shares.unshare_job,
    shares.read_shared,
    shares.read_shared_picture,
    shares.read_shared_audio,
    jobs.cancel_job,
    jobs.retry_job,
    jobs.delete_job,
    jobs.read_audio,
    deliveries.list_deliveries,
    deliveries.redeliver,
    former_routes.proxy_audio,
    blueprints.blueprint_schema,
    blueprints.validate_blueprint,
    styles.list_styles,
    styles.read_sample,
    operations.read_stats,
    operations.list_jobs,
    operations.read_timeline,
    operations.list_workers,
    operations.read_delivery_stats,
    operation_actions.cancel_jobs,
    operation_actions.retry_jobs,
    operation_actions.retry_failed_jobs,
    operation_actions.delete_jobs,
    operation_actions.pause_kinds,
    operation_actions.resume_kinds,
    health.healthz,
    health.readyz,
    openapi_document.openapi_json,
    docs_page.docs_asset,
    errors_page.errors,
    page.operations,
    assets.asset,
)
"""The routes that are the same for all settings."""


def create_app(container: Container, stopping: anyio.Event) -> ASGIApp:
    """Return the API inside its middlewares; the container must stay open while it serves.

    Args:
        container: What the routes use.
        stopping: Fails readiness once it is set.
    """
    settings = container.settings()
    handlers = [*_routes_of(settings), *HANDLERS]
    origins = list(settings.cors_origins)
    app = Litestar(
        [*options_of(handlers), *handlers],
        dependencies=provided_by(container, stopping),
        middleware=[AccessGuard(container.job_access()).around],
        exception_handlers={
            MomentError: problems.on_moment_error,
            HTTPException: problems.on_http_exception,
            Exception: problems.on_defect,
        },
        cors_config=CORSConfig(allow_origins=origins, expose_headers=EXPOSED_HEADERS) if origins else None,
        openapi_config=openapi.config(),
        logging_config=None,
    )
    local_operators = LocalOperators(settings.public_url, allowed=bool(settings.local_operators))
    callers = Callers(
        container.keyring(),
        local_operators,
        require_keys=settings.require_keys,
        secret=settings.database.url if settings.database else "",
    )
    return wrap(app, middlewares(container.telemetry(), settings, callers))


def _routes_of(settings: Settings) -> list[HTTPRouteHandler]:
    """Return the routes that depend on the settings; the objects of the embedded store are served by the api itself."""
    largest = settings.max_upload_bytes
    routes = [moments.create_moment_up_to(largest), docs_page.docs_of(settings.public_url), page.home_of(largest)]
    embedded = [objects.read_object, objects.put_object_up_to(largest)]
    return [*routes, *embedded] if settings.spaces is None else routes
