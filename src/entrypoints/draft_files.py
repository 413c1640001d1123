"""Where a file is written until it is complete."""

from pathlib import Path


def draft_of(path: Path) -> Path:
    """Return the draft of a file, beside it."""
    return path.with_name(f"{path.name}.part")
