"""The settings of every process: declared once, read once from the environment and `.env`, checked, frozen."""

from entrypoints.setting_kinds import InvalidSettings
from entrypoints.settings.declarations import MEGABYTE, Settings, Spaces, declared, known, secret_names
from entrypoints.settings.reading import IGNORED_PREFIXES, load, local_url, of_given, parse, reasons_to_ignore

__all__ = [
    "IGNORED_PREFIXES",
    "MEGABYTE",
    "InvalidSettings",
    "Settings",
    "Spaces",
    "declared",
    "known",
    "load",
    "local_url",
    "of_given",
    "parse",
    "reasons_to_ignore",
    "secret_names",
]
