"""The picture of a link to music: what it shows, as PNG and as SVG, small and quickly drawn for whatever is shared."""

import struct
import time
import zlib
from typing import Final
from xml.etree.ElementTree import fromstring

import anyio
import pytest

from application.moments.shared_moment import MOST_NOTES, SharedMoment, SharedNote, SharedSection
from domain.blueprints.blueprint import OutputKind
from domain.music.styles.registry import STYLES
from entrypoints.web.drawing import Box, Drawing, to_png, to_svg
from entrypoints.web.picture_cache import PictureCache, etag_of
from entrypoints.web.shared_picture import HEIGHT, WIDTH, picture_of

TUNE: Final = tuple(SharedNote(0.5 * index, 0.4, 60 + 2 * index, 0.5) for index in range(8))
FORM: Final = (SharedSection(0.0, 4.0, 0.3), SharedSection(4.0, 16.0, 1.0))
MOST_BYTES: Final = 60_000
MOST_SECONDS: Final = 0.05


def a_moment(
    style: str = "lofi", notes: tuple[SharedNote, ...] = TUNE, sections: tuple[SharedSection, ...] = FORM
) -> SharedMoment:
    return SharedMoment(
        title="Lofi theme",
        style=style,
        output_kind=OutputKind.PREVIEW,
        key="Am",
        tempo_bpm=96,
        seconds=16.0,
        content_type="audio/mpeg",
        audio_url="/m/x/audio",
        picture_url="/m/x/picture.png",
        sections=sections,
        notes=notes,
    )


def pixels(png: bytes) -> list[list[str]]:
    """Return the colours of a PNG with a palette and no filters, row by row; its checksums are right."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = dict[bytes, bytes](), 8
    while place < len(png):
        (size,), kind = struct.unpack_from(">I", png, place), png[place + 4 : place + 8]
        content = png[place + 8 : place + 8 + size]
        assert struct.unpack_from(">I", png, place + 8 + size) == (zlib.crc32(kind + content),)
        chunks[kind], place = content, place + 12 + size
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 3, 0, 0, 0]
    palette = [f"#{chunks[b'PLTE'][at : at + 3].hex()}" for at in range(0, len(chunks[b"PLTE"]), 3)]
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (width + 1)
    assert set(rows[:: width + 1]) == {0}
    return [[palette[at] for at in rows[top + 1 : top + 1 + width]] for top in range(0, len(rows), width + 1)]


def test_boxes_are_painted_in_order_and_cut_at_the_edges() -> None:
    boxes = (Box(1, 1, 6, 3, "#ff0000"), Box(3, 2, 99, 99, "#00ff00"), Box(-5, 0, 6, 1, "#0000ff"))
    found = pixels(to_png(Drawing(8, 4, "#000000", boxes)))
    assert found[0] == ["#0000ff", *["#000000"] * 7]
    assert found[1] == ["#000000", *["#ff0000"] * 6, "#000000"]
    assert found[3] == ["#000000", *["#ff0000"] * 2, *["#00ff00"] * 5]


def test_corners_are_round() -> None:
    found = pixels(to_png(Drawing(20, 20, "#000000", (Box(0, 0, 20, 20, "#ffffff", 10),))))
    assert {found[row][column] for row in (0, 19) for column in (0, 19)} == {"#000000"}
    filled = sum(row.count("#ffffff") for row in found)
    assert filled == pytest.approx(3.14159 * 100, rel=0.03)
    assert found == found[::-1] == [row[::-1] for row in found]


@pytest.mark.parametrize("style", [*STYLES, "a style to come"])
def test_a_tune_rises_over_the_sections_of_its_music(style: str) -> None:
    moment = a_moment(style)
    found = pixels(to_png(picture_of(moment)))
    assert (len(found[0]), len(found)) == (WIDTH, HEIGHT)
    notes = [box for box in picture_of(moment).boxes if box.radius > 6]
    assert len(notes) == len(TUNE)
    assert [note.top for note in notes] == sorted((note.top for note in notes), reverse=True)
    assert all(60 <= note.left < note.left + note.width <= WIDTH - 60 for note in notes)
    quiet, full = [box for box in picture_of(moment).boxes if box.radius == 6]
    assert full.height > 2 * quiet.height
    assert full.width > 2 * quiet.width
    for box in (*notes, quiet, full):
        assert found[round(box.top + box.height / 2)][round(box.left + box.width / 2)] == box.colour


MANY: Final = tuple(SharedSection(start, start + 1, start / 64) for start in range(64))


@pytest.mark.parametrize("notes", [(), TUNE[:1], (TUNE * 64)[:MOST_NOTES], (SharedNote(3600, 1e-14, 0, 0.0),)])
@pytest.mark.parametrize("sections", [(), (SharedSection(0, 0, 0.5),), MANY])
def test_a_picture_of_anything_is_small_and_soon_there(
    notes: tuple[SharedNote, ...], sections: tuple[SharedSection, ...]
) -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        drawing = picture_of(a_moment(notes=notes, sections=sections))
        png = to_png(drawing)
        took.append(time.process_time() - began)
    assert len(png) < MOST_BYTES
    assert min(took) < MOST_SECONDS
    assert len({box.colour for box in drawing.boxes}) < 255
    assert len(to_svg(drawing, "x")) < MOST_BYTES


def test_within_a_page_it_is_an_image_with_a_name_and_without_styles() -> None:
    svg = to_svg(picture_of(a_moment()), 'a "tune" & more')
    root = fromstring(svg)  # noqa: S314 - our own
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", 'a "tune" & more')
    assert not [element for element in root.iter() if "style" in element.attrib]


@pytest.mark.anyio
async def test_a_picture_is_drawn_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[SharedMoment]()

    def draw(moment: SharedMoment) -> bytes:
        drawn.append(moment)
        return b"png"

    monkeypatch.setattr("entrypoints.web.picture_cache._drawn", draw)
    pictures, moment = PictureCache(), a_moment()
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(pictures.draw, moment, etag_of(moment))
    await pictures.draw(moment, etag_of(moment))
    assert len(drawn) == 1
    other = a_moment("rock")
    assert etag_of(other) != etag_of(moment)
    assert await pictures.draw(other, etag_of(other)) == b"png"
    assert len(drawn) == 2
