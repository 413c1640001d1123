"""The commands of operators for the keys of the API: create, list, revoke."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from typing import TYPE_CHECKING, Any, Final

import click

from application.access import Limits, Permission
from entrypoints.commands.with_container import with_container

if TYPE_CHECKING:
    from application.ports.api_keys import ApiKey
    from entrypoints.container import Container

MANY: Final = 10_000
MAX_CHARS: Final = 64
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _printable(_context: click.Context, _option: click.Parameter, text: str | None) -> str:
    """Return a text that can be compared, and shown in a table."""
    text = (text or "").strip()
    if len(text) > MAX_CHARS or not text.isprintable():
        raise click.BadParameter(f"must be at most {MAX_CHARS} printable characters")
    return text


def _owner(context: click.Context, option: click.Parameter, text: str) -> str:
    if owner := _printable(context, option, text):
        return owner
    raise click.BadParameter("must not be empty")


@click.group()
def keys() -> None:
    """Keys of the API: create, list, revoke.

    The database is the one of DATABASE_URL, or the one that `moment up` runs in this folder.
    """


@keys.command(epilog="Example: moment keys create --owner acme --moments-per-month 1000")
@click.option("--owner", callback=_owner, required=True, help="Whose jobs it creates and sees.")
@click.option("--name", callback=_printable, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(Permission, case_sensitive=False),
    multiple=True,
    default=(Permission.CREATE, Permission.READ),
    show_default="create, read",
    help="What it allows; may be repeated. operate includes the others, on everybody's jobs.",
)
@click.option("--may-hurry", is_flag=True, help="Its jobs may be urgent (the field `priority`).")
@click.option("--waiting", type=click.IntRange(0), help="How many jobs of the owner may wait at once.")
@click.option(
    "--moments-per-month", "moments", type=click.IntRange(0), help="How many moments the owner may have made."
)
@click.option(
    "--seconds-per-month", "seconds", type=click.IntRange(0), help="After how many seconds of music no more are made."
)
@as_json
def create(
    *,
    owner: str,
    name: str,
    scopes: tuple[Permission, ...],
    may_hurry: bool,
    as_json: bool,
    **limits: int | None,
) -> None:
    """Create a key and print it: this is the only time that it is shown."""
    from application.keys.create_key import NewKey
    from entrypoints.commands.job_views import print_json

    permissions = frozenset(scopes)
    wanted = NewKey(owner=owner, name=name, permissions=permissions, may_hurry=may_hurry, limits=Limits(**limits))
    key, token = with_container(lambda container: container.create_key()(wanted))
    if as_json:
        print_json({"key": token, **_shown(key)})
    else:
        click.echo(token)
        click.echo("keep it: it is not shown again", err=True)


@keys.command("list", epilog="Example: moment keys list --owner acme")
@click.option("--owner", default="", help="Only keys of this owner.")
@as_json
def list_keys(owner: str, *, as_json: bool) -> None:
    """List keys, newest first."""
    from entrypoints.commands.job_views import print_json, print_table

    found = with_container(lambda container: container.api_keys().list_keys(owner, MANY))
    if as_json:
        print_json([_shown(key) for key in found])
    else:
        print_table(["key", "owner", "name", "scopes", "limits", "last used", "state"], [_row(key) for key in found])


@keys.command(epilog="Example: moment keys revoke moment_Ab3dE6gH")
@click.argument("named", metavar="PREFIX_OR_ID...", nargs=-1, required=True)
def revoke(named: tuple[str, ...]) -> None:
    """Revoke keys: within five seconds, every process refuses them. Their owners' jobs stay."""

    async def act(container: "Container") -> None:
        for each in named:
            prefix = each.removesuffix("_…")  # as `moment keys list` shows it
            click.echo(f"{(await container.api_keys().revoke(prefix)).prefix}  revoked")

    with_container(act)


def _shown(key: "ApiKey") -> dict[str, Any]:
    """Return what is shown of a key: everything but its hash."""
    import msgspec

    fields = msgspec.structs.asdict(key)
    fields["permissions"] = sorted(key.permissions)
    del fields["digest"]
    return fields


def _row(key: "ApiKey") -> list[str]:
    used = key.last_used_at
    return [
        f"{key.prefix}_…",
        key.owner,
        key.name or "-",
        ",".join(sorted(key.permissions)) + (",hurry" if key.may_hurry else ""),
        _limits(key.limits),
        f"{used:%Y-%m-%d %H:%M}" if used else "never",
        "revoked" if key.revoked_at else "in force",
    ]


def _limits(limits: Limits) -> str:
    named = {"waiting": limits.waiting, "moments": limits.moments, "seconds": limits.seconds}
    return ", ".join(f"{name} {most}" for name, most in named.items() if most is not None) or "-"
