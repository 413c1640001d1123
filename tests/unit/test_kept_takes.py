"""Takes of drums that are kept for other pieces: what is heard is the same as if nobody had kept them."""

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.audio.arrays import Stereo
from adapters.audio.instruments import PATCHES, Patches, kept_takes
from adapters.audio.instruments.kept_takes import keeping
from adapters.audio.instruments.player import Bus, play_part
from adapters.audio.mix.band_mix import render_band
from domain.music.instruments import Instrument
from domain.music.score import Part, ScoreNote
from tests.support.scores import score


def strokes(patches: Patches, *, seed: int = 1, key: int = 38) -> Stereo:
    sound = np.zeros((2, 44_100), np.float32)
    notes = tuple(ScoreNote(0.2 * turn, 0.1, key, 0.8) for turn in range(4))
    play_part(Part(name="a", instrument=Instrument.ROCK_KIT, notes=notes), (Bus(sound, 1.0),), seed, patches=patches)
    return sound


def silenced(patches: Patches) -> Patches:
    """Return patches whose kits cannot render anything any more."""
    return {
        instrument: msgspec.structs.replace(patch, tone=lambda *_: np.zeros((2, 9), np.float32))
        for instrument, patch in patches.items()
    }


@pytest.mark.parametrize("style", ["cinematic", "lofi"])
def test_a_piece_sounds_the_same_whether_its_takes_were_kept_or_not(style: str, tmp_path: Path) -> None:
    piece = score(style, bars=2)
    alone = render_band(piece)
    for _ in range(2):
        assert np.array_equal(render_band(piece, keeping(PATCHES, tmp_path)), alone)
    assert list(tmp_path.glob("*.f32"))
    assert not list(tmp_path.glob("*.draft"))


def test_a_take_is_rendered_once_for_all_pieces(tmp_path: Path) -> None:
    first = strokes(keeping(PATCHES, tmp_path), seed=1)
    again = strokes(silenced(keeping(PATCHES, tmp_path)), seed=2)
    assert np.array_equal(first, again)
    assert np.abs(first).max() > 0.1


def test_only_drums_are_kept(tmp_path: Path) -> None:
    render_band(score("cinematic", bars=2), keeping(PATCHES, tmp_path))
    assert {file.name.split("-")[0] for file in tmp_path.iterdir()} == {Instrument.CINEMATIC_KIT}


@pytest.mark.parametrize("left", [0, 12, 4096])
def test_what_was_cut_off_is_rendered_again(left: int, tmp_path: Path) -> None:
    first = strokes(keeping(PATCHES, tmp_path))
    for file in tmp_path.iterdir():
        os.truncate(file, left)
    assert np.array_equal(strokes(keeping(PATCHES, tmp_path)), first)


def test_takes_are_rendered_where_the_disk_refuses_them(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert np.array_equal(strokes(keeping(PATCHES, nowhere)), strokes(PATCHES))
    assert not nowhere.exists()


def test_what_was_used_longest_ago_is_forgotten_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, key in enumerate((36, 38, 42)):
        strokes(keeping(PATCHES, tmp_path), key=key)
        for file in tmp_path.glob(f"*-{key}-*"):
            os.utime(file, (1000 + age, 1000 + age))
    strokes(keeping(PATCHES, tmp_path), key=36)  # used again
    used = {key: sum(file.stat().st_size for file in tmp_path.glob(f"*-{key}-*")) for key in (36, 38, 42)}
    monkeypatch.setattr(kept_takes, "MOST_BYTES", used[36] + used[42])
    keeping(PATCHES, tmp_path)
    assert {int(file.name.split("-")[1]) for file in tmp_path.iterdir()} == {36, 42}
