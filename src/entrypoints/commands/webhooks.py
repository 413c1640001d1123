"""The commands of operators for webhooks: add, list, remove, enable, rotate."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from domain.webhooks.events import ENDINGS, WebhookEvent
from entrypoints.commands.with_container import with_container

if TYPE_CHECKING:
    from application.ports.webhooks import Endpoint
    from entrypoints.container import Container

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
owner_argument = click.argument("owner", callback=lambda _context, _option, text: _named(text))
id_argument = click.argument("endpoint_id", metavar="ID", type=click.UUID)


def _named(text: str) -> str:
    if owner := text.strip():
        return owner
    raise click.BadParameter("must not be empty: what has no owner is signed with WEBHOOK_SECRET")


@click.group()
def webhooks() -> None:
    """Who is told of the events of jobs: add, list, remove, enable, rotate.

    The database is the one of DATABASE_URL, or the one that `moment up` runs in this folder.
    """


@webhooks.command(epilog="Example: moment webhooks add acme https://acme.example/hooks --event moment.completed")
@owner_argument
@click.argument("url")
@click.option(
    "--event",
    "events",
    type=click.Choice([str(event) for event in WebhookEvent], case_sensitive=False),
    multiple=True,
    default=[str(event) for event in ENDINGS],
    show_default="the endings",
    help="What is sent; may be repeated.",
)
@click.option("--full", is_flag=True, help="Send whole statuses.")
@as_json
def add(*, owner: str, url: str, events: tuple[str, ...], full: bool, as_json: bool) -> None:
    """Tell an endpoint of every job that OWNER creates; the first one makes their secret, which is shown this once."""
    from adapters.http.webhook_signing import new_secret
    from entrypoints.commands.job_views import print_json

    async def act(container: "Container") -> tuple[UUID, str]:
        container.webhook_urls()(url)
        secret = new_secret()
        endpoints = container.webhook_endpoints()
        added = await endpoints.add_secret(owner, secret)
        wanted = [WebhookEvent(event) for event in dict.fromkeys(events)]
        return await endpoints.add(owner, url, wanted, whole=full), secret if added else ""

    endpoint_id, secret = with_container(act)
    if as_json:
        print_json({"id": endpoint_id, "secret": secret or None})
        return
    click.echo(f"{endpoint_id}  added")
    _show(secret)


@webhooks.command("list", epilog="Example: moment webhooks list --owner acme")
@click.option("--owner", help="Only endpoints of this owner.")
@as_json
def list_endpoints(owner: str | None, *, as_json: bool) -> None:
    """List what owners have added, and endpoints of requests that fail or are disabled."""
    from entrypoints.commands.job_views import print_json, print_table

    found = with_container(lambda container: container.webhook_endpoints().list_endpoints(owner))
    if as_json:
        print_json([_shown(endpoint) for endpoint in found])
    else:
        print_table(["id", "owner", "url", "events", "state"], [row(endpoint) for endpoint in found])


@webhooks.command(epilog="Example: moment webhooks remove 6fb1…")
@id_argument
def remove(endpoint_id: UUID) -> None:
    """Forget an endpoint, with what waits for it and what was delivered."""
    _require(with_container(lambda container: container.webhook_endpoints().remove(endpoint_id)), endpoint_id)
    click.echo(f"{endpoint_id}  removed")


@webhooks.command(epilog="Example: moment webhooks enable 6fb1…")
@id_argument
def enable(endpoint_id: UUID) -> None:
    """Send to a disabled endpoint again what happens from now on; what was dropped stays so."""
    _require(with_container(lambda container: container.webhook_endpoints().enable(endpoint_id)), endpoint_id)
    click.echo(f"{endpoint_id}  enabled")


@webhooks.command(epilog="Example: moment webhooks rotate acme --overlap 48")
@owner_argument
@click.option(
    "--overlap",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="Hours for which the former secret signs as well.",
)
def rotate(owner: str, overlap: int) -> None:
    """Make another secret for OWNER, and show it this once."""
    from adapters.http.webhook_signing import new_secret

    secret, hours = new_secret(), timedelta(hours=overlap)
    with_container(lambda container: container.webhook_endpoints().rotate_secret(owner, secret, hours))
    _show(secret)


def _show(secret: str) -> None:
    if secret:
        click.echo(secret)
        click.echo("keep it: it is not shown again", err=True)


def _require(found: bool, endpoint_id: UUID) -> None:
    if not found:
        raise click.ClickException(f"there is no endpoint {endpoint_id}")


def _state(endpoint: "Endpoint") -> str:
    from entrypoints.commands.job_views import timestamp

    if endpoint.disabled_at:
        return f"disabled: {endpoint.disabled_because}"
    if (last := endpoint.last_failure) is None:
        return "enabled"
    return f"failing: {last.error} at {timestamp(last.at)}; to be tried again: {endpoint.failing}"


def row(endpoint: "Endpoint") -> list[str]:
    """Return an endpoint's row in `moment webhooks list`."""
    events = "of requests" if endpoint.events is None else ", ".join(endpoint.events)
    full = " (full)" if endpoint.whole else ""
    return [str(endpoint.id), endpoint.owner or "-", endpoint.url, f"{events}{full}", _state(endpoint)]


def _shown(endpoint: "Endpoint") -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "owner": endpoint.owner,
        "url": endpoint.url,
        "events": endpoint.events,
        "full": endpoint.whole,
        "disabled_at": endpoint.disabled_at,
        "disabled_because": endpoint.disabled_because or None,
        "created_at": endpoint.created_at,
        "failing": endpoint.failing,
        "last_failure": endpoint.last_failure,
    }
