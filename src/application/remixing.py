"""What the api and workers both know of a remix: its hum was heard before, and its blueprint follows from that."""

from application.ports.tools import HeardHum
from domain.blueprints.blueprint import Blueprint
from domain.blueprints.completion import complete
from domain.blueprints.metadata import read_analysis, read_soundfont
from domain.jobs.job import JobId, Request


def heard_before(request: Request) -> HeardHum | None:
    """Return what is known of the hum of a remix; None of any other request, and where no tool heard its parent.

    Raises:
        InvalidBlueprint: Its analysis is none.
    """
    if request.parent_id is None:
        return None
    metadata = request.blueprint.get("metadata", {})
    analysis = read_analysis(metadata)
    return HeardHum(analysis, read_soundfont(metadata)) if analysis else None


def completed(
    job_id: JobId, request: Request, heard: HeardHum | None, voice_id: str, *, draft: bool = False
) -> Blueprint:
    """Return the complete blueprint for a request.

    Args:
        job_id: Of its job.
        request: What the musician sent.
        heard: What a tool heard of the hum.
        voice_id: The voice, where the request fixes none.
        draft: Leave the sections unplanned.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    return complete(
        request.blueprint,
        heard.analysis if heard else None,
        blueprint_id=str(job_id),
        kind=request.output_kind,
        voice_id=voice_id,
        seed=request.seed_of(job_id),
        soundfont=heard.soundfont if heard else "",
        draft=draft,
    )
