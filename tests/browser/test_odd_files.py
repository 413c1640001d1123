"""Files that people have: each becomes a take, or is refused in words before anything is sent."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.support.recordings import tone, write

pytestmark = pytest.mark.browser

LARGEST = 3_000_000
TAKE = "Your take"


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MAX_UPLOAD_BYTES": str(LARGEST)}


@pytest.fixture
def page(page: Page) -> Page:
    """The first view; sending is not what is tried here."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/")
    assert sent == []
    return page


def choose(page: Page, file: Path) -> None:
    page.get_by_label("Choose a recording").set_input_files(file)


def drop(page: Page, *files: Path) -> None:
    """Drop files and folders as the browser itself does."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def said(page: Page, text: str) -> None:
    """Assert that a file was refused in words, and that there is no take."""
    expect(page.locator(".home > .panel > .message", has_text=text)).to_be_visible()
    expect(page.get_by_role("region", name=TAKE)).to_be_hidden()
    expect(page.get_by_role("button", name="Make my music")).to_be_hidden()


def wav(path: Path, seconds: int, rate: int = 8000) -> Path:
    """Write silence of a byte for each sample, which takes no room on the disk."""
    size = seconds * rate
    fields = (b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate, 1, 8, b"data", size)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s4sIHHIIHH4sI", *fields))
        file.truncate(44 + size)
    return path


def test_an_empty_file_is_refused(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    choose(page, tmp_path / "empty.wav")
    said(page, "empty.wav is empty.")


def test_what_is_too_large_to_be_sent_is_refused_at_once(page: Page, tmp_path: Path) -> None:
    choose(page, wav(tmp_path / "large.wav", 1000))
    said(page, "large.wav has 8 MB, and 3 MB are the most that can be sent.")


def test_what_is_too_long_to_be_cut_is_not_read_into_memory(page: Page, tmp_path: Path) -> None:
    page.add_init_script(COUNTING)
    page.reload()
    choose(page, wav(tmp_path / "minutes.wav", 350))
    said(page, "minutes.wav is 5:50 long: too long to be cut here.")
    assert page.evaluate("decoded") == 0


COUNTING = """
window.decoded = 0;
const decode = BaseAudioContext.prototype.decodeAudioData;
BaseAudioContext.prototype.decodeAudioData = function (...given) { decoded += 1; return decode.apply(this, given); };
"""


def test_minutes_are_cut(page: Page, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "minutes.wav", np.tile(tone(1.0, 8000), 150), 8000, subtype="PCM_16")
    choose(page, tmp_path / "minutes.wav")
    expect(page.get_by_text("Only 120 seconds can be used")).to_be_visible()
    expect(page.get_by_role("slider", name="End of what is used")).to_have_attribute("aria-valuenow", "120.0")


def test_a_folder_is_refused(page: Page, tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    drop(page, tmp_path / "takes")
    said(page, "takes cannot be read. Is it a folder, or was it moved?")


def test_of_several_files_the_first_is_taken_and_named(page: Page, tmp_path: Path) -> None:
    for name in ("one.wav", "two.wav"):
        soundfile.write(tmp_path / name, tone(3.0), 48_000)
    drop(page, tmp_path / "one.wav", tmp_path / "two.wav")
    expect(page.get_by_text(re.compile("One recording at a time: this is (one|two).wav"))).to_be_visible()
    expect(page.get_by_role("region", name=TAKE)).to_be_visible()


def test_a_text_that_is_called_a_recording_is_left_to_the_service(page: Page, tmp_path: Path) -> None:
    (tmp_path / "poem.wav").write_text("Shall I compare thee to a summer's day?\n" * 100)
    choose(page, tmp_path / "poem.wav")
    expect(page.get_by_text("poem.wav, 4 kB. This browser cannot show it; the service may")).to_be_visible()


def test_what_is_surely_no_recording_is_refused_at_once(page: Page, tmp_path: Path) -> None:
    for name in ("poem.txt", "letter.pdf"):
        (tmp_path / name).write_text("Shall I compare thee to a summer's day?\n" * 100)
        choose(page, tmp_path / name)
        said(page, f"{name} is no recording.")
        expect(page.get_by_role("button", name="Hum again")).to_be_hidden()
        expect(page.get_by_role("button", name="Start humming")).to_be_visible()


def test_a_recording_with_the_name_of_a_text_is_a_take(page: Page, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", tone(3.0), 48_000)
    choose(page, (tmp_path / "hum.wav").rename(tmp_path / "hum.txt"))
    expect(page.get_by_text("0:03 long")).to_be_visible()


def test_a_take_stays_when_something_else_is_refused(page: Page, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", tone(3.0), 48_000)
    choose(page, tmp_path / "hum.wav")
    expect(page.get_by_text("0:03 long")).to_be_visible()
    (tmp_path / "empty.wav").touch()
    choose(page, tmp_path / "empty.wav")
    expect(page.get_by_text("empty.wav is empty.")).to_be_visible()
    expect(page.get_by_text("0:03 long")).to_be_visible()


Make = Callable[[Path], Path]
FORMATS: dict[str, Make] = {
    "mono, 8 kHz": lambda to: _pcm(to / "phone.wav", 8000, "PCM_16"),
    "24 bits": lambda to: _pcm(to / "studio.wav", 96_000, "PCM_24"),
    "float": lambda to: _pcm(to / "float.wav", 48_000, "FLOAT"),
    "FLAC": lambda to: _pcm(to / "hum.flac", 44_100, "PCM_16"),
    "M4A": lambda to: write(to / "hum.m4a", tone(3.0), container="ipod", codec="aac", layout="stereo"),
    "MP3": lambda to: write(to / "hum.mp3", tone(3.0), container="mp3", codec="libmp3lame"),
    "Opus": lambda to: write(to / "hum.ogg", tone(3.0), container="ogg", codec="libopus"),
    "video": lambda to: write(to / "hum.mp4", tone(3.0), container="mp4", codec="aac", video=True),
}


def _pcm(path: Path, rate: int, subtype: str) -> Path:
    soundfile.write(path, tone(3.0, rate), rate, subtype=subtype)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_formats_become_takes(page: Page, tmp_path: Path, name: str) -> None:
    choose(page, FORMATS[name](tmp_path))
    expect(page.get_by_text("0:03 long")).to_be_visible()
    expect(page.get_by_role("button", name="Listen")).to_be_visible()
    expect(page.get_by_role("button", name="Make my music")).to_be_visible()


def test_an_mp3_with_a_cover_becomes_a_take(page: Page, tmp_path: Path) -> None:
    file = write(tmp_path / "hum.mp3", tone(3.0), container="mp3", codec="libmp3lame")
    file.write_bytes(_cover(400_000) + file.read_bytes())
    choose(page, file)
    expect(page.get_by_text("0:03 long")).to_be_visible()


def _cover(size: int) -> bytes:
    """Return an ID3v2.3 tag with a picture of some bytes (ID3 tag version 2.3.0, 4.15)."""
    frame = b"\0image/jpeg\0\x03\0" + b"\xff\xd8\xff" + bytes(size)
    body = b"APIC" + len(frame).to_bytes(4, "big") + b"\0\0" + frame
    length = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + length + body
