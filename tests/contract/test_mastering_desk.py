"""The contract of `MasteringDesk`: over the fake and over the real desk."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from adapters.audio.arrays import SAMPLE_RATE
from adapters.audio.children.pool import ChildPool
from adapters.audio.codecs.encoding import decode
from adapters.audio.codecs.stems import read_stem
from adapters.audio.studio import MasteringStudio
from application.ports.mastering import MasteringDesk, StemUnreadable, UnknownOutputFormat, WaveformPicture
from domain.jobs.output_formats import OutputFormat
from tests.support.fake_studio import NOT_AUDIO, FakeMasteringDesk

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[FakeMasteringDesk, MasteringStudio])
def desk(request: pytest.FixtureRequest, children: ChildPool) -> MasteringDesk:
    return MasteringStudio(children) if request.param is MasteringStudio else FakeMasteringDesk()


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    """Two seconds of a chord."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    chord = 0.1 * (np.sin(2 * np.pi * 220 * time) + np.sin(2 * np.pi * 330.5 * time))
    soundfile.write(tmp_path / "stem", np.stack([chord, chord], axis=1), SAMPLE_RATE, format="FLAC")
    return tmp_path / "stem"


@pytest.mark.parametrize(
    ("output_format", "mime_type"),
    [("mp3_44100_128", "audio/mpeg"), ("opus_48000_128", "audio/ogg"), ("wav_44100", "audio/wav")],
)
async def test_the_finished_file_is_as_loud_as_promised(
    desk: MasteringDesk, stem: Path, output_format: OutputFormat, mime_type: str, tmp_path: Path
) -> None:
    report = await desk.master(stem, stem, tmp_path / "out", output_format)
    assert report.lufs == pytest.approx(-14, abs=0.5)
    assert report.true_peak_dbtp <= -1
    assert report.duration > 0
    assert report.mime_type == mime_type
    assert (tmp_path / "out").stat().st_size > 0


async def test_the_band_alone_is_mastered_too(desk: MasteringDesk, stem: Path, tmp_path: Path) -> None:
    assert (await desk.master(None, stem, tmp_path / "out", "flac_44100")).mime_type == "audio/flac"


async def test_the_file_is_drawn_where_a_picture_is_wanted(desk: MasteringDesk, stem: Path, tmp_path: Path) -> None:
    picture = WaveformPicture(title="lofi <1>", sections=(), chords=(), out=tmp_path / "picture.svg")
    await desk.master(None, stem, tmp_path / "out", "mp3_44100_128", picture=picture)
    assert "lofi &lt;1&gt;" in picture.out.read_text()


async def test_a_stem_is_encoded_as_it_is(desk: MasteringDesk, stem: Path, tmp_path: Path) -> None:
    assert await desk.encode(stem, tmp_path / "out", "m4a_44100_128") > 0
    assert (tmp_path / "out").stat().st_size > 0
    (tmp_path / "text").write_bytes(NOT_AUDIO)
    with pytest.raises(StemUnreadable):
        await desk.encode(tmp_path / "text", tmp_path / "out", "m4a_44100_128")
    with pytest.raises(UnknownOutputFormat):
        await desk.encode(stem, tmp_path / "out", cast("OutputFormat", "cassette"))


@pytest.mark.parametrize("output_format", ["m4a_44100_128", "mp3_44100_128", "flac_44100"])
async def test_an_encoded_stem_has_the_same_samples(
    children: ChildPool, stem: Path, tmp_path: Path, output_format: OutputFormat
) -> None:
    await MasteringStudio(children).encode(stem, tmp_path / "out", output_format)
    (decoded, rate), given = decode(tmp_path / "out"), read_stem(stem)
    assert rate == SAMPLE_RATE
    middle = slice(SAMPLE_RATE // 2, 3 * SAMPLE_RATE // 2)
    assert decoded[0, middle] == pytest.approx(given[0, middle], abs=0.02)  # no delay, the same level


async def test_what_cannot_be_mastered_is_rejected_for_good(desk: MasteringDesk, stem: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(NOT_AUDIO)
    with pytest.raises(UnknownOutputFormat) as unknown:
        await desk.master(None, stem, tmp_path / "out", cast("OutputFormat", "cassette"))
    with pytest.raises(StemUnreadable) as text:
        await desk.master(None, tmp_path / "text", tmp_path / "out", "wav_44100")
    assert (unknown.value.permanent, text.value.permanent) == (True, True)
