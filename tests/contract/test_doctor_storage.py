"""What the doctor sees in object stores, healthy and ill: each ailment is a real one."""

import os
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.spaces import SpacesStore
from tests.support.api import serving_api
from tests.support.doctor_run import SECRET, DoctorRun, assert_failed
from tests.support.pipeline import in_pieces
from tests.support.raw_server import raw_server
from tests.support.s3 import S3Server, everything_in, moto_server
from tests.support.s3_proxy import intercepted, is_signed, s3_error, without_uploads
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(tmp_path: Path) -> DoctorRun:
    return DoctorRun(tmp_path)


async def test_one_that_is_well(patient: DoctorRun, moto: S3Server, moto_store: SpacesStore) -> None:
    patient.configure_storage(moto, moto_store._bucket)
    await patient.run()
    probes = ("bucket write", "bucket read", "signed GET", "signed PUT", "bucket delete", "bucket clock")
    assert patient.verdicts(*probes, "unfinished uploads", "bucket CORS") == ["ok"] * 8
    assert await everything_in(moto_store) == set()


@pytest.mark.parametrize(
    ("code", "status"), [("NotImplemented", 501), ("AccessDenied", 403), ("MethodNotAllowed", 405)]
)
async def test_one_that_does_not_list_uploads(
    patient: DoctorRun, moto: S3Server, moto_store: SpacesStore, code: str, status: int
) -> None:
    async with intercepted(moto, without_uploads(code, status)) as server:
        patient.configure_storage(server, moto_store._bucket)
        found = await patient.run()
    assert patient.verdicts("bucket write", "bucket delete", "unfinished uploads") == ["ok", "ok", "warn"]
    assert "abort incomplete uploads" in found["unfinished uploads"].fix
    assert await everything_in(moto_store) == set()


async def test_one_whose_music_pages_may_not_fetch(patient: DoctorRun, moto: S3Server, moto_store: SpacesStore) -> None:
    async def allow_one(request: Request) -> ASGIApp | None:
        if request.method != "OPTIONS":
            return None
        if request.headers["origin"] != "https://good.example.com":
            return s3_error("AccessForbidden", 403)
        asked = request.headers["access-control-request-method"]
        allowed = {"Access-Control-Allow-Origin": "https://good.example.com", "Access-Control-Allow-Methods": asked}
        return Response(status_code=200, headers=allowed)

    async with intercepted(moto, allow_one) as server:
        patient.configure_storage(server, moto_store._bucket)
        patient.configure(PUBLIC_URL="https://good.example.com")
        await patient.run()
        assert patient.verdicts("bucket CORS") == ["ok"]
        patient.configure(CORS_ORIGINS="https://other.example.com https://good.example.com")
        found = (await patient.run())["bucket CORS"]
    assert found.verdict == "warn"
    assert "pages of https://other.example.com can play the music but not fetch it" in found.seen
    assert '"AllowedOrigins":["https://good.example.com","https://other.example.com"]' in found.fix


async def test_one_to_which_pages_may_not_send(patient: DoctorRun, moto: S3Server, moto_store: SpacesStore) -> None:
    async def allow_reading(request: Request) -> ASGIApp | None:
        if request.method != "OPTIONS":
            return None
        if request.headers["access-control-request-method"] != "GET":
            return s3_error("AccessForbidden", 403)
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET"}
        return Response(status_code=200, headers=allowed)

    async with intercepted(moto, allow_reading) as server:
        patient.configure_storage(server, moto_store._bucket)
        found = (await patient.run())["bucket CORS"]
    assert found.verdict == "warn"
    assert "can fetch the music but not send recordings to the store" in found.seen
    assert '"AllowedMethods":["GET","HEAD","PUT"]' in found.fix


async def test_no_bucket(patient: DoctorRun, moto: S3Server) -> None:
    patient.configure_storage(moto, "not-there")
    found = await patient.run()
    assert_failed(found["bucket write"], "NoSuchBucket", "create the bucket")
    assert "bucket delete" not in found


async def test_nobody_there(patient: DoctorRun) -> None:
    with moto_server() as server:
        pass
    patient.configure_storage(server, "any")
    found = await patient.run()
    assert_failed(found["bucket write"], "did not respond", "DO_SPACES_ENDPOINT")
    assert_failed(found["bucket clock"], "ConnectError", "DO_SPACES_ENDPOINT")


async def test_an_endpoint_that_is_none(patient: DoctorRun) -> None:
    patient.configure_storage(S3Server("ftp://x"), "any")
    found = await patient.run()
    assert_failed(found["bucket write"], "endpoint", "DO_SPACES_ENDPOINT")
    assert_failed(found["bucket clock"], "endpoint", "DO_SPACES_ENDPOINT")


async def test_an_endpoint_that_moved(patient: DoctorRun) -> None:
    async def move(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
            await Response(status_code=301)(scope, receive, send)

    async with serving(move) as base:
        patient.configure_storage(S3Server(base), "any")
        found = await patient.run()
    assert_failed(found["bucket write"], "301", "https://")


@pytest.mark.container
async def test_one_that_checks_signatures(patient: DoctorRun, gateway: S3Server, gateway_store: SpacesStore) -> None:
    patient.configure_storage(gateway, gateway_store._bucket)
    await patient.run()
    probes = ("bucket write", "bucket read", "signed GET", "signed PUT", "bucket delete", "bucket clock")
    assert patient.verdicts(*probes) == ["ok"] * 6
    assert await everything_in(gateway_store) == set()
    patient.configure(DO_SPACES_SECRET=SECRET)
    found = await patient.run()
    assert_failed(found["bucket write"], "SignatureDoesNotMatch", "DO_SPACES_SECRET is wrong for this key")
    patient.configure(DO_SPACES_KEY=SECRET)
    assert_failed((await patient.run())["bucket write"], "InvalidAccessKeyId", "DO_SPACES_KEY")


@pytest.mark.container
async def test_a_certificate_that_browsers_do_not_know(
    patient: DoctorRun, gateways: tuple[S3Server, S3Server], gateway_store: SpacesStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _, tls = gateways
    monkeypatch.setenv("SSL_CERT_FILE", tls.authority)
    patient.configure_storage(tls, gateway_store._bucket)
    found = await patient.run()
    assert patient.verdicts("bucket write", "bucket read", "bucket delete") == ["ok"] * 3
    assert_failed(found["signed GET"], "CERTIFICATE_VERIFY_FAILED", "certificate")
    assert await everything_in(gateway_store) == set()


@pytest.mark.parametrize(("minutes", "verdict"), [(3, "warn"), (-20, "fail"), (20, "fail")])
async def test_another_time(patient: DoctorRun, minutes: float, verdict: str) -> None:
    lie = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    answer = f"HTTP/1.1 403 No\r\nDate: {lie}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with raw_server(answer.encode()) as (port, _):
        patient.configure_storage(S3Server(f"http://127.0.0.1:{port}"), "any")
        clock = (await patient.run())["bucket clock"]
    assert clock.verdict == verdict
    told = re.search(r"(\d+) s (behind|ahead of)", clock.seen)
    assert told
    assert int(told[1]) == pytest.approx(abs(minutes) * 60, abs=5)
    assert told[2] == ("behind" if minutes > 0 else "ahead of")
    assert "clock" in clock.fix


async def test_signed_urls_that_do_not_work_leave_nothing(
    patient: DoctorRun, moto: S3Server, moto_store: SpacesStore
) -> None:
    async def refuse(request: Request) -> ASGIApp | None:
        return s3_error("SlowDown", 503) if is_signed(request) else None

    async with intercepted(moto, refuse) as server:
        patient.configure_storage(server, moto_store._bucket)
        found = await patient.run()
    assert_failed(found["signed GET"], "GET returned 503 SlowDown", "reach")
    assert_failed(found["signed PUT"], "PUT returned 503 SlowDown", "reach")
    assert patient.verdicts("bucket write", "bucket read", "bucket delete") == ["ok"] * 3
    assert await everything_in(moto_store) == set()


async def test_one_that_is_silent(patient: DoctorRun) -> None:
    async with raw_server(b"") as (port, _):
        patient.configure_storage(S3Server(f"http://127.0.0.1:{port}"), "any")
        found = await patient.run(0.5)
    assert_failed(found["bucket write"], "no response within 0.5 s", "reaches it")


async def test_a_folder_that_the_api_serves(patient: DoctorRun) -> None:
    data = patient.folder / "data"
    async with serving_api(data / "objects") as served:
        patient.configure(PUBLIC_URL=str(served.http.base_url).rstrip("/"))
        await patient.run()
        assert patient.verdicts("bucket", "api") == ["not configured", "ok"]
        (data / "objects.secret").write_text("secret")
        await patient.run()
        assert patient.verdicts("bucket write", "signed GET", "signed PUT", "bucket delete") == ["ok"] * 4
        (data / "objects.secret").write_text("another")
        found = await patient.run()
    assert_failed(found["signed GET"], "403 url_invalid", "MOMENT_DATA_DIR")
    assert [path for path in (data / "objects").rglob("*") if path.is_file()] == []


async def test_what_a_killed_run_left_is_removed_by_the_next(patient: DoctorRun) -> None:
    folder = patient.folder / "data" / "objects"
    async with serving_api(folder) as served:
        patient.configure(PUBLIC_URL=str(served.http.base_url).rstrip("/"))
        for key in ("moment-doctor/killed", "moment-doctor/running", "kept"):
            await served.store.put(key, in_pieces(b"la"), "text/plain")
        (patient.folder / "data" / "objects.secret").write_text("secret")
        os.utime(folder / "moment-doctor+" / "killed", times=(0, 0))
        os.utime(folder / "kept", times=(0, 0))
        await patient.run()
        assert patient.verdicts("bucket delete") == ["ok"]
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"running", "kept"}
