"""Songs of several hums in every style: what moves, what is loud, who is in front, measured on the finished sound."""

from typing import Final

import numpy as np
import pytest
import soundfile

from adapters.audio.analysis.transcription import transcribe
from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.codecs.encoding import decode
from adapters.audio.mix import loudness
from adapters.audio.mix.balance import mix_stems, vocal_band_energy
from domain.blueprints.blueprint import OutputKind
from domain.music.styles.registry import STYLES
from tests.e2e.test_sound import Take, composed, finished
from tests.support.hums import hum, write_wav
from tests.support.melodies import random_melody
from tests.support.pitch_measures import cents_off, features_of
from tests.support.style_features import spectral_features

FORM: Final = [
    {"name": "intro", "bars": 2, "energy": 0.25},
    {"name": "verse", "bars": 4, "energy": 0.4},
    {"name": "chorus", "bars": 4, "energy": 1.0},
    {"name": "outro", "bars": 1, "energy": 0.35},
]
SEEDS: Final = range(40, 50)
FEW: Final = [(40, "lofi"), (41, "rock")]
MANY: Final = [(seed, style) for seed in SEEDS for style in STYLES if (seed, style) not in FEW]


@pytest.fixture(scope="module", params=[*FEW, *(pytest.param(each, marks=pytest.mark.music) for each in MANY)], ids=str)
def song(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Give a short song of a random hum."""
    seed, style = request.param
    folder = tmp_path_factory.mktemp(f"{seed}-{style}")
    sung = hum(random_melody(seed), seed=seed, snr_db=20.0)
    write_wav(folder / "hum.wav", sung.samples, sung.sample_rate)
    score = composed(transcribe(folder / "hum.wav"), OutputKind.SONG, style=style, sections=FORM)
    return finished(score, folder / "hum.wav", folder)


def heard(song: Take, name: str) -> Stereo:
    """Return the sound of a section."""
    sound, _ = decode(song.final)
    span = next(span for span in song.score.sections if span.name == name)
    return sound[:, round(span.start * SAMPLE_RATE) : round((span.start + span.duration) * SAMPLE_RATE)]


def short_term(sound: Stereo) -> float:
    """Return the loudness without gates, LUFS."""
    return float(10 * np.log10(loudness.hop_energies(sound, SAMPLE_RATE).mean()) - 0.691)


def test_choruses_are_louder_and_brighter_than_verses(song: Take) -> None:
    verse, chorus = heard(song, "verse"), heard(song, "chorus")
    assert short_term(chorus) - short_term(verse) >= 2
    assert spectral_features(chorus)["brightness"] > spectral_features(verse)["brightness"]


def test_a_song_does_not_begin_with_a_hole(song: Take) -> None:
    assert short_term(heard(song, "intro")) >= -19.5


def test_the_master_is_as_loud_as_streaming_services_want_it(song: Take) -> None:
    assert abs(song.report.lufs - -14) <= 0.3
    assert song.report.true_peak_dbtp <= -1


def test_the_voice_is_in_front_and_in_tune(song: Take) -> None:
    stems = (song.vocals, song.instrumental)
    vocals, band = (np.ascontiguousarray(soundfile.read(stem)[0].T, np.float32) for stem in stems)
    band = mix_stems(vocals, band) - vocals  # both at the levels of the mix
    voice, behind = vocal_band_energy(vocals), vocal_band_energy(band)
    sings = voice > 0.01 * voice.max()
    assert sings.mean() > 0.2
    assert 0 <= 10 * np.log10(voice[sings].mean() / behind[sings].mean()) <= 2.5
    distances = cents_off(features_of(song.vocals), song.score.vocals[0].notes)
    assert np.mean(distances <= 25) >= 0.85
