"""Instruments read from a SoundFont, measured as the synthesised ones are: in tune, equally loud, deterministic."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.instruments import PATCHES, Patches
from adapters.audio.instruments.patch import TARGET_LUFS
from adapters.audio.instruments.signals import to_samples
from adapters.audio.mix.band_mix import render_band
from adapters.audio.sampling import recordings
from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.patches import patches_of, warm_up
from adapters.audio.sampling.programs import SAMPLED
from adapters.audio.sampling.recordings import Recordings
from adapters.audio.sampling.riff import read_chunks
from adapters.audio.sampling.sampler import Sampler
from adapters.audio.sampling.soundfont import find_soundfont
from adapters.audio.sampling.zones import Records
from domain.music.instruments import Instrument
from domain.music.score import ScoreNote
from domain.music.theory.pitch import to_hz
from tests.support.instrument_measures import momentary, pitch_error, spectrum
from tests.support.scores import one_part, score
from tests.support.soundfonts import LOOP, write_soundfont

PIANO = Instrument.PIANO.program


@pytest.fixture(scope="module", params=["sf2", "sf3"])
def patches(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Patches:
    path = tmp_path_factory.mktemp("sets") / request.param
    return patches_of(find_soundfont(write_soundfont(path, compressed=request.param == "sf3")))


def take(patches: Patches, instrument: Instrument, pitch: int, velocity: float = 0.8, seconds: float = 1.5) -> Stereo:
    return patches[instrument].render_take(pitch, velocity, to_samples(seconds), np.random.default_rng(1))


def played(path: Path, pitch: int = 60, velocity: float = 0.8, seconds: float = 1.0, **changes: object) -> Stereo:
    """Return a note of the piano of a new SoundFont."""
    with write_soundfont(path, **changes).open("rb") as file:  # type: ignore[arg-type]
        return Sampler(file).play(PIANO, pitch, velocity, to_samples(seconds))


@pytest.mark.parametrize("pitch", [41, 60, 77])
def test_notes_are_in_tune_beyond_the_end_of_the_sample(patches: Patches, pitch: int) -> None:
    sound = take(patches, Instrument.PIANO, pitch, seconds=2.5)
    assert sound.shape == (2, to_samples(2.5))
    assert sound.dtype == np.float32
    assert LOOP[1] < 0.4 * SAMPLE_RATE
    assert abs(pitch_error(sound[:, to_samples(1.0) : to_samples(2.4)], pitch)) < 4


@pytest.mark.parametrize("instrument", SAMPLED)
def test_every_instrument_is_as_loud_as_all_others_in_every_register(patches: Patches, instrument: Instrument) -> None:
    for pitch in (max(instrument.low + 5, 36), (instrument.low + instrument.high) // 2, instrument.high - 5):
        for velocity in (0.4, 0.8):
            note = patches[instrument].cut_note(take(patches, instrument, pitch, velocity), 1.0)
            assert momentary(note) == pytest.approx(TARGET_LUFS, abs=0.7)


def test_a_short_take_is_as_loud_as_a_long_one(patches: Patches) -> None:
    short, long = (take(patches, Instrument.HORNS, 57, seconds=seconds) for seconds in (0.1, 2.0))
    assert short.shape[1] == to_samples(0.1)
    assert np.std(short) == pytest.approx(np.std(long[:, : short.shape[1]]), rel=0.01)


def test_soft_notes_have_softer_overtones(patches: Patches) -> None:
    def overtones(velocity: float) -> float:
        frequencies, magnitudes = spectrum(take(patches, Instrument.CLARINET, 60, velocity)[0, to_samples(0.3) :])
        return float(np.sum(magnitudes[frequencies > 3.5 * to_hz(60)]) / np.sum(magnitudes))

    assert overtones(0.2) < 0.75 * overtones(0.8)


def test_loops_meet_without_a_click(tmp_path: Path) -> None:
    sound = played(tmp_path / "set", seconds=2.0)[0]
    steps = np.abs(np.diff(sound[to_samples(0.3) :]))
    before = np.abs(np.diff(sound[to_samples(0.15) : to_samples(0.3)]))  # the loop has not begun again there
    assert steps.max() < 1.02 * before.max()


def test_nothing_folds_back_when_a_sample_is_moved_up(tmp_path: Path) -> None:
    sound = played(tmp_path / "set", pitch=96, seconds=1.2)
    frequencies, magnitudes = spectrum(sound[0, to_samples(0.3) :])
    order = frequencies / to_hz(96)
    strays = (np.abs(order - np.round(order)) > 0.2) | (frequencies < 0.5 * to_hz(96))
    assert 20 * np.log10(magnitudes[strays].max() / magnitudes.max()) < -60


def test_a_decay_falls_in_decibels_to_its_sustain(tmp_path: Path) -> None:
    sound = played(tmp_path / "set", seconds=2.0, instrument={Gen.DECAY: 2786, Gen.SUSTAIN: 200, Gen.ATTACK: -12_000})[
        0
    ]  # 5 s for 100 dB; down to −20 dB

    def level(at: float) -> float:
        return float(20 * np.log10(np.std(sound[to_samples(at) : to_samples(at + 0.05)])))

    assert level(0.8) - level(0.3) == pytest.approx(-10, abs=0.5)
    assert level(1.8) == pytest.approx(level(1.4), abs=0.1)


def test_a_filter_opens_as_its_envelope_says(tmp_path: Path) -> None:
    swell = {Gen.FILTER_CENTS: 5300, Gen.ENVELOPE_TO_FILTER: 5000, Gen.FILTER_ATTACK: 0}  # 175 Hz, 3 kHz after 1 s
    sound = played(tmp_path / "set", seconds=2.0, instrument=swell)[0]

    def brightness(at: float) -> float:
        frequencies, magnitudes = spectrum(sound[to_samples(at) : to_samples(at + 0.2)])
        return float(np.sum(frequencies * magnitudes) / np.sum(magnitudes))

    assert brightness(0.1) < 0.9 * brightness(1.3)
    assert brightness(1.2) == pytest.approx(brightness(1.7), rel=0.02)


def test_a_pan_to_one_side_leaves_the_other_silent(tmp_path: Path) -> None:
    left, right = played(tmp_path / "set", instrument={Gen.PAN: 500})
    assert not left.any()
    assert right.any()


def test_without_its_set_a_piece_sounds_as_ever_and_with_it_others_play(patches: Patches) -> None:
    assert {instrument for instrument in Instrument if patches[instrument] != PATCHES[instrument]} == set(SAMPLED)
    ours = one_part(Instrument.ELECTRIC_PIANO, ScoreNote(0.1, 0.6, 60, 0.8), duration=1.0)
    sampled = one_part(Instrument.PIANO, ScoreNote(0.1, 0.6, 60, 0.8), duration=1.0)
    assert np.array_equal(render_band(ours, patches), render_band(ours))
    assert not np.allclose(render_band(sampled, patches), render_band(sampled), atol=0.05)


def test_two_processes_make_one_sound(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "set", compressed=True)
    code = (
        "import hashlib, sys; from pathlib import Path; from tests.unit.test_sampling import a_stem\n"
        "print(hashlib.sha256(a_stem(Path(sys.argv[1])).tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(path)]
    first, second = (
        subprocess.run(command, capture_output=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(first.strip()) == 64


def a_stem(path: Path) -> Stereo:
    return render_band(score("orchestral", bars=2), patches_of(find_soundfont(path)))


def test_a_file_that_changed_is_not_played(tmp_path: Path) -> None:
    found = find_soundfont(write_soundfont(tmp_path / "set"))
    write_soundfont(tmp_path / "set", compressed=True)
    with pytest.raises(BadSoundFont, match="no longer the file"):
        patches_of(found)
    (tmp_path / "set").unlink()
    with pytest.raises(BadSoundFont, match="cannot be read"):
        patches_of(found)


def test_a_sample_that_cannot_be_decoded_is_found_while_warming_up(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "set", compressed=True)
    path.write_bytes(path.read_bytes().replace(b"vorbis", b"sibrov"))
    with pytest.raises(BadSoundFont, match="cannot be decoded"):
        warm_up(find_soundfont(path))


def test_a_sample_outside_of_the_samples_is_a_broken_set(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "set")
    with path.open("rb") as file:
        chunks = read_chunks(file)
        sample = Records(chunks.lists).sample(0)._replace(end=chunks.samples_size, start=chunks.samples_size - 10)
        with pytest.raises(BadSoundFont, match="outside of the samples"):
            Recordings(file, chunks.samples_at, chunks.samples_size).read(sample, 1000)


def test_what_a_process_keeps_of_a_set_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "CACHE_BYTES", 100_000)
    with write_soundfont(tmp_path / "set", compressed=True).open("rb") as file:
        chunks = read_chunks(file)
        reading, records = Recordings(file, chunks.samples_at, chunks.samples_size), Records(chunks.lists)
        first = reading.read(records.sample(0), 1000)
        for at in range(5):
            reading.read(records.sample(at), 1000)
        assert 1 <= len(reading._kept) <= 2
        assert np.array_equal(reading.read(records.sample(0), 1000), first)
