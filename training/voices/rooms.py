"""Rooms: reflections of a box by mirror images (Allen & Berkley, JASA 1979) and a diffuse tail."""

from enum import Enum
from typing import Final

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats
from training.voices.controls import RATE
from training.voices.singers import Split

SPEED: Final = 343.0
ORDERS: Final = np.arange(-1, 2)


class Room(msgspec.Struct, frozen=True):
    """A kind of room: shortest and longest sides in metres, shortest and longest reverberation (RT60) in seconds."""

    sides: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    rt60: tuple[float, float]


class Place(Enum):
    """Where people sing into a phone."""

    OUTDOORS = Room(((20, 30), (20, 30), (8, 12)), (0.15, 0.2))
    BEDROOM = Room(((2.5, 4.5), (2.5, 4), (2.3, 2.6)), (0.2, 0.45))
    LIVING_ROOM = Room(((4, 7), (3.5, 6), (2.4, 3)), (0.3, 0.7))
    CLASSROOM = Room(((6, 10), (5, 8), (2.8, 3.5)), (0.5, 0.9))
    HALL = Room(((10, 18), (8, 14), (4, 7)), (0.8, 1.2))
    BATHROOM = Room(((1.6, 3), (1.4, 2.5), (2.2, 2.6)), (0.45, 0.9))
    STAIRCASE = Room(((2, 4), (2, 4), (6, 12)), (0.8, 1.2))
    CAR = Room(((1.8, 2.4), (1.3, 1.5), (1.0, 1.3)), (0.15, 0.2))


PLACES: Final = {
    Split.TRAIN: (
        Place.OUTDOORS,
        Place.BEDROOM,
        Place.LIVING_ROOM,
        Place.LIVING_ROOM,
        Place.BEDROOM,
        Place.CLASSROOM,
        Place.HALL,
    ),
    Split.EXCLUDED: (Place.BATHROOM, Place.STAIRCASE, Place.CAR),
}


def reverberant(dry: Floats, split: Split, rng: np.random.Generator) -> Floats:
    """Return a voice as a microphone hears it in a random room; the direct sound keeps its time and level."""
    places = PLACES[split]
    response = _response(places[int(rng.integers(len(places)))].value, rng)
    return np.asarray(signal.fftconvolve(dry, response)[: len(dry)])


def _response(room: Room, rng: np.random.Generator) -> Floats:
    sides = np.array([rng.uniform(*side) for side in room.sides])
    rt60 = float(rng.uniform(*room.rt60))
    distance = float(np.exp(rng.uniform(np.log(0.05), np.log(0.5))))
    early = _images(sides, rt60, distance, rng)
    size = int(0.8 * rt60 * RATE)
    time = np.arange(size) / RATE
    dull = signal.lfilter([0.4], [1, -0.6], rng.normal(0, 1, size)) * 10 ** (-3 * time / rt60)
    bright = rng.normal(0, 0.5, size) * 10 ** (-3 * time / (0.5 * rt60))
    tail = (dull + bright) * np.clip(time / 0.02, 0, 1)
    volume = float(np.prod(sides))
    reach = 0.057 * np.sqrt(volume / rt60)  # metres at which the tail is as strong as the direct sound
    tail *= 0.6 * min(distance / reach, 1.4) / np.sqrt(np.sum(tail**2))
    response = np.zeros(max(size, len(early)))
    response[: len(early)] += early
    response[:size] += tail
    return response


def _images(sides: Floats, rt60: float, distance: float, rng: np.random.Generator) -> Floats:
    """Return the direct sound (1 at time 0) and the images of the source in the walls, each once or twice."""
    microphone = sides * rng.uniform(0.25, 0.75, 3)
    away = rng.normal(0, 1, 3)
    source = np.clip(microphone + distance * away / np.linalg.norm(away), 0.05, sides - 0.05)
    absorbed = 0.161 * np.prod(sides) / rt60 / (2 * (sides[0] * sides[1] + sides[1] * sides[2] + sides[0] * sides[2]))
    wall = np.sqrt(1 - min(float(absorbed), 0.95))
    places = [
        np.array([2 * n * side + sign * x for n in ORDERS for sign in (1, -1)])
        for side, x in zip(sides, source, strict=True)
    ]
    bounces = np.array([abs(2 * n) if sign > 0 else abs(2 * n - 1) for n in ORDERS for sign in (1, -1)])
    grid = [place - ear for place, ear in zip(places, microphone, strict=True)]
    far = np.sqrt(grid[0][:, None, None] ** 2 + grid[1][None, :, None] ** 2 + grid[2][None, None, :] ** 2).ravel()
    hits = (bounces[:, None, None] + bounces[None, :, None] + bounces[None, None, :]).ravel()
    nearest = float(far[hits == 0][0])
    gains = nearest / far * wall**hits
    delays = ((far - nearest) / SPEED * RATE).astype(np.intp)
    kept = (delays >= 0) & (delays < int(0.06 * RATE))
    response = np.zeros(int(0.06 * RATE))
    np.add.at(response, delays[kept], gains[kept])
    return response
