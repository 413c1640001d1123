"""SoundFont files: which are taken, what is said of those that are not, and what zones, presets and modulators say."""

import hashlib
from pathlib import Path

import pytest

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.presets import Presets, Voice
from adapters.audio.sampling.programs import SAMPLED
from adapters.audio.sampling.riff import read_chunks
from adapters.audio.sampling.soundfont import find_soundfont
from domain.music.instruments import Instrument
from entrypoints.music_tools.named_soundfont import named_soundfont
from entrypoints.settings import InvalidSettings
from tests.support.soundfonts import CYCLE, LOOP, PROGRAMS, write_soundfont

PIANO = Instrument.PIANO.program
VELOCITY_TO_FILTER = 0x0102
KEY_TO_DECAY = 0x0003
MODULATION_WHEEL = 0x0081


def voice(path: Path, key: int = 60, velocity: int = 100) -> Voice:
    """Return the one voice of a note of the piano."""
    with path.open("rb") as file:
        (found,) = Presets(read_chunks(file).lists).voices(PIANO, key, velocity)
    return found


@pytest.mark.parametrize("compressed", [False, True])
def test_a_soundfont_is_known_by_its_hash(tmp_path: Path, *, compressed: bool) -> None:
    path = write_soundfont(tmp_path / "set", compressed=compressed)
    found = find_soundfont(path)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.path == path
    assert named_soundfont(path) == found
    assert named_soundfont(None) is None


def test_files_that_are_no_soundfont_are_refused(tmp_path: Path) -> None:
    whole = write_soundfont(tmp_path / "set").read_bytes()
    files = {
        "ends early": whole[:11],
        "does not begin with RIFF": b"ID3\x04" + whole[4:],
        "ends early, in": whole[: len(whole) // 2],
        "without shdr": whole.replace(b"shdr", b"none"),
    }
    for message, content in files.items():
        (tmp_path / "broken").write_bytes(content)
        with pytest.raises(BadSoundFont, match=message):
            find_soundfont(tmp_path / "broken")


def test_a_list_that_is_cut_is_a_broken_set(tmp_path: Path) -> None:
    with write_soundfont(tmp_path / "set").open("rb") as file:
        lists = read_chunks(file).lists
    with pytest.raises(BadSoundFont, match="shdr ends within a record"):
        Presets(lists | {"shdr": lists["shdr"][:-1]})


def test_a_set_without_a_program_is_refused_and_named(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "set", programs=[number for number in PROGRAMS if number != PIANO])
    with pytest.raises(InvalidSettings, match=r"MOMENT_SOUNDFONT names .*/set, which .* no program 1"):
        named_soundfont(path)
    with pytest.raises(InvalidSettings, match="cannot be read"):
        named_soundfont(tmp_path / "nothing")


def test_a_set_that_is_silent_in_a_register_is_refused(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "set", instrument={Gen.KEYS: 72 << 8})
    with pytest.raises(BadSoundFont, match="no sound for the note"):
        find_soundfont(path)


def test_an_instrument_that_is_not_there_is_a_broken_set(tmp_path: Path) -> None:
    whole = write_soundfont(tmp_path / "set").read_bytes()
    link = b"\x29\0\0\0"  # the generator `instrument`, number 0
    (tmp_path / "set").write_bytes(whole.replace(link, b"\x29\0\xff\0", 1))
    with pytest.raises(BadSoundFont, match="names record 255"):
        find_soundfont(tmp_path / "set")


def test_samples_that_are_not_where_they_should_be_are_a_broken_set(tmp_path: Path) -> None:
    packed, plain = (write_soundfont(tmp_path / name, compressed=name == "sf3") for name in ("sf3", "sf2"))
    packed.write_bytes(packed.read_bytes().replace(b"OggS", b"gone"))
    end = (LOOP[1] + CYCLE).to_bytes(4, "little") + LOOP[0].to_bytes(4, "little")
    assert end in plain.read_bytes()
    plain.write_bytes(plain.read_bytes().replace(end, (1 << 30).to_bytes(4, "little") + end[4:], 1))
    with pytest.raises(BadSoundFont, match="no Ogg file"):
        find_soundfont(packed)
    with pytest.raises(BadSoundFont, match="outside of the samples"):
        find_soundfont(plain)


def test_what_the_preset_says_is_added_to_what_the_instrument_says(tmp_path: Path) -> None:
    path = write_soundfont(
        tmp_path / "set",
        preset={Gen.FINE_TUNE: 7, Gen.FILTER_CENTS: -1000, Gen.ROOT_KEY: 40},
        instrument={Gen.FINE_TUNE: 3},
    )
    found = voice(path)
    assert found.of(Gen.FINE_TUNE) == 10
    assert found.of(Gen.FILTER_CENTS) == 12_500
    assert found.of(Gen.ROOT_KEY) == -1  # which a preset cannot change


def test_modulators_follow_velocity_and_key_and_no_controller(tmp_path: Path) -> None:
    path = write_soundfont(
        tmp_path / "set",
        modulators=[
            (VELOCITY_TO_FILTER, Gen.FILTER_CENTS, -2560, 0, 0),
            (KEY_TO_DECAY, Gen.DECAY, 1280, 0, 0),
            (MODULATION_WHEEL, Gen.PAN, 500, 0, 0),
        ],
    )
    soft, hard, high = voice(path, velocity=27), voice(path, velocity=127), voice(path, key=100)
    assert hard.of(Gen.FILTER_CENTS) == 13_500
    assert soft.of(Gen.FILTER_CENTS) == pytest.approx(13_500 - 2000)
    assert high.of(Gen.DECAY) == pytest.approx(-12_000 + 1000)
    assert high.of(Gen.PAN) == 0


def test_playing_softly_attenuates_unless_the_set_says_otherwise(tmp_path: Path) -> None:
    plain = write_soundfont(tmp_path / "plain")
    flat = write_soundfont(tmp_path / "flat", modulators=[(0x0502, Gen.ATTENUATION, 0, 0, 0)])
    assert voice(plain, velocity=127).of(Gen.ATTENUATION) == 0
    assert voice(plain, velocity=64).of(Gen.ATTENUATION) == pytest.approx(119, abs=2)  # 12 dB: half, squared
    assert voice(flat, velocity=64).of(Gen.ATTENUATION) == 0


def test_the_band_reads_the_programs_of_its_table() -> None:
    assert {Instrument.HIGH_STRINGS, Instrument.HORNS, Instrument.CHOIR, Instrument.PIANO} <= set(SAMPLED)
    assert not {Instrument.ELECTRIC_PIANO, Instrument.SUPERSAW, Instrument.LEAD_SYNTH} & set(SAMPLED)
    assert not any(instrument.is_kit for instrument in SAMPLED)
