"""The events of a job: derived from its row, in one order, under ids that never change."""

from datetime import timedelta

import msgspec
import pytest

from adapters.postgres.documents import read_document, write_document
from application.moments.job_events import ArtifactData, EventId, JobEvent, StatusData, events_of
from domain.jobs.artifacts import Picture, Stem
from domain.jobs.job import Job
from domain.jobs.transitions import AudioRemoved, Event, Mixed, StemSettled
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
    an_artifact,
)


def after(*events: Event) -> Job:
    """Return the job after the events, as it is read from its row."""
    job = a_job()
    for number, event in enumerate(events, 1):
        job = job.on(event, NOW + timedelta(seconds=number))
    return read_document(write_document(job))


def shown(events: list[JobEvent]) -> list[str]:
    return [f"{event.id} {name_of(event)}" for event in events]


def name_of(event: JobEvent) -> str:
    assert isinstance(event.data, StatusData | ArtifactData)
    return event.data.status if isinstance(event.data, StatusData) else event.data.name


def test_states_and_files_come_in_the_order_in_which_they_were_there() -> None:
    job = after(STARTED, ANALYZED, INSTRUMENTAL, VOCALS, RENDERED, MIXED)
    assert shown(events_of(job, None)) == [
        "0.0 PENDING",
        "1.0 ANALYZING",
        "2.0 RENDERING",
        "2.1 instrumental",
        "2.2 vocals",
        "3.0 MIXING",
        "3.1 final",
        "4.0 COMPLETED",
    ]


with_scores = msgspec.structs.replace(
    a_checkpoint(Stem.INSTRUMENTAL), extras={"melody": an_artifact("m.mid"), "lead_sheet": an_artifact("l.xml")}
)
WITH_SCORES = StemSettled(Stem.INSTRUMENTAL, with_scores)
WITH_PICTURE = Mixed(an_artifact("final.mp3"), {Picture.WAVEFORM: an_artifact("w.svg")})


@pytest.mark.parametrize(
    "path",
    [
        HAPPY_PATH,
        [STARTED, ANALYZED, WITH_SCORES, VOCALS, RENDERED, WITH_PICTURE],
        [STARTED, ANALYZED, VOCALS, INSTRUMENTAL, RENDERED, DISCARDED, INSTRUMENTAL, VOCALS, RENDERED, MIXED],
        [STARTED, ANALYZED, VOCALS, FAILED, RETRIED, STARTED, ANALYZED, VOCALS, WITH_SCORES, RENDERED, WITH_PICTURE],
        [STARTED, ANALYZED, VOCALS, CANCELLED],
    ],
)
def test_whoever_reads_after_each_step_gets_each_event_once_and_ids_grow(path: list[Event]) -> None:
    last: EventId | None = None
    told: list[JobEvent] = []
    for length in range(len(path) + 1):
        told += (news := events_of(after(*path[:length]), last))
        last = news[-1].id if news else last
    ids = [event.id for event in told if event.id]
    assert len(ids) == len(told)
    assert ids == sorted(set(ids))
    assert set(shown(events_of(after(*path), None))) <= set(shown(told))
    assert events_of(after(*path), last) == []


def test_by_products_of_the_mix_come_with_the_music() -> None:
    job = after(STARTED, ANALYZED, WITH_SCORES, VOCALS, RENDERED, WITH_PICTURE)
    made = [line for line in shown(events_of(job, None)) if not line.split()[1].isupper()]
    assert made == [
        "2.1 instrumental",
        "2.2 melody",
        "2.3 lead_sheet",
        "2.4 vocals",
        "3.1 final",
        "3.2 picture_waveform",
    ]


def test_a_retry_begins_anew_and_only_the_last_event_is_terminal() -> None:
    failed, retried = after(STARTED, FAILED), after(STARTED, FAILED, RETRIED, STARTED)
    (_, _, end) = events_of(failed, None)
    assert isinstance(end.data, StatusData)
    assert end.data.terminal
    assert end.data.error
    assert end.data.error.code == "hum_silent"
    assert shown(events_of(retried, None)) == ["3.0 PENDING", "4.0 ANALYZING"]
    assert shown(events_of(retried, EventId(1, 0))) == ["3.0 PENDING", "4.0 ANALYZING"]


@pytest.mark.parametrize("end", [CANCELLED, FAILED])
def test_files_that_are_gone_are_not_told_of(end: Event) -> None:
    path = [STARTED, ANALYZED, VOCALS, end, *([AudioRemoved()] if end is FAILED else [])]
    assert not [line for line in shown(events_of(after(*path), None)) if "vocals" in line]


@pytest.mark.parametrize("text", ["", "2", "2.", ".1", "2.1.0", "-1.0", "a.b", "٢.٠", "2.1 ", "1" * 10 + ".0"])
def test_what_is_no_id_of_ours_is_none(text: str) -> None:
    assert EventId.read(text) is None


def test_ids_are_read_as_they_are_written_and_compared_as_numbers() -> None:
    assert EventId.read("10.2") == EventId(10, 2) > EventId(9, 12)
    assert str(EventId(10, 2)) == "10.2"
