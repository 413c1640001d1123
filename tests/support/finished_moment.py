"""A finished moment of a running service, for tests of what comes after."""

from tests.support.sent_moments import finish, send
from tests.support.up import Up


def finished_moment(service: Up) -> str:
    """Return the id of a moment of the example hum, once it is COMPLETED."""
    return str(finish(service, send(service))["id"])
