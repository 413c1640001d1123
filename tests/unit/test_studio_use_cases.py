# ruff: noqa: ASYNC240 - the files are a few bytes in a temporary folder
"""The studio's use cases over fakes of its ports."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import pytest

from application.ports.mastering import EncodingFailed
from application.ports.moments_api import MomentRefused
from application.ports.speech import Speech, SpeechUnavailable, Wording
from application.ports.tools import ToolResult, ToolsBusy
from application.ports.transcriber import Transcription
from application.ports.transfers import TransferFailed
from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment, CreateMomentRequest
from application.studio.mix_and_master import MixAndMaster, Stems
from application.studio.render_instrumental import NotationUrls, PartUrls, RenderInstrumental
from application.studio.render_vocals import RenderVocals
from application.studio.validate_blueprint import validate_blueprint
from domain.blueprints.blueprint import Blueprint, OutputKind, to_dict
from domain.blueprints.fields import DEFAULT_LYRICS
from domain.blueprints.metadata import to_json
from domain.errors import BadAudio
from domain.music.lyrics.alignment import SpokenLine
from domain.music.score import PartGroup
from domain.warnings import WarningCode
from tests.support.fake_studio import (
    FakeBand,
    FakeMasteringDesk,
    FakeMoments,
    FakeSinger,
    FakeSpeaker,
    FakeTranscriber,
    FakeTransfers,
)
from tests.support.fake_tools import ANALYSIS
from tests.support.hummed_analyses import ODE_PHRASES, hum
from tests.support.jobs import a_blueprint

pytestmark = pytest.mark.anyio

HUM = {"memory://hum": b"hum", "memory://silence": b"silence"}


SOUNDFONT = "0f" * 32


class Steps:
    """Collects what progress says."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    async def __call__(self, done: float) -> None:
        self.seen.append(done)


@pytest.fixture
def transfers(tmp_path: Path) -> FakeTransfers:
    """Files in memory, with a hum among them."""
    return FakeTransfers(tmp_path, dict(HUM))


async def test_a_hum_is_analysed(transfers: FakeTransfers) -> None:
    steps = Steps()
    analysis = await AnalyzeHum(transfers, FakeTranscriber())("memory://hum", {"tempo_bpm": 120}, steps)
    assert len(analysis.notes) == 7
    assert analysis.tempo_bpm == 120
    assert steps.seen == sorted(steps.seen)
    assert not any(folder.exists() for folder in transfers.workspaces)


async def test_damage_of_the_recording_is_passed_on(transfers: FakeTransfers, tmp_path: Path) -> None:
    class Damaged(FakeTranscriber):
        async def transcribe(self, recording: Path) -> Transcription:
            return msgspec.structs.replace(await super().transcribe(recording), damage="half of it is empty")

    analysis = await AnalyzeHum(transfers, Damaged())("memory://hum", {}, Steps())
    assert analysis.damage == "half of it is empty"


async def test_a_failed_analysis_leaves_nothing_behind(transfers: FakeTransfers) -> None:
    listen = AnalyzeHum(transfers, FakeTranscriber())
    with pytest.raises(BadAudio):
        await listen("memory://silence", {}, Steps())
    with pytest.raises(TransferFailed):
        await listen("memory://nothing", {}, Steps())
    assert not any(folder.exists() for folder in transfers.workspaces)


async def test_vocals_are_uploaded_or_kept(transfers: FakeTransfers) -> None:
    render = RenderVocals(transfers, FakeSinger(), FakeSpeaker())
    uploaded = await render(
        a_blueprint(), OutputKind.PREVIEW, audio_url="memory://hum", upload_url="memory://v", progress=Steps()
    )
    kept = await render(a_blueprint(), OutputKind.PREVIEW, audio_url="memory://hum", upload_url="", progress=Steps())
    assert transfers.files["memory://v"] == b"sung from hum"
    assert transfers.mime_types["memory://v"] == "audio/flac"
    assert uploaded.sha256 == hashlib.sha256(b"sung from hum").hexdigest()
    assert (uploaded.uploaded, uploaded.path, uploaded.size) == (True, "", 13)
    assert (kept.uploaded, Path(kept.path).read_bytes()) == (False, b"sung from hum")


def sung(lyrics: str = "la la\n[Chorus]\nso it goes", mode: str = "lyrics") -> Blueprint:
    return a_blueprint(lyrics=lyrics, metadata={"analysis": to_json(hum(phrases=ODE_PHRASES)), "vocals": mode})


async def rendered(transfers: FakeTransfers, speaker: FakeSpeaker, blueprint: Blueprint) -> ToolResult:
    render = RenderVocals(transfers, FakeSinger(), speaker)
    return await render(blueprint, OutputKind.SONG, audio_url="memory://hum", upload_url="memory://v", progress=Steps())


@pytest.mark.parametrize("mode", ["lyrics", "both"])
async def test_lyrics_are_said_once_each_and_sung(transfers: FakeTransfers, mode: str) -> None:
    speaker = FakeSpeaker()
    result = await rendered(transfers, speaker, sung(mode=mode))
    assert result.warnings == ()
    assert transfers.files["memory://v"].startswith(b"sung from hum with sa")
    (wordings,) = speaker.wordings
    assert len(set(wordings)) == len(wordings)
    assert {word for wording in wordings for word in wording.words} == {"so", "it", "goes"}


async def test_a_hum_is_said_by_nobody(transfers: FakeTransfers) -> None:
    speaker = FakeSpeaker()
    for blueprint in (sung(mode="hum"), a_blueprint(lyrics="la la")):
        assert (await rendered(transfers, speaker, blueprint)).warnings == ()
    assert speaker.wordings == []
    assert transfers.files["memory://v"] == b"sung from hum"


async def test_lyrics_are_hummed_with_a_warning_where_no_engine_says_them(transfers: FakeTransfers) -> None:
    speaker = FakeSpeaker()
    speaker.faults.fail("speak", SpeechUnavailable("it crashed at /usr/lib/secret"))
    result = await rendered(transfers, speaker, sung())
    (warning,) = result.warnings
    assert (warning.code, warning.pointer) == (WarningCode.LYRICS_NOT_SUNG, "/lyrics")
    assert "secret" not in warning.message
    assert transfers.files["memory://v"] == b"sung from hum"


async def test_an_engine_that_says_nothing_leaves_the_hum(transfers: FakeTransfers) -> None:
    class Mute(FakeSpeaker):
        async def speak(self, wordings: Sequence[Wording], out: Path) -> Speech:
            speech = await super().speak(wordings, out)
            return msgspec.structs.replace(speech, lines=tuple(SpokenLine((), 0.0) for _ in speech.lines))

    result = await rendered(transfers, Mute(), sung())
    assert [warning.code for warning in result.warnings] == [WarningCode.LYRICS_NOT_SUNG]
    assert transfers.files["memory://v"] == b"sung from hum"


@pytest.mark.parametrize("lyrics", ["\u2600\ufe0f \u661f", "[Chorus]", DEFAULT_LYRICS])
async def test_lyrics_without_words_are_hummed_with_a_warning(transfers: FakeTransfers, lyrics: str) -> None:
    speaker = FakeSpeaker()
    (warning,) = (await rendered(transfers, speaker, sung(lyrics))).warnings
    assert warning.code is WarningCode.LYRICS_NOT_SUNG
    assert "words" in warning.message
    assert speaker.wordings == []


async def test_the_picture_of_the_hum_shows_what_was_heard(transfers: FakeTransfers) -> None:
    render = RenderVocals(transfers, FakeSinger(), FakeSpeaker())
    urls = {"audio_url": "memory://hum", "upload_url": "memory://v", "picture_url": "memory://p"}
    heard = a_blueprint(metadata={"analysis": to_json(ANALYSIS)})
    drawn = await render(heard, OutputKind.PREVIEW, **urls, progress=Steps())
    assert transfers.files.pop("memory://p") == b"<svg>7</svg>"
    assert transfers.mime_types["memory://p"] == "image/svg+xml"
    assert drawn.extras == {"picture_melody": 12}
    unheard = await render(a_blueprint(), OutputKind.PREVIEW, **urls, progress=Steps())
    assert (unheard.extras, "memory://p" in transfers.files) == ({}, False)


async def test_the_instrumental_brings_its_score(transfers: FakeTransfers) -> None:
    band = FakeBand()
    delivery = await RenderInstrumental(transfers, band)(
        a_blueprint(),
        OutputKind.PREVIEW,
        upload_url="memory://i",
        notation_urls=NotationUrls(midi="memory://m", lead_sheet="memory://l"),
        progress=Steps(),
    )
    assert transfers.files["memory://m"] == b"MThd"
    assert transfers.files["memory://l"] == b"<score-partwise/>"
    assert delivery.extras == {"melody": 4, "lead_sheet": 17}
    (score,) = band.scores
    notes = sum(len(part.notes) for part in score.parts)
    assert delivery.chords == score.progression != ()
    assert delivery.form == score.form != ()
    assert delivery.harmony == score.harmony != ()
    assert delivery.detail == {"duration": score.duration + score.tail, "rendered_notes": notes}


async def test_the_score_is_written_while_the_band_plays(transfers: FakeTransfers) -> None:
    band, writing = FakeBand(), anyio.Event()

    async def wait(*_: object, **__: object) -> None:
        await writing.wait()

    async def write(*_: object) -> None:
        writing.set()

    band.faults.before("play", wait)
    band.faults.before("notate", write)
    with anyio.fail_after(5):
        delivery = await RenderInstrumental(transfers, band)(
            a_blueprint(),
            OutputKind.PREVIEW,
            upload_url="memory://i",
            notation_urls=NotationUrls(midi="memory://m"),
            progress=Steps(),
        )
    assert delivery.extras == {"melody": 4}


@pytest.mark.parametrize("call", ["play", "notate"])
async def test_what_fails_while_the_band_plays_is_raised_as_it_is(transfers: FakeTransfers, call: str) -> None:
    band = FakeBand()
    band.faults.fail(call, EncodingFailed("no room"))
    with pytest.raises(EncodingFailed, match="no room"):
        await RenderInstrumental(transfers, band)(
            a_blueprint(),
            OutputKind.PREVIEW,
            upload_url="memory://i",
            notation_urls=NotationUrls(midi="memory://m"),
            progress=Steps(),
        )


@pytest.mark.parametrize("suffix", ["flac", "opus"])
async def test_parts_that_have_notes_are_uploaded_where_they_are_wanted(transfers: FakeTransfers, suffix: str) -> None:
    band, urls = FakeBand(), {"lead": "memory://lead", "other": "memory://other", "bass": ""}
    delivery = await RenderInstrumental(transfers, band)(
        a_blueprint(sections=[{"name": "theme", "bars": 8, "energy": 0.1}]),
        OutputKind.PREVIEW,
        upload_url="memory://i",
        notation_urls=NotationUrls(),
        part_urls=PartUrls.of(urls, suffix),
        progress=Steps(),
    )
    assert PartGroup.OTHER not in band.scores[0].groups  # so few play so softly
    assert transfers.files["memory://lead"] == b"played lead"
    assert set(transfers.mime_types) == {"memory://i", "memory://lead"}
    assert transfers.mime_types["memory://lead"] == {"flac": "audio/flac", "opus": "audio/ogg"}[suffix]
    assert delivery.extras == {"part_lead": 11}


async def test_stems_are_mixed(transfers: FakeTransfers) -> None:
    transfers.files |= {"memory://v": b"voice", "memory://i": b"band"}
    delivery = await MixAndMaster(transfers, FakeBand(), FakeMasteringDesk())(
        a_blueprint(),
        OutputKind.PREVIEW,
        stems=Stems(vocals_url="memory://v", instrumental_url="memory://i"),
        upload_url="memory://final",
        output_format="mp3_44100_192",
        progress=Steps(),
    )
    assert transfers.files["memory://final"] == b"voice + band + mp3_44100_192"
    assert delivery.detail == {"duration": 12.0, "lufs": -14.0, "true_peak_dbtp": -1.2}


async def test_the_picture_of_the_music_is_uploaded_where_it_is_wanted(transfers: FakeTransfers) -> None:
    transfers.files |= {"memory://i": b"band"}
    mix = MixAndMaster(transfers, FakeBand(), FakeMasteringDesk())
    delivery = await mix(
        a_blueprint(style="lofi", key="Dm"),
        OutputKind.PREVIEW,
        stems=Stems(instrumental_url="memory://i"),
        upload_url="memory://final",
        picture_url="memory://p",
        output_format="mp3_44100_128",
        progress=Steps(),
    )
    picture = transfers.files["memory://p"]
    assert picture == b"<svg>lofi, Dm, 96 bpm, 4/4</svg>"
    assert transfers.mime_types["memory://p"] == "image/svg+xml"
    assert delivery.extras == {"picture_waveform": len(picture)}


async def test_without_stems_the_band_plays_and_the_file_is_kept(transfers: FakeTransfers) -> None:
    band = FakeBand()
    delivery = await MixAndMaster(transfers, band, FakeMasteringDesk())(
        a_blueprint(),
        OutputKind.SONG,
        stems=Stems(),
        upload_url="",
        output_format="opus_48000_128",
        progress=Steps(),
    )
    assert len(band.scores) == 1
    assert Path(delivery.path).read_bytes() == b"nobody + played + opus_48000_128"
    assert delivery.path.endswith(".opus")


async def test_the_band_plays_with_the_soundfont_that_the_blueprint_names(transfers: FakeTransfers) -> None:
    band, blueprint = FakeBand(SOUNDFONT), a_blueprint(metadata={"soundfont": SOUNDFONT})
    await RenderInstrumental(transfers, band)(
        blueprint, OutputKind.PREVIEW, upload_url="", notation_urls=NotationUrls(), progress=Steps()
    )
    await mixed(transfers, band, blueprint, Stems())
    await mixed(transfers, band, a_blueprint(), Stems())
    assert band.played_with == [SOUNDFONT, SOUNDFONT, ""]


async def test_a_band_without_that_soundfont_is_busy_before_it_does_anything(transfers: FakeTransfers) -> None:
    band, blueprint, steps = FakeBand("ab" * 32), a_blueprint(metadata={"soundfont": SOUNDFONT}), Steps()
    with pytest.raises(ToolsBusy, match="without the SoundFont 0f0f0f0f0f0f…") as busy:
        await RenderInstrumental(transfers, band)(
            blueprint, OutputKind.PREVIEW, upload_url="", notation_urls=NotationUrls(), progress=steps
        )
    with pytest.raises(ToolsBusy):
        await mixed(transfers, band, blueprint, Stems())
    assert busy.value.retry_after > 0
    assert (transfers.workspaces, band.scores, steps.seen) == ([], [], [])


async def test_mixing_finished_stems_needs_no_soundfont(transfers: FakeTransfers) -> None:
    transfers.files["memory://i"] = b"band"
    blueprint = a_blueprint(metadata={"soundfont": SOUNDFONT})
    delivery = await mixed(transfers, FakeBand(), blueprint, Stems(instrumental_url="memory://i"))
    assert delivery.detail["lufs"] == -14.0


async def mixed(transfers: FakeTransfers, band: FakeBand, blueprint: Blueprint, stems: Stems) -> ToolResult:
    mix = MixAndMaster(transfers, band, FakeMasteringDesk())
    return await mix(
        blueprint, OutputKind.PREVIEW, stems=stems, upload_url="", output_format="mp3_44100_128", progress=Steps()
    )


async def test_a_missing_stem_is_reported(transfers: FakeTransfers) -> None:
    with pytest.raises(TransferFailed):
        await MixAndMaster(transfers, FakeBand(), FakeMasteringDesk())(
            a_blueprint(),
            OutputKind.PREVIEW,
            stems=Stems(vocals_url="memory://gone", instrumental_url="memory://gone"),
            upload_url="",
            output_format="mp3_44100_128",
            progress=Steps(),
        )


def test_every_problem_of_a_blueprint_is_listed() -> None:
    assert validate_blueprint(to_dict(a_blueprint())) == []
    problems = validate_blueprint({"id": "x", "tempo_bpm": 20, "key": "H"})
    assert len(problems) >= 2
    assert all(": " in problem and problem.startswith("/") for problem in problems)
    assert validate_blueprint("nonsense") == ["/: must be an object"]


async def test_a_moment_is_waited_for(transfers: FakeTransfers) -> None:
    working = {"status": "RENDERING", "terminal": False, "progress": 0.4}
    moments = FakeMoments(working, working, {"status": "COMPLETED", "terminal": True, "final_audio_url": "u"})
    steps = Steps()
    request = CreateMomentRequest(
        audio_url="memory://hum", fields={"output_kind": "song"}, poll_interval=0.01, timeout=10
    )
    job_id, status = await CreateMoment(transfers, moments)(request, steps)
    assert (job_id, status["status"]) == ("job-1", "COMPLETED")
    assert moments.submitted == [(b"hum", "hum", "", "song")]
    assert steps.seen == [0.4, 0.4]


async def test_a_moment_that_takes_too_long_returns_its_status(transfers: FakeTransfers, tmp_path: Path) -> None:
    (tmp_path / "my hum.wav").write_bytes(b"hmm")
    moments = FakeMoments({"status": "RENDERING", "terminal": False})
    request = CreateMomentRequest(audio_path=str(tmp_path / "my hum.wav"), poll_interval=0.01, timeout=0.05)
    _, status = await CreateMoment(transfers, moments)(request, Steps())
    assert status["status"] == "RENDERING"
    assert moments.submitted == [(b"hmm", "my hum.wav", "", "")]


async def test_a_moment_that_fails_is_a_failure(transfers: FakeTransfers) -> None:
    moments = FakeMoments({"status": "CANCELLED", "terminal": True})
    request = CreateMomentRequest(audio_url="memory://hum", poll_interval=0.01, timeout=10)
    with pytest.raises(MomentRefused, match=r"CANCELLED \(job job-1\)"):
        await CreateMoment(transfers, moments)(request, Steps())
