"""Settings are read once, from options, the environment and `.env`, and checked; all problems are named at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from entrypoints.setting_kinds import InvalidSettings
from entrypoints.setting_sources import PREFIXES, Given, gather, is_service_link, unknown
from entrypoints.settings.declarations import Settings, Spaces, declared, known, secret_names

REQUIRED_FOR_SPACES: Final = ("DO_SPACES_KEY", "DO_SPACES_SECRET", "DO_SPACES_BUCKET")
PLACE_OF_SPACES: Final = ("DO_SPACES_REGION", "DO_SPACES_ENDPOINT")
IGNORED_PREFIXES: Final = {
    "CELERY_": "the queue is in Postgres now",
    "REDIS_": "the queue is in Postgres now",
    "MCP_SONG_": "songs are made as their blueprints say",
}
"""Variables of the Celery version that mean nothing any more, and why; those that are settings are excepted."""


def load(environ: Mapping[str, str], folder: Path) -> Settings:
    """Return the settings from the environment and the folder's `.env`; the environment wins.

    Raises:
        InvalidSettings: All problems.
    """
    return of_given(gather(environ, folder, {}, secret_names()))


def of_given(given: Mapping[str, Given]) -> Settings:
    """Return the settings that are made of what is given.

    Raises:
        InvalidSettings: All problems.
    """
    return parse({name: found.text for name, found in given.items()})


def parse(values: Mapping[str, str]) -> Settings:
    """Return the settings from names and values of variables.

    Raises:
        InvalidSettings: All problems.
    """
    links = tuple(sorted(name for name in values if name.startswith(PREFIXES) and is_service_link(name, values[name])))
    values = {name: text for name, text in values.items() if name not in links}
    problems: list[str] = []
    given, spaces = _read(Settings, values, problems), _spaces(values, problems)
    if given.get("mcp_token") and urlsplit(given.get("mcp_url", "")).username:
        problems.append(
            "MCP_BASE_URL contains a login, and MCP_AUTH_TOKEN is set: a request has one of them; remove one"
        )
    if problems:
        raise InvalidSettings(*problems)
    defaults = Settings()
    if "public_url" not in given:
        given["public_url"] = local_url(given.get("host", defaults.host), given.get("port", defaults.port))
    ignored = _ignored(values)
    found = tuple(unknown(values.keys() - set(ignored), known()))
    settings = Settings(**given, spaces=spaces, ignored=ignored, links=links, unknown=found)
    database, direct = settings.database, settings.database_direct
    if database and direct and database.url != direct.url:
        return msgspec.structs.replace(settings, database=msgspec.structs.replace(database, pooled=True))
    return settings


def local_url(host: str, port: int) -> str:
    """Return the URL under which a server that listens on `host` is reached from its own machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - read here, not bound
    bracketed = f"[{reachable}]" if ":" in reachable and not reachable.startswith("[") else reachable
    return f"http://{bracketed}:{port}"


def _read(struct: type[Settings | Spaces], values: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """Return the fields whose variables are set; an empty variable counts as unset."""
    found = {}
    for field, setting in declared(struct):
        if name := setting.name_in(values):
            try:
                found[field] = setting.kind.read(name, values[name])
            except InvalidSettings as error:
                problems.extend(error.problems)
    return found


def _spaces(values: Mapping[str, str], problems: list[str]) -> Spaces | None:
    named = [name for name in (*REQUIRED_FOR_SPACES, *PLACE_OF_SPACES) if values.get(name)]
    if not named:
        return None
    missing = [name for name in REQUIRED_FOR_SPACES if not values.get(name)]
    if not any(values.get(name) for name in PLACE_OF_SPACES):
        missing.append("DO_SPACES_REGION")
    if missing:
        problems.append(f"{named[0]} is set but {', '.join(missing)} is missing: set all of them, or none")
    read = _read(Spaces, values, problems)
    return None if problems else Spaces(**read)


def reasons_to_ignore(names: Iterable[str]) -> str:
    """Return names of variables that mean nothing any more, grouped by the reason."""
    groups: dict[str, list[str]] = {}
    for name in names:
        reason = next(reason for prefix, reason in IGNORED_PREFIXES.items() if name.startswith(prefix))
        groups.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(group)}: {reason}" for reason, group in groups.items())


def _ignored(values: Mapping[str, str]) -> tuple[str, ...]:
    prefixed = {name for name in values if name.startswith(tuple(IGNORED_PREFIXES))}
    return tuple(sorted(prefixed - known()))
