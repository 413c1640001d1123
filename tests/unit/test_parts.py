"""Stems of groups of parts: in sync with the instrumental, and together what it was before its saturation."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from scipy import signal

from adapters.audio.arrays import Stereo
from adapters.audio.codecs.encoding import decode
from adapters.audio.mix.band import play
from adapters.audio.mix.band_mix import mix_band, render_group
from domain.music.score import PartGroup, Score
from domain.music.styles.registry import STYLES
from domain.music.styles.style import BASS, DRUMS, LEAD
from tests.support.scores import score
from tests.support.styles import HEARD_STYLES
from tests.unit.test_arrangement import score as composed


def level(sound: Stereo) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


def groups_of(piece: Score, gain: float) -> dict[PartGroup, Stereo]:
    return {group: render_group(piece, group, gain) for group in piece.groups}


def as_one_group(piece: Score) -> Score:
    parts = tuple(msgspec.structs.replace(part, group=PartGroup.OTHER) for part in piece.parts)
    return msgspec.structs.replace(piece, parts=parts)


@pytest.fixture(scope="module", params=HEARD_STYLES)
def piece(request: pytest.FixtureRequest) -> Score:
    return score(request.param, bars=2)


@pytest.fixture(scope="module")
def band(piece: Score) -> tuple[Stereo, float]:
    return mix_band(piece)


@pytest.fixture(scope="module")
def groups(piece: Score, band: tuple[Stereo, float]) -> dict[PartGroup, Stereo]:
    return groups_of(piece, band[1])


def test_the_groups_add_up_to_the_band_before_its_saturation(
    piece: Score, band: tuple[Stereo, float], groups: dict[PartGroup, Stereo]
) -> None:
    (whole,) = groups_of(as_one_group(piece), band[1]).values()
    assert level(sum(groups.values(), -whole)) < level(whole) - 60  # the filter of rumble rounds at about −73
    assert level(whole) > -40


def test_the_groups_are_in_sync_with_the_stem_and_at_its_level(
    band: tuple[Stereo, float], groups: dict[PartGroup, Stereo]
) -> None:
    stem, _ = band
    assert {sound.shape for sound in groups.values()} == {stem.shape}
    together = sum(groups.values(), np.zeros_like(stem))
    likeness = signal.correlate(stem[0], together[0], "same", "fft")
    assert int(likeness.argmax()) == stem.shape[1] // 2
    assert level(together) == pytest.approx(level(stem), abs=3)  # saturation makes the stem denser


def test_each_group_is_heard_where_its_parts_play(groups: dict[PartGroup, Stereo], piece: Score) -> None:
    assert tuple(groups) == piece.groups
    assert all(level(sound) > -60 for sound in groups.values())
    assert all(np.abs(sound).max() < 1 for sound in groups.values())


def test_kicks_duck_a_group_as_they_duck_the_band() -> None:
    piece = score("synthwave", bars=2)
    quiet_drums = msgspec.structs.replace(
        piece, parts=tuple(part for part in piece.parts if part.group is not PartGroup.DRUMS)
    )
    ducked, free = (groups_of(each, 1.0)[PartGroup.CHORDS] for each in (piece, quiet_drums))
    assert level(ducked) < level(free) - 1


def names_in(piece: Score, group: PartGroup) -> set[str]:
    return {part.name for part in piece.parts if part.group is group}


@pytest.mark.parametrize("style", STYLES)
def test_parts_belong_to_the_group_of_what_they_play(style: str) -> None:
    piece = composed(style=style, sections=[{"name": "chorus", "bars": 8, "energy": 1.0}])
    names = {part.name for part in piece.parts}
    assert names_in(piece, PartGroup.LEAD) == {name for name in names if name.startswith(LEAD)}
    assert names_in(piece, PartGroup.BASS) == names & {BASS}
    assert names_in(piece, PartGroup.DRUMS) >= {part.name for part in piece.parts if part.instrument.is_kit}
    assert DRUMS not in names or DRUMS in names_in(piece, PartGroup.DRUMS)
    assert names_in(piece, PartGroup.CHORDS)
    assert "counter" not in names or "counter" in names_in(piece, PartGroup.OTHER)


def test_a_score_without_notes_has_no_groups() -> None:
    silent = msgspec.structs.replace(score(bars=2), parts=())
    assert silent.groups == ()
    assert groups_of(silent, mix_band(silent).gain) == {}


def test_wanted_groups_are_written_as_flac_or_opus_and_the_stem_stays_the_same(tmp_path: Path) -> None:
    piece = score("lofi", bars=2)
    files = {PartGroup.LEAD: tmp_path / "lead.flac", PartGroup.BASS: tmp_path / "bass.opus"}
    play(piece, tmp_path / "alone.flac")
    play(piece, tmp_path / "stem.flac", files)
    assert (tmp_path / "alone.flac").read_bytes() == (tmp_path / "stem.flac").read_bytes()
    assert {file.name for file in tmp_path.iterdir()} == {"alone.flac", "stem.flac", "lead.flac", "bass.opus"}
    stem, lead = (soundfile.info(tmp_path / name) for name in ("stem.flac", "lead.flac"))
    assert (lead.frames, lead.format, lead.subtype) == (stem.frames, "FLAC", "PCM_24")
    bass, rate = decode(files[PartGroup.BASS])
    assert bass.shape[1] / rate == pytest.approx(stem.duration, abs=0.03)


def test_a_group_without_notes_is_not_written(tmp_path: Path) -> None:
    piece = score(bars=2)
    alone = msgspec.structs.replace(piece, parts=piece.parts[:1])
    play(alone, tmp_path / "stem.flac", {PartGroup.DRUMS: tmp_path / "drums.flac"})
    assert not (tmp_path / "drums.flac").exists()
