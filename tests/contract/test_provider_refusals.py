"""The provider behind a foreign tool server refuses: whose fault it is decides what becomes of jobs."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from domain.blueprints.blueprint import OutputKind
from domain.jobs.transitions import JobStatus
from tests.support.foreign_site import ForeignSite, foreign_site

pytestmark = pytest.mark.anyio

SLOTS = 4
OURS = [
    ({"status": 401, "message": "invalid api key"}, "provider_denied"),
    ({"status": 402, "message": "payment required"}, "provider_quota"),
    ({"status": 403, "message": "no permission"}, "provider_denied"),
    ({"status": 404, "message": "voice not found"}, "voice_misconfigured"),
    ({"status": 404, "message": "model not found"}, "voice_misconfigured"),
    ({"status": 400, "message": "voice_not_found"}, "voice_misconfigured"),
    ({"status": 429, "message": "slow down", "retry_after": 0.2}, "provider_busy"),
    ({"status": 500, "message": "oops"}, "provider_unavailable"),
    ({"status": 503, "message": "oops", "retry_after": 0.2}, "provider_unavailable"),
]


@pytest.mark.parametrize(("refusal", "code"), OURS)
async def test_what_is_not_the_jobs_fault_keeps_jobs_waiting_until_it_is_mended(
    tmp_path: Path, refusal: dict[str, Any], code: str
) -> None:
    async with foreign_site(tmp_path, slots=SLOTS) as site:
        site.old.refusal = refusal
        ids = [await site.pipeline.add() for _ in range(3)]
        job = (await site.waits(ids[0], code)).job
        assert not any(attempt.counted for attempt in job.attempts)
        assert job.request.original.key in site.pipeline.store.objects
        site.old.refusal = None
        for job_id in ids:
            assert (await site.pipeline.ended(job_id)).status is JobStatus.COMPLETED


async def test_one_job_at_a_time_tries_again(tmp_path: Path) -> None:
    async with foreign_site(tmp_path, slots=SLOTS) as site:
        site.old.refusal = {"status": 402, "message": "payment required"}
        for _ in range(10):
            await site.pipeline.add()
        await calls_reach(site, SLOTS + 3)
        assert set(site.old.at_once[SLOTS:]) == {1}


async def test_the_other_kind_of_moment_goes_on(tmp_path: Path) -> None:
    async with foreign_site(tmp_path, slots=SLOTS) as site:
        site.old.refuses = {"create_song"}
        site.old.refusal = {"status": 402, "message": "songs are not in your plan"}
        songs = [await site.pipeline.add(output_kind="song") for _ in range(3)]
        await site.waits(songs[0], "provider_quota")
        previews = [await site.pipeline.add() for _ in range(8)]
        for job_id in previews:
            assert (await site.pipeline.ended(job_id)).status is JobStatus.COMPLETED
        for job_id in songs:
            assert not (await site.pipeline.job(job_id)).status.terminal
        site.old.refusal = None
        for job_id in songs:
            assert (await site.pipeline.ended(job_id)).status is JobStatus.COMPLETED


VOICE = '{"voice": {"voice_id": "zoe"}}'
MODEL = '{"voice": {"voice_id": "hummer", "model_id": "m9"}}'
DEFAULT = '{"voice": {"voice_id": "hummer"}}'


@pytest.mark.parametrize(
    ("refusal", "blueprint", "code"),
    [
        ({"status": 400, "message": "the lyrics break our terms"}, "", "provider_refused"),
        ({"status": 422, "message": "the prompt is too long"}, "", "provider_refused"),
        ({"status": 404, "message": "voice not found"}, VOICE, "voice_not_found"),
        ({"status": 400, "message": "voice_not_found"}, VOICE, "voice_not_found"),
        ({"status": 404, "message": "model not found"}, MODEL, "model_not_found"),
    ],
)
async def test_what_the_request_chose_fails_its_job_at_once(
    tmp_path: Path, refusal: dict[str, Any], blueprint: str, code: str
) -> None:
    async with foreign_site(tmp_path, slots=SLOTS) as site:
        site.old.refusal = refusal
        job = await site.pipeline.ended(await site.pipeline.add(blueprint_json=blueprint))
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert (job.error.code, job.error.permanent) == (code, True)
        assert len(site.old.paid()) == 1
        site.old.refusal = None
        assert (await site.pipeline.ended(await site.pipeline.add())).status is JobStatus.COMPLETED


async def test_a_request_that_names_our_own_voice_chose_nothing(tmp_path: Path) -> None:
    async with foreign_site(tmp_path) as site:
        site.old.refusal = {"status": 404, "message": "voice not found"}
        await site.waits(await site.pipeline.add(blueprint_json=DEFAULT), "voice_misconfigured")


@pytest.mark.parametrize("kind", OutputKind)
async def test_music_that_was_paid_and_is_out_of_reach_is_not_paid_again(tmp_path: Path, kind: OutputKind) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "shared").mkdir()
    async with foreign_site(tmp_path / "made", shared=tmp_path / "shared", links=False, slots=1) as site:
        ids = [await site.pipeline.add(output_kind=str(kind)) for _ in range(2)]
        view = await site.waits(ids[0], "result_unreachable")
        assert not any(attempt.counted for attempt in view.job.attempts)
        await anyio.sleep(0.5)  # ten trials, if there were any
        assert len(site.old.paid()) == 1


async def calls_reach(site: ForeignSite, count: int) -> None:
    with anyio.fail_after(10):
        while len(site.old.paid()) < count:
            await anyio.sleep(0.005)
