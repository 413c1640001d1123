"""How long a recording may be."""

from typing import Final

SHORTEST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 120.0
