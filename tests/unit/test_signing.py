"""URLs that carry their own permission."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from adapters.filesystem.signing import SignedUrls
from application.objects.signed_objects import Grant, UrlExpired, UrlInvalid

NOW = datetime(2026, 11, 22, 12, 0, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
URLS = SignedUrls("http://localhost:8000/", b"secret", HOUR)
KEY = "job/1/final.mp3"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_was_signed_is_permitted(method: str) -> None:
    url = URLS.sign(method, KEY, NOW, mime_type="audio/flac; x=\u00e9", download_name="a & b\n.mp3")
    grant = URLS.verify(method, KEY, query_of(url), NOW)
    assert grant == Grant(
        method=method,
        key=KEY,
        expires_at=grant.expires_at,
        mime_type="audio/flac; x=\u00e9",
        download_name="a & b\n.mp3",
    )


def test_the_key_is_the_path() -> None:
    parts = urlsplit(URLS.sign("GET", KEY, NOW))
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
    assert unquote(parts.path) == f"/v1/objects/{KEY}"


def test_a_get_url_permits_head() -> None:
    assert URLS.verify("HEAD", KEY, query_of(URLS.sign("GET", KEY, NOW)), NOW).method == "GET"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "get", ""])
def test_a_url_for_reading_does_nothing_else(method: str) -> None:
    with pytest.raises(UrlInvalid):
        URLS.verify(method, KEY, query_of(URLS.sign("GET", KEY, NOW)), NOW)


@pytest.mark.parametrize("field", ["expires", "type", "name", "signature"])
@pytest.mark.parametrize("value", ["", "0", "99999999999", "audio/wav", "\u0661"])
def test_no_field_can_be_changed(field: str, value: str) -> None:
    query = query_of(URLS.sign("PUT", KEY, NOW, mime_type="audio/flac", download_name="a.mp3"))
    with pytest.raises(UrlInvalid):
        URLS.verify("PUT", KEY, query | {field: value}, NOW)


@pytest.mark.parametrize("field", ["expires", "type", "name", "signature"])
def test_no_field_can_be_left_out(field: str) -> None:
    query = query_of(URLS.sign("PUT", KEY, NOW, mime_type="audio/flac", download_name="a.mp3"))
    del query[field]
    with pytest.raises(UrlInvalid):
        URLS.verify("PUT", KEY, query, NOW)


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    query = query_of(URLS.sign("PUT", KEY, NOW, mime_type="audio", download_name="/flac"))
    with pytest.raises(UrlInvalid):
        URLS.verify("PUT", KEY, query | {"type": "audio/flac", "name": ""}, NOW)


def test_another_key_or_another_secret_is_refused() -> None:
    query = query_of(URLS.sign("GET", KEY, NOW))
    with pytest.raises(UrlInvalid):
        URLS.verify("GET", "job/2/final.mp3", query, NOW)
    with pytest.raises(UrlInvalid):
        SignedUrls("http://localhost:8000", b"other", HOUR).verify("GET", KEY, query, NOW)


@pytest.mark.parametrize("expiry", [timedelta(seconds=2), timedelta(minutes=1), HOUR, timedelta(days=7)])
@pytest.mark.parametrize("second", [0, 1, 29, 1799, 1800, 3599])
def test_a_url_lives_for_at_least_half_of_the_expiry_and_at_most_all_of_it(expiry: timedelta, second: int) -> None:
    urls = SignedUrls("http://localhost", b"secret", expiry)
    now = NOW + timedelta(seconds=second)
    query = query_of(urls.sign("GET", KEY, now))
    expires_at = urls.verify("GET", KEY, query, now).expires_at
    assert expiry / 2 < expires_at - now <= expiry
    with pytest.raises(UrlExpired):
        urls.verify("GET", KEY, query, expires_at)


def test_who_tampers_with_an_expired_url_learns_nothing() -> None:
    query = query_of(URLS.sign("GET", KEY, NOW))
    with pytest.raises(UrlInvalid):
        URLS.verify("GET", "job/2/final.mp3", query, NOW + 2 * HOUR)


def test_an_object_has_one_url_for_a_while() -> None:
    start = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
    assert URLS.sign("GET", KEY, start) == URLS.sign("GET", KEY, start + timedelta(minutes=29, seconds=59))
    assert URLS.sign("GET", KEY, start) != URLS.sign("GET", KEY, start + timedelta(minutes=30))


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        SignedUrls("http://localhost", b"", HOUR)
