"""What of a job a remix need not make again, and what a change of a blueprint is."""

from typing import Any

import msgspec
import pytest

from domain.blueprints.blueprint import PartialBlueprint
from domain.blueprints.merging import merged
from domain.jobs.artifacts import Artifact, OptionalArtifact, Stem
from domain.jobs.job import Job
from domain.jobs.reuse import reusable, still_valid
from domain.jobs.transitions import JobStatus
from tests.support.jobs import a_blueprint, a_job_that_is, an_artifact

VOCALS, BAND = {Stem.VOCALS}, {Stem.INSTRUMENTAL}
NEITHER, BOTH = set[Stem](), {*Stem}
SUNG = {"metadata": {"vocals": "lyrics"}}


@pytest.mark.parametrize(
    ("before", "after", "valid"),
    [
        ({}, {}, BOTH),
        ({}, {"id": "another"}, BOTH),
        ({}, {"lyrics": "la la"}, BOTH),  # nobody sings them
        (SUNG, {**SUNG, "lyrics": "la la"}, NEITHER),  # they are in the lead sheet, too
        ({}, SUNG, NEITHER),
        ({}, {"voice": {"voice_id": "another"}}, BAND),
        ({}, {"metadata": {"soundfont": "ab" * 32}}, VOCALS),
        ({}, {"voice": {"voice_id": "another"}, "metadata": {"soundfont": "ab" * 32}}, NEITHER),
        ({}, {"style": "lofi"}, NEITHER),
        ({}, {"tempo_bpm": 97}, NEITHER),
        ({}, {"key": "C"}, NEITHER),
        ({}, {"time_signature": "3/4"}, NEITHER),
        ({}, {"sections": [{"name": "theme", "bars": 4}]}, NEITHER),
        ({}, {"metadata": {"seed": 1}}, NEITHER),
        ({"metadata": {"output_kind": "preview"}}, {"metadata": {"output_kind": "song"}}, NEITHER),
        ({}, {"metadata": {"chords": ["Am"]}}, NEITHER),
        ({"metadata": {"mood": "sad"}}, {"metadata": {"mood": "glad"}}, NEITHER),  # a tool may read it
    ],
)
def test_a_stem_is_valid_while_nothing_that_it_depends_on_has_changed(
    before: dict[str, Any], after: dict[str, Any], valid: set[Stem]
) -> None:
    assert still_valid(a_blueprint(**before), a_blueprint(**after)) == valid


def made(*artifacts: OptionalArtifact, extras: dict[Stem, dict[str, Artifact]] | None = None) -> Job:
    """Return a completed job for which these were requested, and which has these by-products."""
    job = a_job_that_is(JobStatus.COMPLETED)
    return msgspec.structs.replace(
        job,
        request=msgspec.structs.replace(job.request, artifacts=artifacts),
        checkpoints={
            stem: msgspec.structs.replace(checkpoint, extras=(extras or {}).get(stem, {}))
            for stem, checkpoint in job.checkpoints.items()
        },
    )


@pytest.mark.parametrize(
    ("had", "wants", "kept"),
    [
        ([], [], BOTH),
        ([], [OptionalArtifact.PARTS], VOCALS),
        ([], [OptionalArtifact.PICTURES], BAND),
        ([OptionalArtifact.PARTS], [OptionalArtifact.PARTS_OPUS], VOCALS),
        ([OptionalArtifact.PARTS, OptionalArtifact.PICTURES], [], BOTH),
        ([OptionalArtifact.PARTS, OptionalArtifact.PICTURES], [OptionalArtifact.PARTS], BOTH),
    ],
)
def test_a_stem_is_made_again_for_by_products_that_it_lacks(
    had: list[OptionalArtifact], wants: list[OptionalArtifact], kept: set[Stem]
) -> None:
    job = made(*had)
    assert job.blueprint
    request = msgspec.structs.replace(job.request, artifacts=tuple(wants))
    assert set(reusable(job, request, job.blueprint)) == kept


def test_by_products_that_nobody_wants_and_those_of_the_mix_stay_behind() -> None:
    names = ("melody", "lead_sheet", "part_bass", "picture_waveform")
    job = made(OptionalArtifact.PARTS, extras={Stem.INSTRUMENTAL: {name: an_artifact(name) for name in names}})
    assert job.blueprint
    all_wanted = reusable(job, job.request, job.blueprint)[Stem.INSTRUMENTAL]
    assert set(all_wanted.extras) == {"melody", "lead_sheet", "part_bass"}
    usual = msgspec.structs.replace(job.request, artifacts=())
    assert set(reusable(job, usual, job.blueprint)[Stem.INSTRUMENTAL].extras) == {"melody", "lead_sheet"}


def test_of_a_job_without_stems_nothing_is_kept() -> None:
    job = a_job_that_is(JobStatus.PENDING)
    assert reusable(job, job.request, a_blueprint()) == {}


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"key": "C", "style": "pop"}, {"style": "rock"}, {"key": "C", "style": "rock"}),
        ({"key": "C", "style": "pop"}, {"style": None}, {"key": "C"}),
        ({"metadata": {"seed": 1, "mood": "sad"}}, {"metadata": {"mood": None}}, {"metadata": {"seed": 1}}),
        ({"sections": [{"name": "a", "bars": 1}]}, {"sections": [{"bars": 2}]}, {"sections": [{"bars": 2}]}),
        ({}, {"metadata": {"a": {"b": None}}}, {"metadata": {"a": {}}}),
        ({}, {}, {}),
    ],
)
def test_a_change_is_a_merge_patch(before: PartialBlueprint, change: PartialBlueprint, after: PartialBlueprint) -> None:
    assert merged(before, change) == after
