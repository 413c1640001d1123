"""Whose voice or model a provider does not know: the request's, or that of our settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from application.ports.tools import ToolFailed
from domain.blueprints.blueprint import PartialBlueprint
from domain.error_codes import Code

NAMED_BY: Final[dict[Code, str]] = {"voice_not_found": "voice_id", "model_not_found": "model_id"}
"""The field of a blueprint's voice that each code is about."""


@contextmanager
def blamed_on_request(request: PartialBlueprint, voice_id: str) -> Iterator[None]:
    """Let a voice or model that the provider does not know fail the job only if the request chose it.

    Args:
        request: The blueprint as it was sent.
        voice_id: The voice of our settings; a request that names it as well chose nothing of its own.

    Raises:
        ToolFailed: `voice_misconfigured` instead, where the choice was ours.
    """
    try:
        yield
    except ToolFailed as error:
        if error.code in NAMED_BY and _chosen(request, NAMED_BY[error.code]) in {None, voice_id}:
            raise ToolFailed(error.message, code="voice_misconfigured") from error
        raise


def _chosen(request: PartialBlueprint, field: str) -> Any:
    voice = request.get("voice")
    return voice.get(field) if isinstance(voice, dict) else None
