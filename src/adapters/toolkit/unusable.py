"""Variables of the environment that have no effect."""

import msgspec


class Unusable(msgspec.Struct, frozen=True):
    """A variable that has no effect because of its value; the reason contains no password."""

    name: str
    reason: str
    fix: str
