"""Who may be to blame for an error: what a job depends on besides the database."""

from enum import Enum
from typing import Final

from domain.blueprints.blueprint import OutputKind
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.transitions import JobStatus


class Dependency(Enum):
    """What a job needs besides the database."""

    TOOLS = "the music tools"
    STORAGE = "the object store"
    PREVIEWS = "the tools for previews"
    SONGS = "the tools for songs"
    PREVIEW_PROVIDER = "the provider of previews"
    SONG_PROVIDER = "the provider of songs"


OF_KIND: Final = {OutputKind.PREVIEW: Dependency.PREVIEWS, OutputKind.SONG: Dependency.SONGS}
PROVIDER_OF_KIND: Final = {
    OutputKind.PREVIEW: Dependency.PREVIEW_PROVIDER,
    OutputKind.SONG: Dependency.SONG_PROVIDER,
}
"""What a foreign tool server pays for a kind of moment. Nothing but a job can try it: a probe would cost money, too."""

PROVIDERS: Final = frozenset(PROVIDER_OF_KIND.values())

SUSPECTS: Final[dict[Code, Dependency]] = {
    "tools_unavailable": Dependency.TOOLS,
    "tools_busy": Dependency.TOOLS,
    "tools_lost": Dependency.TOOLS,
    "tools_denied": Dependency.TOOLS,
    "url_not_allowed": Dependency.TOOLS,
    "storage_unavailable": Dependency.STORAGE,
    "storage_denied": Dependency.STORAGE,
    "wrong_bucket": Dependency.STORAGE,
    "object_not_found": Dependency.STORAGE,
    "transfer_interrupted": Dependency.STORAGE,
    "transfer_failed": Dependency.STORAGE,
}
"""Who is to blame for an error, if anything but the job is."""

OF_TOOL_LISTS: Final[frozenset[Code]] = frozenset(
    {
        *("tool_missing", "tool_not_offered", "unknown_tool", "invalid_arguments", "invalid_blueprint"),
        "result_unreachable",
    }
)
"""Errors for which the tools of the job's kind are to blame."""

OF_PROVIDERS: Final[frozenset[Code]] = frozenset({
    *("provider_denied", "provider_quota", "provider_busy", "provider_unavailable", "voice_misconfigured"),
    "result_unreachable",
})  # fmt: skip
"""Errors for which the provider of the job's kind is to blame, unless a probe finds something else."""

UNKNOWN: Final[frozenset[Code]] = frozenset({"deadline_exceeded"})
"""Errors for which anything may be to blame."""

PROVEN_BY: Final[dict[JobStatus, frozenset[Dependency]]] = {
    JobStatus.ANALYZING: frozenset({Dependency.TOOLS}),
    JobStatus.RENDERING: frozenset({Dependency.TOOLS, Dependency.STORAGE}),
    JobStatus.MIXING: frozenset({Dependency.TOOLS, Dependency.STORAGE}),
}
"""What has worked when a stage is finished, by the state that it begins in."""


def suspects_of(error: MomentError, kind: OutputKind) -> list[Dependency]:
    """Return what may be to blame for an error of a job of this kind, besides the job."""
    if error.code in UNKNOWN:
        return [Dependency.TOOLS, Dependency.STORAGE]
    if error.code in SUSPECTS:
        return [SUSPECTS[error.code]]
    tool_lists = [OF_KIND[kind]] if error.code in OF_TOOL_LISTS else []
    return tool_lists + ([PROVIDER_OF_KIND[kind]] if error.code in OF_PROVIDERS else [])


def proven_by(stage: JobStatus, kind: OutputKind) -> frozenset[Dependency]:
    """Return what has worked when a stage of a job of this kind is finished.

    Only the last stage proves a provider: a foreign server need not have tools for the others.
    """
    provider = {PROVIDER_OF_KIND[kind]} if stage is JobStatus.MIXING else set[Dependency]()
    return PROVEN_BY.get(stage, frozenset()) | provider
