"""What strangers can do with signed URLs, and what they cannot; over HTTP, with the API's own routes."""

import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import anyio
import httpx
import pytest

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore
from application.ports.objects import ObjectNotFound, ObjectStorage, in_one_piece
from tests.support.object_server import MAX_UPLOAD_BYTES, serving
from tests.support.s3 import a_free_port, files_under

pytestmark = pytest.mark.anyio

SECRET = b"a secret of the tests"
CONTENT = random.Random(3).randbytes(700_001)  # noqa: S311 - seeded test data
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class Site(NamedTuple):
    """A store whose URLs work, and a stranger's client. `expired` signs URLs whose time is over."""

    store: ObjectStorage
    expired: ObjectStorage
    http: httpx.AsyncClient


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def filesystem(tmp_path: Path, http: httpx.AsyncClient) -> AsyncIterator[Site]:
    port = a_free_port()
    url = f"http://127.0.0.1:{port}"
    store = FilesystemStore(tmp_path, url, SECRET, HOUR)
    expired = FilesystemStore(tmp_path, url, SECRET, HOUR, clock=lambda: datetime.now(UTC) - 2 * HOUR)
    async with serving(store, port):
        yield Site(store, expired, http)


@pytest.fixture
def moto_site(moto_store: SpacesStore, http: httpx.AsyncClient) -> Site:
    return Site(moto_store, moto_store, http)


@pytest.fixture
def gateway_site(gateway_store: SpacesStore, http: httpx.AsyncClient) -> Site:
    brief = SpacesStore(gateway_store._client, gateway_store._bucket, timedelta(seconds=1))
    return Site(gateway_store, brief, http)


GATEWAY = pytest.param("gateway_site", marks=pytest.mark.container)


@pytest.fixture(params=["filesystem", "moto_site", GATEWAY])
def site(request: pytest.FixtureRequest) -> Site:
    """Give a store that keeps its word about data."""
    found: Site = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["filesystem", GATEWAY])
def strict_site(request: pytest.FixtureRequest) -> Site:
    """Give a store that keeps its word about permission as well, which moto does not."""
    found: Site = request.getfixturevalue(request.param)
    return found


async def put(site: Site, key: str = "job/1/final.mp3", content: bytes = CONTENT, mime_type: str = "audio/mpeg") -> str:
    await site.store.put(key, in_one_piece(content), mime_type)
    return key


async def test_a_signed_url_returns_the_object(site: Site) -> None:
    answer = await site.http.get(await site.store.sign_get(await put(site)))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert answer.content == CONTENT
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("name", ["", "picture.svg"])
async def test_a_document_is_saved_and_runs_nothing_on_our_origin(filesystem: Site, name: str) -> None:
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.domain)</script></svg>'
    key = await put(filesystem, "job/1/picture.svg", script, "image/svg+xml")
    url = await filesystem.store.sign_get(key, download_name=name)
    for method in ("GET", "HEAD"):
        answer = await filesystem.http.request(method, url)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["content-disposition"] == 'attachment; filename="picture.svg"'
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


async def test_an_empty_object_is_returned_too(site: Site) -> None:
    answer = await site.http.get(await site.store.sign_get(await put(site, content=b"")))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=300000-", 300_000, 700_001), ("bytes=-10", 699_991, 700_001)],
)
async def test_players_ask_for_ranges(site: Site, header: str, start: int, end: int) -> None:
    url = await site.store.sign_get(await put(site))
    answer = await site.http.get(url, headers={"Range": header})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


async def test_a_range_beyond_the_end_is_416(site: Site) -> None:
    url = await site.store.sign_get(await put(site))
    assert (await site.http.get(url, headers={"Range": "bytes=700001-"})).status_code == 416


async def test_an_unchanged_object_is_not_sent_again(site: Site) -> None:
    url = await site.store.sign_get(await put(site))
    etag = (await site.http.get(url)).headers["etag"]
    again = await site.http.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    await put(site, content=b"another take")
    changed = await site.http.get(url, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.content) == (200, b"another take")


@pytest.mark.parametrize("name", ["my moment.mp3", 'a "quoted" \\ name.mp3', "Thème de Zoë — 主題歌 🎵.mp3", "50%.mp3"])
async def test_downloads_have_their_filename(site: Site, name: str) -> None:
    answer = await site.http.get(await site.store.sign_get(await put(site), download_name=name))
    assert answer.status_code == 200
    disposition = answer.headers["content-disposition"]
    extended = re.search(r"; filename\*=UTF-8''([^;\s]+)", disposition)
    plain = re.search(r'^attachment; filename="([^"\\]*)"', disposition)
    called = unquote(extended[1]) if extended else plain and plain[1]
    assert called == name.rpartition("\\")[2].strip()


async def test_the_same_url_comes_again_so_that_caches_help(site: Site) -> None:
    first = [await site.store.sign_get("a"), await site.store.sign_get("a", download_name="b")]
    assert [await site.store.sign_get("a"), await site.store.sign_get("a", download_name="b")] == first


async def test_a_signed_url_takes_an_upload(site: Site) -> None:
    url = await site.store.sign_put("job/1/vocals.flac", "audio/flac")
    answer = await site.http.put(url, content=CONTENT, headers={"Content-Type": "audio/flac"})
    assert answer.status_code == 200
    stored = await site.store.stat("job/1/vocals.flac")
    assert (stored.size, stored.mime_type) == (len(CONTENT), "audio/flac")
    assert (await site.http.get(await site.store.sign_get("job/1/vocals.flac"))).content == CONTENT


async def test_an_upload_has_the_type_it_was_signed_for(strict_site: Site) -> None:
    url = await strict_site.store.sign_put("job/1/vocals.flac", "audio/flac")
    for headers in ({"Content-Type": "text/html"}, {}):
        assert (await strict_site.http.put(url, content=CONTENT, headers=headers)).status_code == 403
    with pytest.raises(ObjectNotFound):
        await strict_site.store.stat("job/1/vocals.flac")


async def test_a_url_is_for_one_method(strict_site: Site) -> None:
    key = await put(strict_site)
    reading, writing = await strict_site.store.sign_get(key), await strict_site.store.sign_put(key, "audio/mpeg")
    answer = await strict_site.http.put(reading, content=b"other", headers={"Content-Type": "audio/mpeg"})
    assert answer.status_code == 403
    assert (await strict_site.http.get(writing)).status_code == 403
    assert (await strict_site.store.stat(key)).size == len(CONTENT)


@pytest.mark.parametrize(("old", "new"), [("final.mp3", "other.mp3"), ("name=", "name=x"), ("ignature=", "ignature=0")])
async def test_a_url_that_was_changed_is_refused(strict_site: Site, old: str, new: str) -> None:
    await put(strict_site, "job/1/other.mp3")
    url = await strict_site.store.sign_get(await put(strict_site), download_name="name=.mp3")
    changed = url.replace(old.replace("name=", "name%3D"), new.replace("name=", "name%3D"))
    assert changed != url
    assert (await strict_site.http.get(changed)).status_code == 403


async def test_a_url_expires(strict_site: Site) -> None:
    key = await put(strict_site)
    url, target = await strict_site.expired.sign_get(key), await strict_site.expired.sign_put(key, "audio/mpeg")
    if not isinstance(strict_site.expired, FilesystemStore):
        await anyio.sleep(2.1)  # a real server has its own clock
    assert (await strict_site.http.get(url)).status_code == 403
    answer = await strict_site.http.put(target, content=b"late", headers={"Content-Type": "audio/mpeg"})
    assert answer.status_code == 403
    assert (await strict_site.store.stat(key)).size == len(CONTENT)


async def test_a_signer_knows_when_its_urls_expire(site: Site) -> None:
    now = datetime.now(UTC)
    for name in ("", "moment.mp3"):
        url = await site.store.sign_get("job/1/final.mp3", download_name=name)
        assert now + HOUR / 2 - SECOND <= site.store.expiry_of(url) <= now + HOUR + SECOND


async def test_an_upload_past_the_limit_is_413_and_leaves_nothing(filesystem: Site, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_UPLOAD_BYTES // 1000 + 2):
            yield bytes(1000)

    url = await filesystem.store.sign_put("job/1/vocals.flac", "audio/flac")
    answer = await filesystem.http.put(url, content=endless(), headers={"Content-Type": "audio/flac"})
    assert answer.status_code == 413
    assert files_under(tmp_path) == set()


async def test_a_refused_url_has_a_stable_code(filesystem: Site) -> None:
    key = await put(filesystem)
    expired = await filesystem.http.get(await filesystem.expired.sign_get(key))
    assert (expired.status_code, expired.json()["code"]) == (403, "url_expired")
    invalid = await filesystem.http.get((await filesystem.store.sign_get(key)) + "0")
    assert (invalid.status_code, invalid.json()["code"]) == (403, "url_invalid")
    missing = await filesystem.http.get(await filesystem.store.sign_get("job/2/nothing"))
    assert (missing.status_code, missing.json()["code"]) == (404, "object_not_found")


async def test_no_path_leads_out_of_the_folder(filesystem: Site, tmp_path: Path) -> None:
    (tmp_path.parent / "secret").write_text("not yours")
    url = await filesystem.store.sign_get(await put(filesystem, "a"))
    for path in ("%2e%2e/secret", "..%2fsecret", "/etc/passwd", "%2fetc%2fpasswd", "a%00"):
        assert (await filesystem.http.get(url.replace("/objects/a?", f"/objects/{path}?"))).status_code == 403
