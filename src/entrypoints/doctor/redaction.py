"""Redaction: no secret is printed, whatever text it is part of."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from dotenv import dotenv_values

from entrypoints.secret_files import SUFFIX

Redactor = Callable[[str], str]

HIDDEN: Final = "***"
_SECRET_NAME: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL")
_SECRET_OPTION: Final = frozenset({"password", "sslpassword"})
_QUERY: Final = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+")
"""A URL with a query: it may be signed."""
_SHORT: Final = 6
"""Shorter secrets are only replaced as whole words: a password `a` must not erase the report."""


def redactor(environ: Mapping[str, str], folder: Path) -> Redactor:
    """Return a function that replaces all secrets of the environment and of the folder's `.env` in a text."""
    of_file = {name: value or "" for name, value in dotenv_values(folder / ".env").items()}
    secrets = {
        secret for values in (environ, of_file) for secret in secrets_in({**values, **_in_files(values, folder)})
    }
    pattern = re.compile("|".join(_patterns(secrets)))

    def redact(text: str) -> str:
        shortened = _QUERY.sub(rf"\1?{HIDDEN}", text)
        return pattern.sub(HIDDEN, shortened) if secrets else shortened

    return redact


def secrets_in(values: Mapping[str, str]) -> Iterator[str]:
    """Yield values with secret names and the passwords of URLs, each plain and percent-encoded."""
    for name, value in values.items():
        found = {value.strip()} if _SECRET_NAME.search(name.upper()) else _passwords(value)
        for secret in found - {""}:
            yield from {secret, unquote(secret), quote(unquote(secret), safe="")}


def _in_files(values: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the secrets that are in files, under the names of the files' variables; they replace the paths."""
    found = {}
    for name, path in values.items():
        if name.endswith(SUFFIX) and path.strip():
            with suppress(OSError, ValueError):
                found[name] = (folder / path.strip()).read_text()
    return found


def _passwords(value: str) -> set[str]:
    if "://" not in value:
        return set()
    rest = value.strip().partition("://")[2]
    logins = {rest.partition("@")[0], rest.rpartition("@")[0]}  # a password may contain any of `/ # ? [ ] @`
    options = {text for name, text in parse_qsl(rest.partition("?")[2]) if name in _SECRET_OPTION}
    return {login.partition(":")[2] for login in logins if "@" in rest} | options


def _patterns(secrets: Iterable[str]) -> Iterator[str]:
    """Yield a pattern for each secret, the longest first, since one may be part of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        escaped = re.escape(secret)
        yield escaped if len(secret) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
