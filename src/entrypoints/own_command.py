"""How the reader of our output calls this command: in a clone it is `.venv/bin/moment`, which no PATH has."""

import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "moment"
EXAMPLE: Final = "examples/hum.wav"


def own_command() -> str:
    """Return what to type in place of `moment`, here and now."""
    called = sys.argv[0]
    on_path = shutil.which(NAME)
    if Path(called).name != NAME or (on_path and Path(on_path).resolve() == Path(called).resolve()):
        return NAME
    return called


def example_hum() -> str:
    """Return a recording that is here, or a name for one of the reader's."""
    return EXAMPLE if Path(EXAMPLE).is_file() else "hum.wav"
