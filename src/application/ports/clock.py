"""Time as the application sees it."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the present time, aware, in UTC."""
