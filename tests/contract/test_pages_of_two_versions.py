"""Files of pages over HTTP: an api has those of its own version, and those that another one has stored."""

import re
from collections.abc import AsyncIterator
from gzip import compress

import httpx
import pytest

from application.page_files import PAGES_PREFIX, PageFiles, digest_of
from entrypoints.web.assets import digest_of_all, url_of
from tests.contract.test_http_api import assert_problem
from tests.support.api import ServedApi, serving_api

pytestmark = pytest.mark.anyio

OTHER = {"main.js": b"console.log('other')", "style/base.css": b"body {}", "notes.html": b"<script>no page</script>"}
UNKNOWN = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


async def stored(api: ServedApi) -> list[str]:
    return [each.key for each in await api.store.list_page("", 1000) if each.key.startswith(PAGES_PREFIX)]


@pytest.mark.parametrize("page", ["/", "/ops"])
async def test_a_page_stores_the_files_that_it_names_before_it_is_handed_out(api: ServedApi, page: str) -> None:
    answer = await api.http.get(page)
    assert set(re.findall("/assets/([0-9a-f]+)/", answer.text)) == {digest_of_all()}
    assert await stored(api) == [f"{PAGES_PREFIX}{digest_of_all()}"]
    assert await PageFiles(api.store, api.container.bucket_guard()).find(digest_of_all())


async def test_files_of_another_version_are_served_as_they_are(api: ServedApi) -> None:
    digest = digest_of(OTHER)
    other = PageFiles(api.store, api.container.bucket_guard())
    await other.publish(digest, lambda: {name: compress(body) for name, body in OTHER.items()})
    for name, media_type in (("main.js", "text/javascript"), ("style/base.css", "text/css")):
        answer = await api.http.get(f"/assets/{digest}/{name}")
        assert (answer.status_code, answer.content) == (200, OTHER[name])
        assert answer.headers["content-type"].startswith(media_type)
        assert "immutable" in answer.headers["cache-control"]
        assert (await api.http.head(f"/assets/{digest}/{name}")).status_code == 200
    assert "other" not in (await api.http.get(url_of("main.js"))).text
    for name in ("views/home.js", "notes.html", "..%2Fmain.js"):
        assert_not_kept(await api.http.get(f"/assets/{digest}/{name}"))


async def test_versions_that_nobody_has_stored_are_not_there_and_no_cache_keeps_that(api: ServedApi) -> None:
    for digest in (UNKNOWN, "x", f"{digest_of_all()}0"):
        assert_not_kept(await api.http.get(f"/assets/{digest}/main.js"))
    assert_not_kept(await api.http.get(url_of("no_such.js")))


def assert_not_kept(answer: httpx.Response) -> None:
    assert_problem(answer, 404, "not_found")
    assert answer.headers["cache-control"] == "no-store"
