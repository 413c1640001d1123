"""How the fields of a request for a moment are read."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from application.access import ANYBODY, Caller
from application.ports.webhooks import WebhookUrlRefused
from domain.blueprints.blueprint import OutputKind, PartialBlueprint
from domain.blueprints.normalisation import chosen_word
from domain.error_codes import Code
from domain.errors import ItemisedError, Problem
from domain.hosts import has_host
from domain.jobs.artifacts import OptionalArtifact
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat, output_format_named
from domain.webhooks.events import WebhookEvent


class InvalidFields(ItemisedError):
    """Fields of a request are wrong; the code is that of the first."""

    permanent = True

    def __init__(self, problems: list[Problem], *, code: Code) -> None:
        said = "; ".join(f"{problem.pointer.removeprefix('/')} {problem.message}".lstrip() for problem in problems)
        super().__init__(said, problems, code=code)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What the meaning of a field depends on.

    Attributes:
        now: When the request is read.
        caller: Who makes it.
        default_kind: The output kind of requests that name none.
        blueprint: The one of the request.
        check_webhook: Raises `WebhookUrlRefused` for a URL that no webhook may be sent to.
    """

    now: datetime
    caller: Caller = ANYBODY
    default_kind: OutputKind = OutputKind.PREVIEW
    blueprint: PartialBlueprint = {}
    check_webhook: Callable[[str], None] = lambda _: None


def invalid(name: str, message: str, code: Code = "invalid_field") -> InvalidFields:
    """Return the error about one field."""
    return InvalidFields([Problem(f"/{name}", message)], code=code)


def unknown_word(name: str, word: str, known: Iterable[str], code: Code) -> InvalidFields:
    """Return the error about a word of a field that is none of those that it may have."""
    return invalid(name, f"{word[:40]!r} is not one of {', '.join(known)}", code)


def read_url(text: str, _: Setting) -> dict[str, Any]:
    """Return nothing, for a URL: it says where the recording is, and not how the moment is to be."""
    try:
        url = urlsplit(text.strip())
        good = not text.strip() or (url.scheme in {"http", "https"} and has_host(url) and url.port != 0)
    except ValueError:
        good = False
    if not good:
        raise invalid("audio_url", "must be an http or https URL")
    return {}


def read_upload(text: str, _: Setting) -> dict[str, Any]:
    """Return nothing, for the id of an upload: it says where the recording is."""
    if not text.strip():
        return {}
    try:
        UUID(text.strip())
    except ValueError:
        raise invalid("upload_id", "must be the id of an upload") from None
    return {}


def read_blueprint(_: str, setting: Setting) -> dict[str, Any]:
    """Return the fields that the musician fixed: they are read before the others, which may depend on them."""
    return {"blueprint": setting.blueprint}


def read_kind(text: str, setting: Setting) -> dict[str, Any]:
    """Return the output kind: the one of the field, of the blueprint's metadata, or the default."""
    wanted = chosen_word(text) or setting.blueprint.get("metadata", {}).get("output_kind", setting.default_kind)
    try:
        return {"output_kind": OutputKind(wanted)}
    except ValueError:
        message = f"must be {' or '.join(OutputKind)}, not {text[:40]!r}"
        raise invalid("output_kind", message, "invalid_output_kind") from None


def read_format(text: str, _: Setting) -> dict[str, Any]:
    """Return the name of the format of the music; nothing for the usual one."""
    if not text.strip():
        return {}
    return {"output_format": named_format("output_format", text)}


def named_format(field: str, text: str) -> OutputFormat:
    """Return the format with a name. Raises `InvalidFields`."""
    if (found := output_format_named(text)) is None:
        raise unknown_word(field, text, MEDIA_TYPES, "unknown_output_format")
    return found


def read_artifacts(text: str, _: Setting) -> dict[str, Any]:
    """Return the names of what is wanted besides the usual, each once."""
    return {"artifacts": _names("artifacts", text, OptionalArtifact, "unknown_artifact")}


def read_webhook(text: str, setting: Setting) -> dict[str, Any]:
    """Return the URL that is told of the job's events."""
    url = text.strip()
    if url:
        try:
            setting.check_webhook(url)
        except WebhookUrlRefused as error:
            raise invalid("webhook", error.message, error.code) from error
    return {"webhook": url}


def read_webhook_events(text: str, _: Setting) -> dict[str, Any]:
    """Return the names of the events, each once."""
    return {"webhook_events": _names("webhook_events", text, WebhookEvent, "webhook_invalid")}


def read_webhook_payload(text: str, _: Setting) -> dict[str, Any]:
    """Return whether the whole status is sent."""
    word = chosen_word(text)
    if word not in {"", "thin", "full"}:
        raise invalid("webhook_payload", f"must be thin or full, not {text[:40]!r}", "webhook_invalid")
    return {"webhook_whole": word == "full"}


def _names(field: str, text: str, known: type[StrEnum], code: Code) -> tuple[str, ...]:
    """Return the names in a list that commas separate, each once. Raises `InvalidFields`."""
    names = dict.fromkeys(name for part in text.split(",") if (name := part.strip().lower()))
    if unknown := next((name for name in names if name not in set(known)), None):
        raise unknown_word(field, unknown, known, code)
    return tuple(names)
