"""What to say when a process cannot listen on its address."""

import errno

from entrypoints.setting_kinds import InvalidSettings


def cannot_listen(host: str, port: int, error: OSError) -> InvalidSettings:
    """Return the error for an address that is taken, or cannot be bound."""
    if error.errno == errno.EADDRINUSE:
        return InvalidSettings(f"port {port} on {host} is in use: stop what uses it, or pass another --port")
    return InvalidSettings(f"cannot listen on {host}:{port}: {error.strerror or error}")
