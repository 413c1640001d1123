"""The version of this service, as its package metadata says it. Every process and protocol reports this one."""

from importlib.metadata import version
from typing import Final

PACKAGE: Final = "main-character-moment"
VERSION: Final = version(PACKAGE)
