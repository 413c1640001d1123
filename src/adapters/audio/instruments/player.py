"""Plays parts, as a sampler does: takes are rendered once, cut to notes and mixed into buses at their start times.

Notes of equal pitch, velocity step and round-robin variation share a take; pieces share those of drum kits.
"""

import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.instruments import PATCHES, Patches
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.signals import db_to_gain, pan_gains
from adapters.audio.velocities import VELOCITY_STEPS
from domain.music.instruments import InstrumentKind
from domain.music.score import Part, ScoreNote

_LOUDNESS_POWER = 1.6
"""Exponent from velocity to amplitude: about 32 dB from pianissimo to fortissimo."""


_MIDDLE = np.ones((1, 1), np.float32)
_CHUNK = 1 << 15


class Take(NamedTuple):
    """Identifies a rendered take; equal notes share it."""

    pitch: int
    velocity_step: int
    variation: int


class Bus(NamedTuple):
    """A stereo array to which notes are added, and the gain of a part into it."""

    sound: Stereo
    gain: float


class Echo(NamedTuple):
    """A repetition of a whole part: delay in seconds, level and pan.

    The part's notes are mixed again, so no delay line is needed.
    """

    delay: float
    gain_db: float
    pan: float


def play_part(
    part: Part, buses: Iterable[Bus], seed: int, echoes: Iterable[Echo] = (), patches: Patches = PATCHES
) -> None:
    """Add all notes of a part to the buses; equal parts, seeds and patches give identical samples."""
    patch, buses, copies = patches[part.instrument], tuple(buses), (Echo(0.0, 0.0, part.pan), *echoes)
    if patch.amplifier is None or not buses:
        for sound, start in _notes(part, patch, seed):
            _mix_copies(sound, start, part.gain_db, copies, buses)
        return
    dry = np.zeros((1, buses[0].sound.shape[1]), np.float32)
    for sound, start in _notes(part, patch, seed):
        _mix_into(sound, start, dry, _MIDDLE)
    _mix_copies(patch.amplifier(dry[0])[None], 0.0, part.gain_db + patch.level_db, copies, buses)


def _notes(part: Part, patch: Patch, seed: int) -> Iterator[tuple[Stereo, float]]:
    """Yield the sound of each note and its start."""
    scripted = list(_round_robin(part.notes, patch.variations))
    longest: dict[Take, int] = {}
    for note, take in scripted:
        longest[take] = max(longest.get(take, 0), patch.length(note.duration))
    takes = {take: _take(patch, part.instrument, take, length, seed) for take, length in longest.items()}
    if patch.amplifier is not None:  # it has one input
        takes = {take: sound.mean(axis=0, keepdims=True) for take, sound in takes.items()}
    for note, take in scripted:
        yield patch.cut_note(takes[take], note.duration, (note.velocity / 0.8) ** _LOUDNESS_POWER), note.start


def _mix_copies(sound: Stereo, start: float, gain_db: float, copies: Iterable[Echo], buses: tuple[Bus, ...]) -> None:
    for copy in copies:
        sides = np.array(pan_gains(copy.pan))[:, None] * db_to_gain(gain_db + copy.gain_db)
        for bus in buses:
            if bus.gain:
                _mix_into(sound, start + copy.delay, bus.sound, (sides * bus.gain).astype(np.float32))


def _round_robin(notes: Iterable[ScoreNote], variations: int) -> Iterator[tuple[ScoreNote, Take]]:
    played: dict[int, int] = {}
    for note in notes:
        count = played[note.pitch] = played.get(note.pitch, -1) + 1
        step = min(max(round(note.velocity * VELOCITY_STEPS), 1), VELOCITY_STEPS)
        yield note, Take(note.pitch, step, count % variations)


def _take(patch: Patch, instrument: str, take: Take, length: int, seed: int) -> Stereo:
    """Return a take; those of a kit are the same in every piece, as a sampler's are."""
    if patch.kind is not InstrumentKind.KIT:
        return _render_take(patch, instrument, take, length, seed)
    render = partial(_render_take, patch, instrument, take, length, seed=0)
    return patch.keep("-".join(map(str, (instrument, *take))), render) if patch.keep else render()


def _render_take(patch: Patch, instrument: str, take: Take, length: int, seed: int) -> Stereo:
    rng = np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(instrument.encode()), *take])
    return patch.render_take(take.pitch, take.velocity_step / VELOCITY_STEPS, max(length, 2), rng)


def _mix_into(sound: Stereo, start: float, bus: Stereo, gains: Stereo) -> None:
    """Add a sound from a time on, with a gain for each channel, shape (channels of the bus, 1); in chunks."""
    first = max(round(start * SAMPLE_RATE), 0)
    target = bus[:, first : first + sound.shape[1]]
    for begin in range(0, target.shape[1], _CHUNK):
        part = target[:, begin : begin + _CHUNK]
        part += sound[:, begin : begin + part.shape[1]] * gains
