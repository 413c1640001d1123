"""Where the engine's library is: what the setting `MOMENT_SPEECH` names."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

SYSTEM: Final = "espeak-ng"
"""The library of the system: Debian's packages `espeak-ng` or `libespeak-ng1`."""

WHEEL: Final = "espeakng-loader"
"""The library in the package of this name, which the extra `lyrics` installs."""

ENGINES: Final = (SYSTEM, WHEEL)

_NAMES: Final = {"darwin": "libespeak-ng.dylib", "win32": "espeak-ng.dll"}
_DEBIAN: Final = "libespeak-ng.so.1"


def library_of(setting: str) -> str:
    """Return the library's path, or its name for the loader; empty where it is not installed."""
    if setting == SYSTEM:
        return _NAMES.get(sys.platform, _DEBIAN)
    if setting == WHEEL:
        spec = find_spec("espeakng_loader")
        folder = Path(spec.origin).parent if spec and spec.origin else None
        return next((str(file) for file in sorted(folder.glob("*espeak-ng.*"))), "") if folder else ""
    return setting


def data_of(library: str) -> str:
    """Return the folder with the engine's data where it lies beside its library; else the library knows it."""
    folder = Path(library).parent
    return str(folder) if Path(library).is_absolute() and (folder / "espeak-ng-data").is_dir() else ""
