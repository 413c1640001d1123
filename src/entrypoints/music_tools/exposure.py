"""Who can reach music-tools: its tools compute for minutes and send what they made to URLs that callers name."""

from ipaddress import ip_address
from pathlib import Path
from typing import Final

from entrypoints.settings import InvalidSettings

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
"""The hosts under which programs of this machine reach it."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens on `host`; a name other than localhost may lie."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def shared_folder(host: str) -> Path | None:
    """Return the folder that callers share with us by default: none if they may be elsewhere, or if it were all."""
    folder = Path.cwd()
    return folder if is_loopback(host) and folder != folder.parent else None


def require_token(host: str, token: str) -> None:
    """Check that only callers with a token, or on this machine, are served.

    Raises:
        InvalidSettings: Other machines could call without one.
    """
    if not token and not is_loopback(host):
        raise InvalidSettings(
            f"MCP_AUTH_TOKEN is not set, but other machines would reach music-tools on {host or 'every address'}: "
            "set a token, here and for the workers, or MUSIC_TOOLS_HOST to 127.0.0.1"
        )
