"""Where object storage is, from settings as people write them."""

import pytest

from adapters.spaces.endpoint import resolve

SPACES = "https://fra1.digitaloceanspaces.com"


@pytest.mark.parametrize(
    ("endpoint", "region", "expected"),
    [
        ("", "fra1", (SPACES, "fra1", "virtual")),
        (SPACES, "fra1", (SPACES, "fra1", "virtual")),
        (SPACES + "/", "", (SPACES, "fra1", "virtual")),
        ("https://moments.fra1.digitaloceanspaces.com", "fra1", (SPACES, "fra1", "virtual")),
        ("https://moments.fra1.digitaloceanspaces.com/", "", (SPACES, "fra1", "virtual")),
        ("fra1.digitaloceanspaces.com", "fra1", (SPACES, "fra1", "virtual")),
        ("https://fra1.digitaloceanspaces.com/moments", "fra1", (SPACES, "fra1", "virtual")),
        (
            "https://s3.eu-west-1.amazonaws.com",
            "eu-west-1",
            ("https://s3.eu-west-1.amazonaws.com", "eu-west-1", "virtual"),
        ),
        ("http://localhost:9000", "", ("http://localhost:9000", "us-east-1", "path")),
        ("http://127.0.0.1:9000", "fra1", ("http://127.0.0.1:9000", "fra1", "path")),
        ("http://[::1]:9000", "", ("http://[::1]:9000", "us-east-1", "path")),
        ("http://minio:9000", "", ("http://minio:9000", "us-east-1", "path")),
        ("https://s3.example.org", "", ("https://s3.example.org", "us-east-1", "path")),
    ],
)
def test_settings_as_people_write_them(endpoint: str, region: str, expected: tuple[str, str, str]) -> None:
    assert resolve(endpoint, region, "moments") == expected


def test_a_bucket_with_a_dot_would_not_fit_the_certificate() -> None:
    assert resolve("", "fra1", "my.moments").addressing_style == "path"


@pytest.mark.parametrize(("endpoint", "region"), [("", ""), ("ftp://example.org", ""), ("https://", "")])
def test_settings_that_lead_nowhere_are_refused(endpoint: str, region: str) -> None:
    with pytest.raises(ValueError, match="object storage"):
        resolve(endpoint, region, "moments")
