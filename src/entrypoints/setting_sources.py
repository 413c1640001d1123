"""Where settings come from: options of the command line, the environment, a file `.env`; the first wins."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from dotenv import dotenv_values

from entrypoints.secret_files import SUFFIX, read_secrets
from entrypoints.setting_kinds import InvalidSettings

FILE: Final = ".env"
PREFIXES: Final = ("MOMENT_", "MUSIC_TOOLS_", "DO_SPACES_", "MCP_")
"""Variables that begin so are meant for us."""

OTHERS: Final = frozenset({"MOMENT_API_URL", "MOMENT_SUPERVISED", "MOMENT_IMAGE"})
"""Variables of ours that are no settings: of the command line, of `moment up` and its parts, of compose.yaml."""

SIMILAR: Final = 0.6
"""How similar the name that is suggested must be after the prefix, 0..1 (difflib)."""

MIN_PART: Final = 4
"""Letters of a name that may be a part of the right one."""

_LINK_NAME: Final = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_LINK_VALUE: Final = re.compile(r"(tcp|udp|sctp)://\S+")
_QUOTED: Final = re.compile(r"""(["'])(.*)\1""", re.DOTALL)


class Source(StrEnum):
    """Where a value comes from."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = ".env"
    DEFAULT = "default"


class Given(msgspec.Struct, frozen=True):
    """The text of a variable, without white space and quotes around it."""

    text: str
    source: Source


class Unknown(msgspec.Struct, frozen=True):
    """A variable that is meant for us and that we do not know; `nearest` may be empty."""

    name: str
    nearest: str


def gather(
    environ: Mapping[str, str], folder: Path, options: Mapping[str, str], secrets: Collection[str]
) -> dict[str, Given]:
    """Return all variables by their names; `secrets` may be in files of their own.

    Raises:
        InvalidSettings: A file cannot be read, or a secret is set in both ways.
    """
    found = {name: Given(text.strip(), Source.FILE) for name, text in _read_file(folder / FILE).items()}
    for name in secrets:  # whichever way the environment sets a secret, it wins
        if environ.get(name) or environ.get(f"{name}{SUFFIX}"):
            found = {key: given for key, given in found.items() if key not in {name, f"{name}{SUFFIX}"}}
    found |= {name: Given(_unquoted(text), Source.ENVIRONMENT) for name, text in environ.items()}
    found |= {name: Given(text, Source.OPTION) for name, text in options.items()}
    for name, secret in read_secrets({name: given.text for name, given in found.items()}, secrets, folder).items():
        found[name] = Given(secret, found[f"{name}{SUFFIX}"].source)
    return found


def is_service_link(name: str, text: str) -> bool:
    """Return whether Kubernetes or Docker has set a variable for a service whose name is our prefix.

    Source: Kubernetes, "Discovering services: environment variables".
    """
    return bool(_LINK_NAME.fullmatch(name) or (name.endswith("_PORT") and _LINK_VALUE.fullmatch(text)))


def unknown(names: Iterable[str], known: Iterable[str]) -> Iterator[Unknown]:
    """Yield the names that are meant for us but are none of the known ones."""
    valid = {*known, *OTHERS}
    for name in sorted(names):
        if name.startswith(PREFIXES) and name not in valid:
            yield Unknown(name, _nearest_name(name, valid - OTHERS))


def _nearest_name(name: str, known: Collection[str]) -> str:
    """Return the known name whose part after the prefix is nearest; of several, one with the same prefix."""
    same_last = sorted(known, key=lambda other: (_prefix(other) == _prefix(name), other))
    rests = {other.removeprefix(_prefix(other)): other for other in same_last}  # the last one wins
    return rests.get(_nearest(name.removeprefix(_prefix(name)), rests), "")


def _nearest(word: str, others: Iterable[str]) -> str:
    """Return the shortest of the others that contains a word, else a similar one, else an empty text."""
    containing = [other for other in others if len(word) >= MIN_PART and word in other]
    found = sorted(containing, key=len) or get_close_matches(word, others, 1, SIMILAR)
    return found[0] if found else ""


def _prefix(name: str) -> str:
    return next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")


def _read_file(path: Path) -> dict[str, str]:
    try:
        values = dotenv_values(path, encoding="utf-8-sig")  # some editors write a byte order mark
    except (OSError, UnicodeError) as error:
        raise InvalidSettings(f"{path} cannot be read: {error}") from error
    return {name: text or "" for name, text in values.items()}


def _unquoted(text: str) -> str:
    """Return a text without the quotes that `docker run --env-file` leaves around it."""
    stripped = text.strip()
    quoted = _QUOTED.fullmatch(stripped)
    return quoted[2].strip() if quoted else stripped
