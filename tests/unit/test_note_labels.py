"""The benchmark of transcription reads labels as they are published, refuses others, and scores as mir_eval does."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from benchmarks.note_labels import LabelError, labelled_recordings, read_labels
from benchmarks.note_scores import scores
from benchmarks.transcribers import METHODS, installed
from benchmarks.transcription import Clip, evaluate, main

from domain.music.hum import HummedNote

EXPECTED = (HummedNote(0.5, 0.25, 69.0, 1.0), HummedNote(1.0, 0.5, 57.0, 1.0))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "0.5,440.0,0.25\n1.0,220,0.5\n"),
        ("a.csv", "# by Tony\n0.5,440.0,0.25,A4\n1.0,220,0.5,A3\n"),
        ("a.csv", "\ufeffonset,offset,midi\n0.5,0.75,69\n1.0,1.5,57\n"),
        ("a.csv", "start,pitch_hz,duration\r\n1.0,220,0.5\r\n0.5,440,0.25\r\n"),
        ("a.txt", "0.5\t0.75\t69.0\n1.0 1.5 57\n"),
        ("a.txt", "time frequency duration\n0.5 440 0.25\n1.0 220 0.5\n"),
    ],
)
def test_labels_are_read_in_both_orders_and_by_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_labels(tmp_path / name) == EXPECTED


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "0.5,440\n", r"a\.csv, line 1: 3 columns expected .* got 2"),
        ("a.csv", "0.5,69,0.25\n0.5,20,0.25\n", "line 2: pitch 20 is not within 30 to 5000 hz"),
        ("a.txt", "0.5 0.75 440\n", "pitch 440 is not within 20 to 110 midi"),
        ("a.txt", "0.5 0.4 60\n", "a note from 0.5 s that lasts -0.100 s is impossible"),
        ("a.txt", "0.5 nan 60\n", "offset is no number: 'nan'"),
        ("a.csv", "onset,colour\n0.5,red\n", "columns must name onset"),
        ("a.csv", "", "no notes"),
        ("a.lab", "0.5 0.75 69\n", "labels are .csv or .txt files"),
    ],
)
def test_other_labels_are_refused_with_file_and_line(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=problem):
        read_labels(tmp_path / name)


def test_a_folder_needs_recordings_and_one_file_of_labels_each(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no \\.wav file"):
        labelled_recordings(tmp_path)
    soundfile.write(tmp_path / "a.wav", np.zeros(160), 16_000)
    with pytest.raises(LabelError, match="no labels"):
        labelled_recordings(tmp_path)
    (tmp_path / "a.csv").write_text("0.5,440,0.25\n")
    assert [path.name for path, _ in labelled_recordings(tmp_path)] == ["a.wav"]
    (tmp_path / "a.txt").write_text("0.5 0.75 69\n")
    with pytest.raises(LabelError, match="both"):
        labelled_recordings(tmp_path)


def test_bias_is_measured_and_taken_away() -> None:
    heard = tuple(HummedNote(n.onset + 0.06, n.duration, n.pitch + 0.6, 1.0) for n in EXPECTED)
    got = scores([EXPECTED], [heard], cpu=1.0)
    assert (got.plain, got.corrected) == (0.0, 100.0)
    assert got.cents == pytest.approx(60, abs=1e-6)
    assert got.ms == pytest.approx(60, abs=1e-6)


def test_silence_scores_nothing_and_hearing_nothing_in_silence_scores_all() -> None:
    assert scores([EXPECTED], [()], cpu=1.0).plain == 0.0
    assert scores([()], [()], cpu=1.0).plain == 100.0


@pytest.mark.filterwarnings("default")  # those of other packages are not ours
@pytest.mark.parametrize("method", [name for name in METHODS if installed(name)])
def test_every_method_hears_most_of_three_plain_notes(method: str) -> None:
    time, gap = np.arange(int(0.6 * 16_000)) / 16_000, np.zeros(3200)
    tones = [sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6)) for hertz in (220.0, 261.63, 329.63)]
    fade = np.minimum(np.minimum(time, time[::-1]) / 0.02, 1)
    sound = np.concatenate([gap, *(part for tone in tones for part in (0.2 * tone * fade, gap))]).astype(np.float32)
    labels = tuple(HummedNote(0.2 + 0.8 * index, 0.6, pitch, 1.0) for index, pitch in enumerate((57.0, 60.0, 64.0)))
    assert evaluate([Clip(sound, labels)], method).plain > 60


def test_a_folder_is_measured_and_a_wrong_one_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    time = np.arange(16_000) / 16_000
    soundfile.write(tmp_path / "a.wav", 0.3 * np.sin(2 * np.pi * 440 * time) * (time > 0.5), 16_000)
    (tmp_path / "a.csv").write_text("0.5,440,0.5\n")
    assert main([str(tmp_path), "--no-synthetic", "--only", "segment_notes 80 ms"]) == 0
    assert "1 recordings, 1 notes" in capsys.readouterr().out
    (tmp_path / "a.csv").write_text("0.5,440\n")
    assert main([str(tmp_path), "--no-synthetic"]) == 2
    assert "3 columns expected" in capsys.readouterr().err
