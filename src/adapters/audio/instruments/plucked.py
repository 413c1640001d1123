"""Plucked strings: modal synthesis of a string, the body that it hangs on, and the noise of finger or pick.

A string plucked at a fraction of its length lacks the harmonics that have a node there; high partials die first; its
two planes of vibration beat. The body shapes the partials and answers the pluck with its own modes. Sources: Fletcher &
Rossing, "The Physics of Musical Instruments", ch. 2 and 9 (guitar modes near 100, 200 and 400 Hz); Woodhouse, "On the
synthesis of guitar plucks", Acta Acustica 90, 2004.
"""

import msgspec
import numpy as np

from adapters.audio.arrays import Floats, Mono, Stereo
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.signals import CEILING_HZ, raised_cosine_ramp, sum_of_decaying_sines, to_samples
from adapters.audio.instruments.struck import StrikeNoise
from adapters.audio.instruments.unison import resonance_response
from domain.music.theory.pitch import to_hz

_BEATING: range = range(2, 7)
"""Harmonics that beat: the strongest above the fundamental, which must stay in tune."""

_SHORT_SECONDS = 0.7
"""Partials that die sooner are computed apart, for as long as they sound."""

_FADE = 512
_FADE_OUT = raised_cosine_ramp(_FADE)[::-1]
"""At the end of what is computed: −60 dB are heard as a click where nothing else sounds."""


class PluckedString(msgspec.Struct, frozen=True, kw_only=True):
    """A string, where and how it is plucked, and its body.

    Attributes:
        place: Where it is plucked (or picked up), as a fraction of its length.
        tilt: Exponent by which partials weaken.
        soft_hz: Cutoff of the plucked spectrum at no velocity, and what full velocity adds.
        seconds: To −60 dB at E3, fundamental.
        damping_hz: Where partials die twice as fast as the fundamental.
        stiffness: Inharmonicity.
        body: Resonances: Hz, width in octaves, height.
        thump: Modes of the body that answer the pluck: Hz, seconds to −60 dB, level.
        noise: Of the finger or the pick.
        high_pass: Cutoff in Hz that removes rumble below its notes; 0 for none.
    """

    place: float
    tilt: float
    soft_hz: float
    hard_hz: float
    seconds: float
    damping_hz: float
    stiffness: float = 2e-5
    body: tuple[tuple[float, float, float], ...] = ()
    thump: tuple[tuple[float, float, float], ...] = ()
    noise: StrikeNoise
    high_pass: float = 0.0

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Play a tone; see `patch.Tone`."""
        frequencies, amplitude, seconds = self._partials(to_hz(pitch), velocity)
        out = np.zeros(length, np.float32)
        self._add_sines(out, frequencies, seconds, amplitude)
        if self.thump:
            modes, decays, levels = np.array(self.thump).T
            self._add_sines(out, modes * 2 ** rng.uniform(-0.03, 0.03), decays, levels * velocity)
        return self.noise.add_to(np.stack([out, out]), velocity, rng, self.high_pass)

    def _partials(self, fundamental: float, velocity: float) -> tuple[Floats, Floats, Floats]:
        """Return frequency, amplitude and decay of every partial, those of the second plane last."""
        order = np.arange(1.0, min(80, max(1, int(CEILING_HZ / fundamental))) + 1)
        frequencies = fundamental * order * np.sqrt((1 + self.stiffness * order**2) / (1 + self.stiffness))
        amplitude = np.abs(np.sin(np.pi * order * self.place)) + 0.03
        amplitude *= order**-self.tilt * np.exp(-frequencies / (self.soft_hz + self.hard_hz * velocity**1.3))
        amplitude *= resonance_response(frequencies, *self.body)
        amplitude /= np.sqrt(np.sum(amplitude**2))
        seconds = self.seconds * (165 / fundamental) ** 0.5 / (1 + (frequencies - fundamental) / self.damping_hz)
        second = np.array([index - 1 for index in _BEATING if index <= len(order)], np.intp)
        return (
            np.concatenate([frequencies, frequencies[second] + 0.7]),
            np.concatenate([amplitude, 0.4 * amplitude[second]]),
            np.concatenate([seconds, 1.4 * seconds[second]]),
        )

    def _add_sines(self, out: Mono, frequencies: Floats, seconds: Floats, amplitude: Floats) -> None:
        """Add decaying sines, the short ones for as long as they sound."""
        short = seconds < _SHORT_SECONDS
        for chosen, length in ((~short, len(out)), (short, to_samples(float(seconds[short].max(initial=0.0))))):
            if chosen.any():
                phases, sound = np.zeros(int(chosen.sum())), out[:length]
                sines = sum_of_decaying_sines(
                    frequencies[chosen],
                    seconds[chosen],
                    amplitude[None, chosen],
                    phases,
                    len(sound),
                    high_pass=self.high_pass,
                )[0]
                if len(sound) < len(out):
                    sines[-_FADE:] *= _FADE_OUT[-len(sines) :]
                sound += sines


_GUITAR_BODY = ((105, 0.25, 0.9), (205, 0.25, 1.0), (410, 0.4, 0.5), (2600, 0.6, 0.4))

NYLON = PluckedString(
    place=0.21,
    tilt=0.9,
    soft_hz=500,
    hard_hz=2200,
    seconds=3.2,
    damping_hz=420,
    body=_GUITAR_BODY,
    thump=((102, 0.25, 0.10), (204, 0.16, 0.08), (395, 0.1, 0.04)),
    noise=StrikeNoise(250, 3500, 0.03, 0.10),
    high_pass=60,
)

STEEL = PluckedString(
    place=0.13,
    tilt=0.75,
    soft_hz=1100,
    hard_hz=5200,
    seconds=5.5,
    damping_hz=900,
    stiffness=4e-5,
    body=((105, 0.25, 0.8), (200, 0.25, 0.7), (420, 0.4, 0.4), (3400, 0.7, 0.8)),
    thump=((100, 0.2, 0.07), (198, 0.13, 0.06), (410, 0.09, 0.04)),
    noise=StrikeNoise(2200, 17000, 0.022, 0.11),
    high_pass=60,
)

ELECTRIC_STRING = PluckedString(
    place=0.11,
    tilt=0.7,
    soft_hz=900,
    hard_hz=2600,
    seconds=7.0,
    damping_hz=800,
    noise=StrikeNoise(900, 6000, 0.015, 0.12),
)
"""A string of an electric guitar at its pickup, before the amplifier."""

NYLON_GUITAR = Patch(tone=NYLON, attack=0.003, release=0.14, variations=2, level_db=-13.9)
STEEL_GUITAR = Patch(tone=STEEL, attack=0.002, release=0.18, variations=2, level_db=-16.0)

PIZZICATO = Patch(
    tone=PluckedString(
        place=0.3,
        tilt=0.85,
        soft_hz=500,
        hard_hz=2400,
        seconds=0.95,
        damping_hz=700,
        body=((280, 0.25, 0.9), (470, 0.3, 1.0), (1000, 0.4, 0.5), (2600, 0.5, 0.6)),
        thump=((190, 0.12, 0.12), (275, 0.1, 0.1), (460, 0.08, 0.06)),
        noise=StrikeNoise(350, 5000, 0.025, 0.14),
        high_pass=40,
    ),
    attack=0.003,
    release=0.35,
    variations=3,
    level_db=-7.9,
)

ELECTRIC_BASS = Patch(
    tone=PluckedString(
        place=0.17,
        tilt=0.8,
        soft_hz=350,
        hard_hz=1700,
        seconds=4.2,
        damping_hz=330,
        body=((75, 0.6, 0.5), (750, 0.5, 0.5)),
        noise=StrikeNoise(500, 5200, 0.02, 0.10),
        high_pass=28,
    ),
    attack=0.003,
    release=0.07,
    variations=2,
    level_db=-15.2,
)
