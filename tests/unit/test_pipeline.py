"""The pipeline over fakes: stages, checkpoints, retries and every ending."""

from itertools import pairwise
from uuid import uuid4

import anyio
import msgspec
import pytest

from application.moments.encoded_status import EncodedStatus
from application.moments.moment_status import MomentStatus
from application.moments.remix_moment import RemixMoment
from application.moments.remix_order import read_order
from application.ports.objects import StorageUnavailable
from application.ports.queue import LeaseLost
from application.ports.tools import ToolFailed, ToolsUnavailable
from domain.error_codes import Code, foreign
from domain.errors import BadAudio
from domain.jobs.artifacts import Stem
from domain.jobs.attempts import MAX_CRASHES
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import TABLE, JobStatus
from domain.music.score import PartGroup
from tests.support.fake_tools import ANALYSIS, CHORDS, FORM, HARMONY, ORIGINAL_TOOLS, FakeMusicTools
from tests.support.jobs import room_for
from tests.support.pipeline import Pipeline, any_bucket, any_webhooks, now

pytestmark = pytest.mark.anyio

LEGAL_STEPS = {(before, after) for (before, _), after in TABLE.items()}


def assert_legal(job: Job) -> None:
    visited = [visit.status for visit in job.history]
    assert visited[0] is JobStatus.PENDING
    assert all(stem in LEGAL_STEPS for stem in pairwise(visited))
    assert len(set(visited)) == len(visited)


async def run_once(pipeline: Pipeline, job_id: JobId) -> Job:
    """Claim and run the job once, as a worker does."""
    (claim,) = await pipeline.jobs.claim(room_for("w", 1))
    await pipeline.run_job(pipeline.run_job.accept(claim))
    return await pipeline.job(job_id)


def decoded(status: EncodedStatus) -> MomentStatus:
    return msgspec.json.decode(status.body, type=MomentStatus)


async def test_the_soundfont_of_the_tools_travels_in_the_blueprint() -> None:
    pipeline = Pipeline()
    pipeline.tools.soundfont = "0f" * 32
    job = await run_once(pipeline, await pipeline.add())
    assert job.blueprint is not None
    assert job.blueprint.metadata["soundfont"] == "0f" * 32


async def test_a_hum_becomes_a_moment() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.COMPLETED
    assert_legal(job)
    assert set(pipeline.store.objects) == {
        f"{job_id}/{name}"
        for name in (
            "original",
            "1/vocals.flac",
            "1/instrumental.flac",
            "1/melody.mid",
            "1/lead_sheet.musicxml",
            "1/final.mp3",
        )
    }
    assert set(pipeline.tools.mixes[0]) == set(Stem)
    assert pipeline.tools.calls == {
        "analyze_hum": 1, "validate_blueprint": 1, "render_vocals": 1, "render_instrumental": 1,
        "synthesize_preview": 1, "offers": pipeline.tools.calls["offers"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("artifacts", "suffix"), [("parts", "flac"), ("parts_opus", "opus"), ("parts_opus,parts", "flac")]
)
async def test_parts_get_stems_of_their_own_on_request(artifacts: str, suffix: str) -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add(artifacts=artifacts)
    job = await run_once(pipeline, job_id)
    names = {f"part_{group}" for group in PartGroup}
    made = {f"{job_id}/1/{name}.{suffix}" for name in names}
    assert made < set(pipeline.store.objects)
    assert made < job.objects
    assert {pipeline.store.objects[key][1].mime_type for key in made} == {str(job.request.part_type)}
    status = decoded(await pipeline.read_status()(job_id))
    assert set(status.artifacts) == {"vocals", "instrumental", "melody", "lead_sheet", *names}


async def test_the_music_has_the_format_that_was_asked_for() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add(output_format="flac")
    job = await run_once(pipeline, job_id)
    assert job.final is not None
    assert (job.final.key, job.final.mime_type) == (f"{job_id}/1/final.flac", "audio/flac")
    status = decoded(await pipeline.read_status()(job_id))
    assert (status.output_format, status.warnings) == ("flac_44100", ())


async def test_a_foreign_tool_makes_its_own_format_and_the_status_says_so() -> None:
    pipeline = Pipeline()
    pipeline.tools.ours = False
    job_id = await pipeline.add(output_format="flac")
    job = await run_once(pipeline, job_id)
    assert job.final is not None
    assert job.final.mime_type == "audio/mpeg"
    (warning,) = decoded(await pipeline.read_status()(job_id)).warnings
    assert (warning.code, warning.pointer) == ("other_format", "/output_format")


async def test_pictures_are_drawn_on_request() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add(artifacts="pictures")
    job = await run_once(pipeline, job_id)
    made = {f"{job_id}/1/{name}.svg" for name in ("picture_melody", "picture_waveform")}
    assert made < set(pipeline.store.objects)
    assert made < job.objects
    assert {pipeline.store.objects[key][1].mime_type for key in made} == {"image/svg+xml"}
    status = decoded(await pipeline.read_status()(job_id))
    usual = {"vocals", "instrumental", "melody", "lead_sheet"}
    assert set(status.artifacts) == {*usual, "picture_melody", "picture_waveform"}


async def test_the_hum_completes_the_blueprint_and_the_musicians_fields_win() -> None:
    pipeline = Pipeline()
    job = await run_once(pipeline, await pipeline.add(blueprint_json='{"key": "F#m", "metadata": {"mood": "brave"}}'))
    assert job.blueprint is not None
    assert job.blueprint.key == "F#m"
    assert job.blueprint.tempo_bpm == ANALYSIS.tempo_bpm
    assert job.blueprint.metadata["mood"] == "brave"
    assert msgspec.convert(job.blueprint.metadata["analysis"], type(ANALYSIS)).notes == ANALYSIS.notes


async def test_a_song_is_made_by_create_song() -> None:
    pipeline = Pipeline()
    await run_once(pipeline, await pipeline.add(output_kind="song"))
    assert pipeline.tools.calls["create_song"] == 1
    assert pipeline.tools.calls["synthesize_preview"] == 0


async def test_the_chords_and_the_form_that_the_tools_played_are_in_the_status() -> None:
    pipeline = Pipeline()
    read_status = pipeline.read_status()
    job_id = await pipeline.add()
    before = decoded(await read_status(job_id))
    assert (before.chords, before.form, before.harmony) == ((), (), ())
    await run_once(pipeline, job_id)
    after = decoded(await read_status(job_id))
    assert (after.chords, after.form, after.harmony) == (CHORDS, FORM, HARMONY)


async def test_tools_that_return_no_chords_and_no_form_leave_the_status_without_any() -> None:
    tools = FakeMusicTools(tools=ORIGINAL_TOOLS)
    tools.url = "http://elsewhere/out.mp3"
    pipeline = Pipeline(tools)
    job_id = await pipeline.add()
    await run_once(pipeline, job_id)
    status = decoded(await pipeline.read_status()(job_id))
    assert (status.chords, status.form, status.harmony) == ((), (), ())


async def test_the_stems_are_rendered_side_by_side() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    vocals, instrumental = pipeline.tools.hold("render_vocals"), pipeline.tools.hold("render_instrumental")
    async with pipeline.working():
        with anyio.fail_after(5):
            await pipeline.tools.entered["render_vocals"].wait()
            await pipeline.tools.entered["render_instrumental"].wait()
        await pipeline.shows(job_id, JobStatus.RENDERING)
        vocals.set()
        instrumental.set()
        job = await pipeline.ended(job_id)
    spans = {stem: (job.checkpoints[stem].started_at, job.checkpoints[stem].finished_at) for stem in Stem}
    assert max(start for start, _ in spans.values()) < min(end for _, end in spans.values())


async def test_the_calls_of_tools_are_remembered_with_what_became_of_them() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("render_instrumental", ToolFailed("no drums"))
    pipeline.tools.hold("render_vocals")
    broken = await run_once(pipeline, job_id)
    pipeline.tools.holds.clear()
    job = await run_once(pipeline, job_id)
    assert broken.calls == job.calls[:4]
    assert [(call.tool, call.stage, call.code, call.attempt, call.worker) for call in job.calls[:2]] == [
        ("analyze_hum", "ANALYZING", "", 1, "w"),
        ("validate_blueprint", "ANALYZING", "", 1, "w"),
    ]
    assert {(call.tool, call.stage, call.code, call.attempt) for call in job.calls[2:]} == {
        ("render_instrumental", "RENDERING", "tool_failed", 1),
        ("render_vocals", "RENDERING", "cancelled", 1),
        ("render_instrumental", "RENDERING", "", 2),
        ("render_vocals", "RENDERING", "", 2),
        ("synthesize_preview", "MIXING", "", 2),
    }
    assert all(call.at >= job.history[0].at and call.seconds >= 0 for call in job.calls)


async def test_when_one_stem_fails_the_other_is_cancelled() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.hold("render_vocals")
    pipeline.tools.fail("render_instrumental", ToolFailed("no drums", code=foreign("no_drums"), permanent=True))
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert job.error.code == "no_drums"
    assert pipeline.tools.cancelled == ["render_vocals"]


@pytest.mark.parametrize("tool", ["analyze_hum", "validate_blueprint", "render_vocals", "synthesize_preview"])
async def test_a_passing_fault_is_tried_again_from_where_it_happened(tool: str) -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail(tool, ToolsUnavailable("down for a moment"))
    first = await run_once(pipeline, job_id)
    assert not first.status.terminal
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.COMPLETED
    assert_legal(job)
    assert pipeline.tools.calls[tool] == 2
    done_before = {
        "render_vocals": {"analyze_hum", "validate_blueprint"},
        "synthesize_preview": {"analyze_hum", "validate_blueprint", "render_vocals", "render_instrumental"},
    }
    assert all(pipeline.tools.calls[earlier] == 1 for earlier in done_before.get(tool, set()))


async def test_errors_of_its_own_end_a_job_with_their_reason_and_keep_the_hum() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("analyze_hum", *[ToolFailed("out of tune")] * 3)
    statuses = [(await run_once(pipeline, job_id)).status for _ in range(3)]
    assert statuses == ["ANALYZING", "ANALYZING", "FAILED"]
    job = await pipeline.job(job_id)
    assert job.error is not None
    assert (job.error.code, job.error.permanent) == ("tool_failed", False)
    attempts = [(attempt.worker, attempt.code, attempt.counted) for attempt in job.attempts]
    assert attempts == [("w", "tool_failed", True)] * 2
    assert set(pipeline.store.objects) == {f"{job_id}/original"}


async def test_tools_that_are_away_never_fail_a_job() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("analyze_hum", *[ToolsUnavailable("the studio is closed")] * 30)
    for _ in range(30):
        assert (await run_once(pipeline, job_id)).status is JobStatus.ANALYZING
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.COMPLETED
    assert pipeline.jobs.rows[job_id].errors == 0


async def test_audio_that_can_never_become_music_fails_at_once_and_is_kept_for_a_while() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("analyze_hum", BadAudio("the recording is silent", code="hum_silent"))
    job = await run_once(pipeline, job_id)
    assert job.error is not None
    assert (job.status, job.error.code, job.refused) == ("FAILED", "hum_silent", True)
    assert set(pipeline.store.objects) == {f"{job_id}/original"}
    status = decoded(await pipeline.read_status()(job_id))
    assert status.terminal
    assert status.original_audio_url


async def test_a_blueprint_that_the_tools_refuse_fails_the_job_with_its_problems() -> None:
    pipeline = Pipeline()
    pipeline.tools.problems = ["/key: not in this house"]
    job = await run_once(pipeline, await pipeline.add())
    assert job.error is not None
    assert (job.error.code, job.error.message) == ("invalid_blueprint", "/key: not in this house")


async def test_a_job_that_kills_its_worker_each_time_ends_failed() -> None:
    pipeline = Pipeline(lease=0.0)
    job_id = await pipeline.add()
    for _ in range(MAX_CRASHES):
        await pipeline.jobs.claim(room_for("a worker that dies", 1))
    job = await run_once(pipeline, job_id)
    assert job.error is not None
    assert (job.status, job.error.code) == ("FAILED", "attempts_exhausted")


async def test_a_bug_in_a_stage_is_settled_too(caplog: pytest.LogCaptureFixture) -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.analysis = None  # type: ignore[assignment] # what no tool should answer
    pipeline.tools.problems = None  # type: ignore[assignment]

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    pipeline.tools.validate_blueprint = broken  # type: ignore[assignment]
    for _ in range(3):
        job = await run_once(pipeline, job_id)
    assert job.error is not None
    assert (job.status, job.error.code) == ("FAILED", "internal_error")
    assert "ZeroDivisionError" in caplog.text


async def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    (claim,) = await pipeline.jobs.claim(room_for("paused", 1))
    run = pipeline.run_job.accept(claim)
    pipeline.jobs.rows[job_id].lease_expires_at = None  # the lease ran out while it was paused
    await run_once(pipeline, job_id)
    finished = await pipeline.job(job_id)
    with pytest.raises(LeaseLost):
        await pipeline.run_job(run)
    assert await pipeline.job(job_id) == finished


async def test_with_a_server_of_only_the_original_tools_the_moment_is_made_all_the_same() -> None:
    tools = FakeMusicTools(tools=ORIGINAL_TOOLS)
    tools.url = "http://elsewhere/out.mp3"
    pipeline = Pipeline(tools)
    job_id = await pipeline.add()
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.COMPLETED
    assert all(job.checkpoints[stem].artifact is None for stem in Stem)
    assert pipeline.fetcher.fetched == ["http://elsewhere/out.mp3"]
    assert pipeline.store.objects[f"{job_id}/1/final.mp3"][0] == pipeline.fetcher.content


async def test_a_tool_that_lies_about_its_upload_is_found_out() -> None:
    async def lose(*_: object) -> None:
        pass

    pipeline = Pipeline(FakeMusicTools(lose))
    job_id = await pipeline.add()
    for _ in range(3):
        job = await run_once(pipeline, job_id)
    assert job.error is not None
    assert job.error.code == "tool_failed"
    assert "not there" in job.error.message


async def test_the_object_store_may_fail_for_a_while() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.store.faults.fail("stat", StorageUnavailable("slow down"))
    await run_once(pipeline, job_id)
    assert (await run_once(pipeline, job_id)).status is JobStatus.COMPLETED


async def test_damaged_stems_are_our_own_error_and_rendered_again() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("synthesize_preview", ToolFailed("no FLAC", code="stem_unreadable", permanent=True))
    job = await run_once(pipeline, job_id)
    assert (job.status, job.checkpoints, pipeline.jobs.rows[job_id].errors) == (JobStatus.RENDERING, {}, 1)
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.COMPLETED
    assert pipeline.tools.calls["analyze_hum"] == 1
    assert pipeline.tools.calls["render_vocals"] == pipeline.tools.calls["render_instrumental"] == 2
    assert all("/2/" in stem.artifact.key for stem in job.checkpoints.values() if stem.artifact)


async def test_a_stem_that_is_no_longer_stored_is_rendered_again() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.fail("synthesize_preview", ToolsUnavailable("away"))
    job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.MIXING
    vocals = job.checkpoints[Stem.VOCALS].artifact
    assert vocals is not None
    del pipeline.store.objects[vocals.key]
    pipeline.tools.fail("synthesize_preview", ToolFailed("the server returned 404", code="transfer_failed"))
    job = await run_once(pipeline, job_id)
    assert (job.status, job.checkpoints, pipeline.jobs.rows[job_id].errors) == (JobStatus.RENDERING, {}, 1)


@pytest.mark.parametrize("code", ["stem_unreadable", "silent_mix", "unknown_output_format"])
async def test_what_a_tool_makes_of_our_own_stems_and_formats_is_no_bad_input(code: Code) -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    for _ in range(3):
        pipeline.tools.fail("synthesize_preview", ToolFailed("no", code=code, permanent=True))
        job = await run_once(pipeline, job_id)
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.permanent) == (code, False)
    assert job.keeps_objects
    assert not job.refused


async def test_a_remix_is_neither_heard_again_nor_made_again_where_it_need_not() -> None:
    pipeline = Pipeline()
    parent = await run_once(pipeline, await pipeline.add())
    remix = RemixMoment(
        pipeline.jobs,
        pipeline.store,
        any_bucket,
        now,
        lambda: JobId(uuid4()),
        webhooks=any_webhooks(),
        admission=pipeline.admission,
        voice_id="hummer",
    )
    same = await run_once(pipeline, (await remix(parent.id, read_order({"artifacts": "pictures"}))).id)
    other = await run_once(pipeline, (await remix(parent.id, read_order({"style": "lofi"}))).id)
    assert (parent.status, same.status, other.status) == (JobStatus.COMPLETED,) * 3
    assert pipeline.tools.calls["analyze_hum"] == 1
    assert (pipeline.tools.calls["render_instrumental"], pipeline.tools.calls["render_vocals"]) == (2, 3)
    assert other.blueprint
    assert other.blueprint.style == "lofi"
    for job in (same, other):
        assert job.objects <= set(pipeline.store.objects)
        assert {key.partition("/")[0] for key in job.objects} == {str(job.id)}
