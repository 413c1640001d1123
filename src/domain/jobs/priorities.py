"""How urgent a job may be."""

from enum import StrEnum


class Priority(StrEnum):
    """Which jobs go first.

    Attributes:
        HIGH: Before those that are not.
    """

    NORMAL = "normal"
    HIGH = "high"
