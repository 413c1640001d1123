"""What of a job a remix of it need not make again."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from domain.blueprints.blueprint import Blueprint
from domain.blueprints.metadata import read_vocal_mode
from domain.jobs.artifacts import PART_NAMES, Artifact, Checkpoint, Picture, Stem
from domain.jobs.job import Job, Request
from domain.music.sung import VocalMode

_BOTH: Final = frozenset(Stem)
_NEITHER: Final[frozenset[Stem]] = frozenset()

CHANGES: Final[Mapping[str, frozenset[Stem]]] = {
    "id": _NEITHER,
    "voice": frozenset({Stem.VOCALS}),
    "metadata/soundfont": frozenset({Stem.INSTRUMENTAL}),
}
"""The stems that a different value of a field changes: both, of a field that is not named here. A style colours the
voice too (its room, its tape, its tempo), and the seed is in every note."""

_OF_SCORE: Final = frozenset({"melody", "lead_sheet"})


def still_valid(before: Blueprint, after: Blueprint) -> frozenset[Stem]:
    """Return the stems that are the same for two complete blueprints of one recording; in doubt, one is not."""
    was, now = _values(before), _values(after)
    changed = [name for name in was.keys() | now.keys() if was.get(name) != now.get(name)]
    hummed = {read_vocal_mode(each.metadata) for each in (before, after)} == {VocalMode.HUM}
    harmless = {"lyrics"} if hummed else set[str]()  # nobody sings them
    return _BOTH.difference(*(CHANGES.get(name, _BOTH) for name in changed if name not in harmless))


def reusable(parent: Job, request: Request, blueprint: Blueprint) -> dict[Stem, Checkpoint]:
    """Return the stems of a job that a remix has too, with the by-products that it wants.

    Args:
        parent: The job.
        request: For the remix.
        blueprint: The complete one of the remix.
    """
    valid = still_valid(parent.blueprint, blueprint) if parent.blueprint else _NEITHER
    return {
        stem: msgspec.structs.replace(checkpoint, extras=_wanted(checkpoint, request))
        for stem, checkpoint in parent.checkpoints.items()
        if stem in valid and checkpoint.artifact and _has_all(stem, parent.request, request)
    }


def _values(blueprint: Blueprint) -> dict[str, Any]:
    """Return every field, those of the metadata apart; as values, since 60 may be stored for 60.0."""
    document: dict[str, Any] = msgspec.to_builtins(blueprint)
    metadata = document.pop("metadata", {})
    return document | {f"metadata/{name}": value for name, value in metadata.items()}


def _has_all(stem: Stem, before: Request, after: Request) -> bool:
    """Return whether a stem was made with the by-products that are wanted now."""
    if stem is Stem.VOCALS:
        return before.wants_pictures or not after.wants_pictures
    return after.part_type in {None, before.part_type}


def _wanted(checkpoint: Checkpoint, request: Request) -> dict[str, Artifact]:
    """Return the by-products of a stem that a remix wants; those of the mix are made again."""
    names = {*_OF_SCORE, *(PART_NAMES.values() if request.part_type else ())}
    names |= {Picture.MELODY} if request.wants_pictures else set()
    return {name: extra for name, extra in checkpoint.extras.items() if name in names}
