"""Whoever has a job's id reads what to do about an error, and nothing of where our parts run."""

import pytest

from application.moments.public_errors import public_error, public_message
from application.worker.endings import DeadlinePassed
from domain.error_codes import CODES
from domain.errors import JobError
from tests.support.jobs import NOW

SECRETS = [
    "http://minio.internal:9000/moments/a/hum: the server returned 403",
    "the host s3.corp.lan is not public",
    "cannot connect to 10.1.2.3:5432",
    "10.1.2.3 refused the connection",
    "no route to fd00:ec2::254 or [fe80::1%eth0]:8080",
    "Cannot connect to host music-tools:8080 ssl:default [Connection refused]",
    "postgres:5432 - no response",
    "Error opening '/tmp/moment-tools-x1/y/stem.flac': File does not exist",
    "/home/moment/.moment/output/1.mp3 is not shared",
    "localhost is away",
    "api.default.svc.cluster.local. timed out",
    "amqp://guest:guest@rabbit/vhost",
    "2026-11-26.minio:9000 is away since 2026-11-26T13:43:04Z",
]
PARTS = (
    "minio",
    "s3.corp",
    "10.1.2.3",
    "fd00",
    "fe80",
    "music-tools:",
    "postgres:",
    "/tmp",  # noqa: S108 - compared
    "/home",
    "localhost",
    "svc",
)
CREDENTIALS = ("guest", "rabbit", "8080", "5432", "9000")


@pytest.mark.parametrize("message", SECRETS)
@pytest.mark.parametrize("code", ["tool_failed", "provider_denied", "hum_silent", "invalid_blueprint", "expired"])
def test_no_message_names_an_inner_address_or_path(code: str, message: str) -> None:
    shown = public_message(code, message)
    assert [part for part in (*PARTS, *CREDENTIALS) if part in shown] == []


@pytest.mark.parametrize(
    "code", ["transfer_failed", "transfer_interrupted", "url_not_allowed", "storage_denied", "tools_unavailable"]
)
def test_errors_about_our_parts_say_what_their_code_means(code: str) -> None:
    assert public_message(code, "the bucket hush is another database's") == CODES[code].meaning  # type: ignore[index]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("hum_too_long", "the recording is longer than 120 seconds"),
        ("invalid_blueprint", "/sections/0/bars: must be at most 64; /tempo_bpm: Expected `int`, got `str`"),
        ("expired", "the moment could not be made in time: something that it needs was away for too long"),
        ("deadline_passed", DeadlinePassed(NOW).message),
        ("audio_truncated", "the file ends after 0:12 of 01:03:40, at 44100 Hz (ratio 4:4)"),
        ("voice_not_found", "voice 21m00Tcm4TlvDq8ikWAM was not found"),
        ("tool_failed", "out of tune: 3.5 semitones, see https"),
    ],
)
def test_what_the_musician_can_act_on_stays_as_it_is(code: str, message: str) -> None:
    assert public_message(code, message) == message


def test_code_and_permanence_stay() -> None:
    error = public_error(JobError(code="transfer_failed", message="http://10.0.0.1/", permanent=True))
    assert error == JobError(code="transfer_failed", message=CODES["transfer_failed"].meaning, permanent=True)
