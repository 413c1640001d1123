"""What a request for a remix says: the form that HTTP and other entrances share."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from application.access import ANYBODY, Caller
from application.moments.field_texts import text_of
from application.moments.hums import SOURCES
from application.moments.request_fields import FIELDS
from domain.blueprints.blueprint import PartialBlueprint
from domain.blueprints.normalisation import normalised
from domain.blueprints.problems import escaped, type_problems
from domain.errors import InvalidBlueprint, ItemisedError, Problem
from domain.music.listening.editing import EditedNote, order_problems

CHANGES: Final = ("blueprint", "style", "notes")
TEXTS: Final = tuple(name for name in FIELDS if name not in {"blueprint_json", *SOURCES})
"""The fields of a new moment that a remix may have as well."""


class InvalidRemix(ItemisedError):
    """The request does not say what a remix is."""

    code = "invalid_remix"
    permanent = True

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{each.pointer or '/'}: {each.message}" for each in problems[:10]), problems)


class RemixOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different.

    Attributes:
        change: Of the blueprint: a merge patch (`domain.blueprints.merging`), not checked yet.
        notes: All notes of the tune as it is to be; none leaves it as it was hummed.
        texts: The other fields, as the form of a new moment has them.
        request_id: The id of the HTTP request, or empty.
        caller: Who orders it.
    """

    change: PartialBlueprint = {}
    notes: tuple[EditedNote, ...] = ()
    texts: Mapping[str, str] = {}
    request_id: str = ""
    caller: Caller = ANYBODY


def read_order(document: object, *, request_id: str = "", caller: Caller = ANYBODY) -> RemixOrder:
    """Return what JSON values say; null changes nothing.

    Raises:
        InvalidRemix: With every problem found, those of the blueprint's own fields apart.
        InvalidFields: One of the other fields has another type.
    """
    try:
        fields = normalised({} if document is None else document)
    except InvalidBlueprint as error:
        raise InvalidRemix(error.problems) from error
    if not isinstance(fields, dict):
        raise InvalidRemix([Problem("", "must be an object")])
    if problems := list(_problems(fields)):
        raise InvalidRemix(problems)
    style = {"style": fields["style"]} if "style" in fields else {}
    return RemixOrder(
        change={**fields.get("blueprint", {}), **style},
        notes=msgspec.convert(fields.get("notes", ()), tuple[EditedNote, ...]),
        texts={name: text_of(name, fields[name]) for name in TEXTS if name in fields},
        request_id=request_id,
        caller=caller,
    )


def _problems(fields: dict[str, Any]) -> Iterator[Problem]:
    for name in fields:
        if name not in {*CHANGES, *TEXTS}:
            yield Problem(f"/{escaped(name)}", f"is not a known field: {', '.join([*CHANGES, *TEXTS])}")
    blueprint, style = fields.get("blueprint", {}), fields.get("style", "")
    if not isinstance(blueprint, dict):
        yield Problem("/blueprint", "must be an object")
    elif "style" in fields and "style" in blueprint:
        yield Problem("/style", "is in the blueprint as well: say it once")
    if not isinstance(style, str):
        yield Problem("/style", "must be a string")
    if "notes" in fields:
        yield from _note_problems(fields["notes"])


def _note_problems(notes: object) -> Iterator[Problem]:
    if not isinstance(notes, list):
        yield Problem("/notes", "must be a list")
        return
    wrong = [found for at, note in enumerate(notes) for found in type_problems(note, EditedNote, f"/notes/{at}")]
    yield from wrong or order_problems(msgspec.convert(notes, list[EditedNote]), "/notes")
