"""The contracts of `Singer` and `Band`: over the fakes, PSOLA and the synthesisers."""

from pathlib import Path

import msgspec
import pytest

from adapters.audio.children.pool import ChildPool
from adapters.audio.studio import PsolaSinger, SynthBand
from application.ports.performers import Band, MelodyPicture, Singer, SoundFontMissing
from domain.errors import BadAudio
from domain.music.score import PartGroup, Score
from domain.music.sung import SungNote, VocalLine
from tests.support.fake_studio import NOT_AUDIO, FakeBand, FakeSinger
from tests.support.fake_tools import ANALYSIS
from tests.support.hums import hum, random_melody, write_wav
from tests.support.scores import score

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[FakeSinger, PsolaSinger])
def singer(request: pytest.FixtureRequest, children: ChildPool) -> Singer:
    return PsolaSinger(children) if request.param is PsolaSinger else FakeSinger()


@pytest.fixture(params=[FakeBand, SynthBand])
def band(request: pytest.FixtureRequest, children: ChildPool) -> Band:
    return SynthBand(children) if request.param is SynthBand else FakeBand()


def a_song() -> Score:
    """Return two bars with two sung notes."""
    notes = (SungNote(0.5, 0.6, 60.0, 0.5, 0.4, 0.8), SungNote(1.5, 0.6, 62.0, 1.0, 0.4, 0.8))
    return msgspec.structs.replace(score("lofi", bars=2, tail=1.0), vocals=(VocalLine(role="lead", notes=notes),))


async def test_the_vocals_are_as_long_as_the_score_and_report_their_notes(singer: Singer, tmp_path: Path) -> None:
    song = a_song()
    write_wav(tmp_path / "hum", hum(random_melody(3), seed=3).samples)
    report = await singer.sing(tmp_path / "hum", song, tmp_path / "vocals.flac")
    assert report.duration == pytest.approx(song.duration + song.tail, abs=0.001)
    assert report.rendered_notes == 2
    assert report.peak_dbfs <= 0
    assert (tmp_path / "vocals.flac").stat().st_size > 0


@pytest.mark.parametrize("sung", [True, False])
async def test_the_hum_is_drawn_where_a_picture_is_wanted(singer: Singer, tmp_path: Path, *, sung: bool) -> None:
    song = a_song() if sung else msgspec.structs.replace(a_song(), vocals=())
    write_wav(tmp_path / "hum", hum(random_melody(3), seed=3).samples)
    picture = MelodyPicture(ANALYSIS, tmp_path / "picture.svg")
    await singer.sing(tmp_path / "hum", song, tmp_path / "vocals.flac", picture=picture)
    assert picture.out.read_text().startswith("<svg")


async def test_a_recording_that_is_not_audio_cannot_be_sung(singer: Singer, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(NOT_AUDIO)
    with pytest.raises(BadAudio) as refused:
        await singer.sing(tmp_path / "text", a_song(), tmp_path / "vocals.flac")
    assert refused.value.code == "not_audio"


async def test_a_band_refuses_a_soundfont_that_it_has_not(band: Band, tmp_path: Path) -> None:
    band.require("")
    with pytest.raises(SoundFontMissing):
        band.require("0f" * 32)
    with pytest.raises(SoundFontMissing):
        await band.play(a_song(), tmp_path / "band.flac", soundfont="0f" * 32)
    assert not (tmp_path / "band.flac").exists()


async def test_the_instrumental_is_as_long_as_the_score_and_reports_its_notes(band: Band, tmp_path: Path) -> None:
    song = a_song()
    report = await band.play(song, tmp_path / "band.flac")
    assert report.duration == pytest.approx(song.duration + song.tail, abs=0.001)
    assert report.rendered_notes == sum(len(part.notes) for part in song.parts)
    assert report.peak_dbfs <= 0
    assert (tmp_path / "band.flac").stat().st_size > 0


async def test_parts_with_notes_are_written_where_they_are_wanted(band: Band, tmp_path: Path) -> None:
    song = a_song()
    drumless = msgspec.structs.replace(
        song, parts=tuple(part for part in song.parts if part.group is not PartGroup.DRUMS)
    )
    files = {group: tmp_path / f"{group}.flac" for group in (PartGroup.LEAD, PartGroup.DRUMS)}
    await band.play(drumless, tmp_path / "band.flac", files)
    assert [group for group, file in files.items() if file.exists()] == [PartGroup.LEAD]


async def test_the_score_is_written_as_midi_and_as_a_lead_sheet(band: Band, tmp_path: Path) -> None:
    await band.notate(a_song(), tmp_path / "melody.mid", tmp_path / "sheet.musicxml")
    assert (tmp_path / "melody.mid").read_bytes()[:4] == b"MThd"
    assert b"<score-partwise" in (tmp_path / "sheet.musicxml").read_bytes()
