"""The names of downloads."""

import pytest

from application.objects.content_disposition import attachment


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("moment.mp3", 'attachment; filename="moment.mp3"'),
        ("my moment (1).mp3", 'attachment; filename="my moment (1).mp3"'),
        ("Zoë.mp3", "attachment; filename=\"Zo_.mp3\"; filename*=UTF-8''Zo%C3%AB.mp3"),
        ('a"b.mp3', "attachment; filename=\"a_b.mp3\"; filename*=UTF-8''a%22b.mp3"),
        ("50%.mp3", "attachment; filename=\"50_.mp3\"; filename*=UTF-8''50%25.mp3"),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("C:\\hums\\la.mp3", 'attachment; filename="la.mp3"'),
        (
            "a\r\nSet-Cookie: x.mp3",
            "attachment; filename=\"aSet-Cookie_ x.mp3\"; filename*=UTF-8''aSet-Cookie%3A%20x.mp3",
        ),
        ("\0", 'attachment; filename="download"'),
        ("", 'attachment; filename="download"'),
    ],
)
def test_any_name_makes_a_header_that_cannot_be_misread(name: str, expected: str) -> None:
    assert attachment(name) == expected
