"""The state machine: the whole grid of states and events, and what each event carries."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from domain.errors import IllegalTransition, JobError
from domain.jobs.artifacts import MediaType, Picture, Stem
from domain.jobs.attempts import ATTEMPTS_KEPT, Attempt
from domain.jobs.calls import CALLS_KEPT, ToolCall
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import (
    TABLE,
    AttemptEnded,
    AudioRemoved,
    Converted,
    Event,
    Failed,
    JobStatus,
    Mixed,
    StemSettled,
)
from tests.support.jobs import (
    ANALYZED,
    CANCELLED,
    DISCARDED,
    FAILED,
    HAPPY_PATH,
    INSTRUMENTAL,
    MIXED,
    NOW,
    RENDERED,
    RETRIED,
    STARTED,
    VOCALS,
    a_checkpoint,
    a_job,
    a_job_that_is,
    an_artifact,
)

ATTEMPT = Attempt(at=NOW, worker="w1", code="tool_failed", message="out of tune")
ATTEMPT_ENDED, AUDIO_REMOVED = AttemptEnded(ATTEMPT), AudioRemoved()
CONVERTED = Converted("wav_44100", an_artifact("format-1/final_wav_44100.wav"))
EVENTS: list[Event] = [
    STARTED, ANALYZED, VOCALS, RENDERED, DISCARDED, MIXED, CONVERTED, FAILED, CANCELLED, RETRIED, ATTEMPT_ENDED,
    AUDIO_REMOVED,
]  # fmt: skip

# Written out by hand, so that a slip in the table shows: state, event -> state.
LEGAL = {
    (JobStatus.PENDING, type(STARTED)): JobStatus.ANALYZING,
    (JobStatus.PENDING, type(FAILED)): JobStatus.FAILED,
    (JobStatus.PENDING, type(CANCELLED)): JobStatus.CANCELLED,
    (JobStatus.ANALYZING, type(ANALYZED)): JobStatus.RENDERING,
    (JobStatus.ANALYZING, type(FAILED)): JobStatus.FAILED,
    (JobStatus.ANALYZING, type(CANCELLED)): JobStatus.CANCELLED,
    (JobStatus.RENDERING, type(RENDERED)): JobStatus.MIXING,
    (JobStatus.RENDERING, type(FAILED)): JobStatus.FAILED,
    (JobStatus.RENDERING, type(CANCELLED)): JobStatus.CANCELLED,
    (JobStatus.MIXING, type(DISCARDED)): JobStatus.RENDERING,
    (JobStatus.MIXING, type(MIXED)): JobStatus.COMPLETED,
    (JobStatus.MIXING, type(FAILED)): JobStatus.FAILED,
    (JobStatus.MIXING, type(CANCELLED)): JobStatus.CANCELLED,
    (JobStatus.FAILED, type(RETRIED)): JobStatus.PENDING,
    (JobStatus.COMPLETED, Converted): JobStatus.COMPLETED,
    (JobStatus.PENDING, AttemptEnded): JobStatus.PENDING,
    (JobStatus.ANALYZING, AttemptEnded): JobStatus.ANALYZING,
    (JobStatus.RENDERING, AttemptEnded): JobStatus.RENDERING,
    (JobStatus.MIXING, AttemptEnded): JobStatus.MIXING,
    (JobStatus.FAILED, AudioRemoved): JobStatus.FAILED,
}


GIVEN_UP = Failed(JobError("tools_unavailable", "the studio is closed"))
FAILED_FOR_NOW = a_job_that_is(JobStatus.MIXING).on(GIVEN_UP, NOW)


def expected(status: JobStatus, event: Event) -> JobStatus | None:
    return next((after for (before, legal), after in LEGAL.items() if before is status and legal is type(event)), None)


@pytest.mark.parametrize("status", JobStatus)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_state_takes_every_event_or_refuses_it_unchanged(status: JobStatus, event: Event) -> None:
    job = FAILED_FOR_NOW if status is JobStatus.FAILED else a_job_that_is(status)
    before = msgspec.json.encode(job)
    after = expected(status, event)
    if after is None:
        with pytest.raises(IllegalTransition) as refused:
            job.on(event, NOW)
        assert status in refused.value.message
    else:
        moved = job.on(event, NOW)
        assert moved.status is after
        assert moved.version == job.version + 1
        assert moved.history[-1].status is after
    assert msgspec.json.encode(job) == before


def test_the_table_has_no_step_beyond_the_grid() -> None:
    stems_within_rendering = 1
    assert len(TABLE) == len(LEGAL) + stems_within_rendering


def test_the_happy_path_keeps_everything_that_was_made() -> None:
    job = a_job()
    for seconds, event in enumerate(HAPPY_PATH, start=1):
        job = job.on(event, NOW + timedelta(seconds=seconds))
    assert job.status is JobStatus.COMPLETED
    assert job.blueprint == ANALYZED.blueprint
    assert set(job.checkpoints) == set(Stem)
    assert job.final == MIXED.final
    assert [visit.status for visit in job.history] == ["PENDING", "ANALYZING", "RENDERING", "MIXING", "COMPLETED"]
    assert [visit.at for visit in job.history] == sorted(visit.at for visit in job.history)
    assert job.version == len(HAPPY_PATH)


@pytest.mark.parametrize("settled", [[], [VOCALS], [INSTRUMENTAL]])
def test_mixing_needs_both_stems(settled: list[Event]) -> None:
    job = a_job().on(STARTED, NOW).on(ANALYZED, NOW)
    for event in settled:
        job = job.on(event, NOW)
    with pytest.raises(IllegalTransition, match="Rendered without"):
        job.on(RENDERED, NOW)


def test_damaged_stems_are_forgotten_and_settled_again() -> None:
    job = a_job_that_is(JobStatus.MIXING).on(DISCARDED, NOW)
    assert (job.status, job.checkpoints) == (JobStatus.RENDERING, {})
    assert job.blueprint == ANALYZED.blueprint
    for event in (VOCALS, INSTRUMENTAL, RENDERED, MIXED):
        job = job.on(event, NOW)
    assert job.status is JobStatus.COMPLETED


def test_a_retried_job_begins_anew_and_remembers_what_it_went_through() -> None:
    job = FAILED_FOR_NOW.on(RETRIED, NOW)
    assert (job.blueprint, job.checkpoints, job.error, job.final) == (None, {}, None, None)
    assert [visit.status for visit in job.history[-2:]] == [JobStatus.FAILED, JobStatus.PENDING]
    for event in HAPPY_PATH:
        job = job.on(event, NOW)
    assert job.status is JobStatus.COMPLETED


def test_a_retried_job_has_no_deadline() -> None:
    request = msgspec.structs.replace(FAILED_FOR_NOW.request, deadline=NOW, client_reference="mine")
    retried = msgspec.structs.replace(FAILED_FOR_NOW, request=request).on(RETRIED, NOW)
    assert (retried.request.deadline, retried.request.client_reference) == (None, "mine")


def test_a_job_whose_recording_was_removed_is_not_retried() -> None:
    refused = a_job_that_is(JobStatus.FAILED)
    assert refused.refused
    assert refused.on(RETRIED, NOW).status is JobStatus.PENDING
    with pytest.raises(IllegalTransition, match="removed"):
        refused.on(AUDIO_REMOVED, NOW).on(RETRIED, NOW)


def test_a_job_points_to_its_recording_and_to_all_that_was_made() -> None:
    job = a_job_that_is(JobStatus.COMPLETED)
    made = {checkpoint.artifact.key for checkpoint in job.checkpoints.values() if checkpoint.artifact}
    assert job.final is not None
    assert job.objects == {job.request.original.key, job.final.key} | made
    melody = an_artifact("melody.mid")
    extra = msgspec.structs.replace(a_checkpoint(Stem.VOCALS), extras={"melody": melody})
    assert melody.key in msgspec.structs.replace(job, checkpoints={Stem.VOCALS: extra}).objects
    assert a_job_that_is(JobStatus.CANCELLED).objects == frozenset()


def test_by_products_of_the_mix_are_kept_beside_those_of_the_instrumental() -> None:
    melody, picture = an_artifact("melody.mid"), an_artifact("picture_waveform.svg")
    band = msgspec.structs.replace(a_checkpoint(Stem.INSTRUMENTAL), extras={"melody": melody})
    job = a_job()
    for event in (STARTED, ANALYZED, VOCALS, StemSettled(Stem.INSTRUMENTAL, band), RENDERED):
        job = job.on(event, NOW)
    job = job.on(Mixed(MIXED.final, {Picture.WAVEFORM: picture}), NOW)
    assert job.checkpoints[Stem.INSTRUMENTAL].extras == {"melody": melody, "picture_waveform": picture}
    assert job.checkpoints[Stem.VOCALS] == a_checkpoint(Stem.VOCALS)
    assert picture.key in job.objects


def test_a_stem_is_settled_once() -> None:
    job = a_job().on(STARTED, NOW).on(ANALYZED, NOW).on(VOCALS, NOW)
    with pytest.raises(IllegalTransition, match="twice"):
        job.on(VOCALS, NOW)


def test_cancelled_jobs_and_those_whose_audio_was_removed_keep_no_objects() -> None:
    kept = {status for status in JobStatus if a_job_that_is(status).keeps_objects}
    assert kept == set(JobStatus) - {JobStatus.CANCELLED}
    assert a_job_that_is(JobStatus.FAILED).on(AUDIO_REMOVED, NOW).objects == frozenset()


def test_a_job_remembers_its_last_attempts() -> None:
    job = a_job()
    for number in range(ATTEMPTS_KEPT + 5):
        job = job.on(AttemptEnded(msgspec.structs.replace(ATTEMPT, code=str(number))), NOW)
    assert [attempt.code for attempt in job.attempts] == [str(number) for number in range(5, ATTEMPTS_KEPT + 5)]
    assert job.history == a_job().history


def test_a_job_remembers_its_last_calls_of_tools_with_the_event_that_follows() -> None:
    calls = [ToolCall(tool=f"tool_{number}", stage=JobStatus.PENDING, at=NOW, seconds=1.0) for number in range(40)]
    job = a_job().on(STARTED, NOW, calls[:30]).on(ATTEMPT_ENDED, NOW, calls[30:])
    assert job.calls == tuple(calls[40 - CALLS_KEPT :])
    assert job.version == 2
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job


def test_a_document_of_a_version_without_calls_is_read() -> None:
    document = msgspec.to_builtins(a_job())
    del document["calls"]
    assert msgspec.convert(document, Job) == a_job()


def test_a_finished_stage_ends_a_row_of_setbacks() -> None:
    away = AttemptEnded(msgspec.structs.replace(ATTEMPT, code="tools_unavailable", counted=False))
    job = a_job_that_is(JobStatus.RENDERING).on(away, NOW)
    assert job.setbacks == 1
    assert job.on(RENDERED, NOW + timedelta(seconds=1)).setbacks == 0


def test_setbacks_are_counted_since_the_last_error() -> None:
    free = msgspec.structs.replace(ATTEMPT, counted=False)
    job = a_job()
    assert job.setbacks == 0
    for attempt, expected_setbacks in ((free, 1), (free, 2), (ATTEMPT, 0), (free, 1)):
        job = job.on(AttemptEnded(attempt), NOW)
        assert job.setbacks == expected_setbacks


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_survives_being_stored_in_any_state(status: JobStatus) -> None:
    job = a_job_that_is(status)
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job


def test_what_another_version_wrote_of_wanted_artifacts_is_read() -> None:
    document = msgspec.to_builtins(a_job().request)
    assert "artifacts" not in document
    assert msgspec.convert(document, Request).part_type is None
    newer = msgspec.convert({**document, "artifacts": ["video", "parts_opus"]}, Request)
    assert newer.part_type is MediaType.OPUS
    assert msgspec.convert({**document, "artifacts": ["video"]}, Request).part_type is None
    assert not newer.wants_pictures
    assert msgspec.convert({**document, "artifacts": ["pictures"]}, Request).wants_pictures


def test_the_seed_is_that_of_the_recording_and_of_the_job_where_its_digest_is_unknown() -> None:
    known = a_job().request
    unknown = msgspec.structs.replace(known, original=msgspec.structs.replace(known.original, sha256=""))
    jobs = [JobId(UUID(int=number << 96)) for number in (7, 8)]
    assert {known.seed_of(job_id) for job_id in jobs} == {0xABABABAB}
    assert [unknown.seed_of(job_id) for job_id in jobs] == [7, 8]
