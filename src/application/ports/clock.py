"""Time as the application sees it."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Aware UTC now."""
