"""How much is measured."""

import os
from typing import Final

FULL: Final = bool(os.environ.get("BENCH_FULL"))
"""Set BENCH_FULL=1 for the long run: more jobs everywhere, 200,000 through the table."""

WORKERS: Final = 2
SLOTS: Final = 32
JOBS: Final = 2000 if FULL else 600
CELERY_JOBS: Final = 200 if FULL else 60
"""Chosen so that both sides are busy for about as long."""

ALONE: Final = 50 if FULL else 20
