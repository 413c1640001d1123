"""The Range header."""

import pytest

from application.objects.byte_range import ByteRange, RangeNotSatisfiable, parse_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-499", (0, 500)),
        ("bytes=500-", (500, SIZE)),
        ("bytes=0-", (0, SIZE)),
        ("bytes=999-", (999, SIZE)),
        ("bytes=900-5000", (900, SIZE)),
        ("bytes=-1", (999, SIZE)),
        ("bytes=-5000", (0, SIZE)),
        ("Bytes = 2 - 3", (2, 4)),
        ("bytes=,2-3,", (2, 4)),
    ],
)
def test_one_range_is_that_part(header: str, expected: tuple[int, int]) -> None:
    assert parse_range(header, SIZE) == ByteRange(*expected)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2,5-6", "bytes=--1", "items=0-1",
        "bytes=0-1x", "bytes=٠-١", "bytes=" + "9" * 5000 + "-", "bytes=1.0-2",
    ],
)  # fmt: skip
def test_what_is_not_one_range_is_the_whole_object(header: str | None) -> None:
    assert parse_range(header, SIZE) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=1000-", SIZE), ("bytes=1000-2000", SIZE), ("bytes=-0", SIZE), ("bytes=0-", 0)]
)
def test_a_range_beyond_the_object_is_refused_with_its_size(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        parse_range(header, size)
    assert refused.value.size == size


def test_the_last_bytes_of_an_empty_object_are_the_empty_object() -> None:
    assert parse_range("bytes=-5", 0) is None


def test_content_range_counts_inclusively() -> None:
    assert ByteRange(0, 500).content_range(SIZE) == "bytes 0-499/1000"
