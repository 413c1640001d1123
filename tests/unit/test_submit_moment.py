"""Submitting: what is refused leaves nothing behind."""

from uuid import uuid4

import pytest

from application.moments.field_readers import InvalidFields
from application.moments.recordings import EmptyUpload, NotAudio, type_of
from application.moments.submit_moment import SubmitMoment, Upload
from application.ports.jobs import DatabaseUnavailable
from domain.blueprints.blueprint import OutputKind
from domain.errors import InvalidBlueprint, MomentError
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.pipeline import WAV_HEAD, Pipeline, any_bucket, any_webhooks, hums_in, now

pytestmark = pytest.mark.anyio

REFUSED: list[tuple[type[MomentError], dict[str, str]]] = [
    (InvalidFields, {"output_kind": "opera"}),
    (InvalidFields, {"artifacts": "parts,video"}),
    (InvalidFields, {"upload_id": str(uuid4())}),
    (InvalidBlueprint, {"blueprint_json": "{"}),
    (InvalidBlueprint, {"blueprint_json": '{"tempo_bpm": 1000}'}),
    (InvalidBlueprint, {"blueprint_json": '{"tempo_bpm": NaN}'}),
    (InvalidBlueprint, {"blueprint_json": "[]"}),
]


@pytest.mark.parametrize(("error", "fields"), REFUSED)
async def test_bad_input_is_refused_and_leaves_nothing(error: type[MomentError], fields: dict[str, str]) -> None:
    pipeline = Pipeline()
    with pytest.raises(error):
        await pipeline.submit(Upload(hum=pipeline.hum(), fields=fields))
    assert (pipeline.store.objects, pipeline.jobs.rows) == ({}, {})


async def test_the_recording_is_stored_as_it_came_in_whatever_the_pieces() -> None:
    pipeline = Pipeline()
    content = WAV_HEAD * 200
    pieces = [content[:1], content[1:5000], content[5000:]]
    job = await pipeline.submit(Upload(hum=pipeline.hum(*pieces, filename="../../etc/passwd")))
    assert pipeline.store.objects[job.request.original.key][0] == content
    assert "passwd" not in job.request.original.key
    assert job.request.original.mime_type == "audio/wav"
    assert (job.status, job.request.filename) == (JobStatus.PENDING, "../../etc/passwd")


def test_nothing_is_no_recording() -> None:
    with pytest.raises(EmptyUpload):
        type_of(b"")


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        (b"examples/hum.wav", True),
        ("Hüm 1.m4a\n".encode(), True),
        (b"%PDF-1.7 and more", False),
        (b"hello, I am text", False),
    ],
)
def test_the_name_of_a_file_in_place_of_the_file_is_recognised(content: bytes, *, asked: bool) -> None:
    with pytest.raises(NotAudio) as refused:
        type_of(content)
    assert ("is the @ missing" in refused.value.message) is asked


async def test_a_field_of_the_blueprint_is_not_one_of_the_form() -> None:
    pipeline = Pipeline()
    job = await pipeline.submit(Upload(hum=pipeline.hum(), ignored=("style", "sytle")))
    known, unknown = job.request.warnings
    assert known.message == 'is not a known field; it was ignored; put it into blueprint_json: {"style": …}'
    assert (unknown.pointer, unknown.message) == ("/sytle", "is not a known field; it was ignored")


async def test_a_request_that_names_no_kind_gets_the_default() -> None:
    pipeline = Pipeline()
    submit = SubmitMoment(
        pipeline.admission,
        hums_in(pipeline.store),
        any_bucket,
        now,
        lambda: JobId(uuid4()),
        webhooks=any_webhooks(),
        default_kind=OutputKind.SONG,
    )
    kinds = [
        (await submit(Upload(hum=pipeline.hum(), fields={"output_kind": field}))).request.output_kind
        for field in ("", "preview")
    ]
    assert kinds == [OutputKind.SONG, OutputKind.PREVIEW]


async def test_a_job_whose_row_may_have_been_written_keeps_its_recording() -> None:
    pipeline = Pipeline()
    pipeline.jobs.faults.fail("add", DatabaseUnavailable("gone"), after=True)
    with pytest.raises(DatabaseUnavailable):
        await pipeline.submit(Upload(hum=pipeline.hum()))
    (row,) = pipeline.jobs.rows.values()
    assert list(pipeline.store.objects) == [row.job.request.original.key]
