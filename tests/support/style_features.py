"""Measures what makes styles sound different: spectrum, rhythm, dynamics, space and harmony of a preview without voice.

Spectral features are usual in genre recognition (Tzanetakis & Cook, "Musical genre classification of audio signals",
2002); the share of percussion is that of median filtering (FitzGerald, "Harmonic/percussive separation", DAFx 2010).
"""

from typing import Final

import numpy as np
from scipy import fft, ndimage, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.mix.band_mix import render_band
from adapters.audio.mix.tilt import tilt
from application.studio.mix_plan import mix_plan
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.hum import Analysis
from domain.music.score import Score

MARGINS: Final = {
    "slope": 0.5,  # dB per octave, 125 Hz – 8 kHz
    "brightness": 0.35,  # octaves of the spectral centroid
    "lows": 2.0,  # dB of what lies below 120 Hz, of the whole
    "mids": 2.0,  # dB of 1–4 kHz, of the whole
    "highs": 4.0,  # dB of what lies above 8 kHz
    "onsets": 0.9,  # a second
    "pumping": 1.2,  # dB by which 300 Hz – 3 kHz swell between one beat and the next
    "crest": 1.5,  # dB of peaks over the level
    "percussion": 0.06,  # share of the energy
    "width": 2.0,  # dB of the sides against the middle
    "tail": 0.35,  # octaves of seconds until the end has fallen by 30 dB
    "pitches": 0.4,  # classes in a chord
    "swing": 0.025,  # place of the second sixteenth of a pair
    "drummed": 0.5,  # 1 with a kit, else 0
}
"""By how much a feature must differ to be heard as another."""

_WINDOW: Final = 2048
_HOP: Final = 512


def preview_of(analysis: Analysis | None, style: str, seed: int = 7) -> Score:
    """Return the score of a preview."""
    kind = OutputKind.PREVIEW
    return compose(
        brief_of(complete({"style": style}, analysis, blueprint_id="b", kind=kind, voice_id="v", seed=seed), kind)
    )


def features_of_style(analysis: Analysis | None, style: str) -> dict[str, float]:
    """Return every feature of a preview in a style, from the band as it is mixed."""
    score = preview_of(analysis, style)
    plan = mix_plan(score)
    sound = tilt(render_band(score), plan.slope_db, plan.highest_hz)
    return {
        **spectral_features(sound),
        **rhythmic_features(sound, score),
        **spatial_features(sound, score),
        **written_features(score),
    }


def separations(one: dict[str, float], other: dict[str, float]) -> list[str]:
    """Return the features by which two styles differ clearly."""
    return [name for name, margin in MARGINS.items() if abs(one[name] - other[name]) >= margin]


def spectral_features(sound: Stereo) -> dict[str, float]:
    """Return slope, brightness, lows, mids and highs."""
    frequencies, power = signal.welch(sound.mean(axis=0), SAMPLE_RATE, nperseg=8192)
    octaves = [
        10 * np.log10(power[(frequencies >= centre / 2**0.5) & (frequencies < centre * 2**0.5)].mean())
        for centre in 125.0 * 2 ** np.arange(7)
    ]
    amplitude = np.sqrt(power)
    whole = power.sum()
    return {
        "slope": float(np.polyfit(np.arange(7), octaves, 1)[0]),
        "brightness": float(np.log2(np.sum(frequencies * amplitude) / np.sum(amplitude))),
        "lows": float(10 * np.log10(power[frequencies < 120].sum() / whole)),
        "mids": float(10 * np.log10(power[(frequencies > 1000) & (frequencies < 4000)].sum() / whole)),
        "highs": float(10 * np.log10(power[frequencies > 8000].sum() / whole)),
    }


def rhythmic_features(sound: Stereo, score: Score) -> dict[str, float]:
    """Return onsets a second, pumping, crest factor and the share of percussion."""
    magnitudes = _spectrogram(sound)
    flux = np.maximum(0, np.diff(np.log1p(100 * magnitudes), axis=1)).mean(axis=0)
    height = ndimage.uniform_filter1d(flux, 43) + 0.5 * np.std(flux)
    onsets, _ = signal.find_peaks(flux, height=height, distance=4)
    coarse = magnitudes[:, ::2]
    harmonic, percussive = (ndimage.median_filter(coarse, size) for size in ((1, 9), (17, 1)))
    shares = percussive**2 / (harmonic**2 + percussive**2 + 1e-12)
    mono = sound.mean(axis=0)
    return {
        "onsets": len(onsets) / (sound.shape[1] / SAMPLE_RATE),
        "pumping": _pumping(mono, 60 / score.tempo_bpm),
        "crest": float(20 * np.log10(np.abs(mono).max() / np.sqrt(np.mean(mono**2)))),
        "percussion": float(np.sum(shares * coarse**2) / np.sum(coarse**2)),
    }


def _pumping(mono: Floats, beat_seconds: float) -> float:
    """Return how much louder the middle is late in a beat than early, dB."""
    band = signal.sosfilt(signal.butter(2, (300, 3000), "bandpass", fs=SAMPLE_RATE, output="sos"), mono)
    phases = np.arange(len(band)) / SAMPLE_RATE / beat_seconds % 1
    late, early = (np.mean(band[(phases > low) & (phases < high)] ** 2) for low, high in ((0.6, 0.95), (0.05, 0.35)))
    return float(10 * np.log10(late / early))


def _spectrogram(sound: Stereo) -> Floats:
    mono = sound.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[::_HOP] * np.hanning(_WINDOW).astype(np.float32)
    spectrum = np.abs(fft.rfft(frames, axis=1)).T[: _WINDOW // 4]
    return np.asarray(spectrum / spectrum.max(), np.float64)


def spatial_features(sound: Stereo, score: Score) -> dict[str, float]:
    """Return the width, and how long the end rings."""
    middle, side = sound[0] + sound[1], sound[0] - sound[1]
    end = round(score.duration * SAMPLE_RATE)
    levels = ndimage.uniform_filter1d(np.mean(sound**2, axis=0), SAMPLE_RATE // 10)[end - SAMPLE_RATE // 4 :]
    quiet = np.flatnonzero(levels < 1e-3 * levels[:100].mean())
    ringing = (quiet[0] if len(quiet) else len(levels)) / SAMPLE_RATE
    return {
        "width": float(10 * np.log10(np.sum(side**2) / np.sum(middle**2))),
        "tail": float(np.log2(max(ringing, 0.05))),
    }


def written_features(score: Score) -> dict[str, float]:
    """Return the pitch classes of a chord on average, the swing, and whether drums play."""
    players = [part for part in score.parts if part.instrument.is_kit or part.name == score.lead]
    places = [score.bar_at(note.start) * score.beats_per_bar % 0.5 for part in players for note in part.notes]
    second = [place for place in places if 0.19 < place < 0.36]
    return {
        "pitches": float(np.mean([len({pitch % 12 for pitch in chord.pitches}) for chord in score.chords])),
        "swing": float(np.mean(second)) * 2 if len(second) > 8 else 0.5,
        "drummed": float(any(part.instrument.is_kit for part in score.parts)),
    }
