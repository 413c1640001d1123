"""A change of a blueprint: JSON Merge Patch (RFC 7396)."""

from typing import Any

from domain.blueprints.blueprint import PartialBlueprint


def merged(before: PartialBlueprint, change: PartialBlueprint) -> PartialBlueprint:
    """Return a blueprint with a change: objects are changed name by name, null removes, all else is replaced."""
    after: PartialBlueprint = _patched(before, change)
    return after


def _patched(before: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    kept = dict(before) if isinstance(before, dict) else {}
    for name, value in change.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = _patched(kept.get(name), value)
    return kept
