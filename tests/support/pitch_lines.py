"""How well a line of pitches over time fits the notes that were heard."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import httpx
import numpy as np

from tests.support.up import HUM, Up

NEAR: Final = 0.5
"""Semitones."""


class Fit(NamedTuple):
    """How well a line fits.

    Attributes:
        share: Of the points inside notes, those within 50 cents of them; a point without a pitch is none.
        points: How many are inside notes.
        shift: Seconds that were added to the times of the points.
    """

    share: float
    points: int
    shift: float


def fit(points: Iterable[Mapping[str, Any]], notes: Iterable[Mapping[str, Any]], shift: float = 0.0) -> Fit:
    """Return how well points (`at`, `pitch`) fit notes (`onset`, `duration`, `pitch`)."""
    known = list(points)
    at = np.array([point["at"] for point in known]) + shift
    pitch = np.array([np.nan if point["pitch"] is None else point["pitch"] for point in known])
    inside = good = 0
    for note in notes:
        here = (at >= note["onset"]) & (at < note["onset"] + note["duration"])
        inside += int(here.sum())
        good += int((np.abs(pitch[here] - note["pitch"]) <= NEAR).sum())
    return Fit(good / max(1, inside), inside, shift)


def best_fit(points: Iterable[Mapping[str, Any]], notes: Iterable[Mapping[str, Any]], latest: float) -> Fit:
    """Return the best fit of a line that began at an unknown time: up to `latest` seconds into the hum."""
    known, heard = list(points), list(notes)
    return max(fit(known, heard, float(shift)) for shift in np.arange(-0.1, latest, 0.01))


def heard_notes(service: Up) -> list[dict[str, Any]]:
    """Return the notes that a service hears in the example hum: `onset`, `duration`, `pitch`."""
    with httpx.Client(base_url=service.url, timeout=60) as api:
        sent = api.post("/v1/create-moment", files={"file": HUM.read_bytes()}).raise_for_status().json()
        analysis: dict[str, Any] = {}
        while not analysis:
            status = api.get(f"/v1/jobs/{sent['job_id']}", headers={"Prefer": "wait=20"}).raise_for_status().json()
            assert not status["error"], status
            analysis = status["blueprint_json"]["metadata"].get("analysis", {})
    notes: list[dict[str, Any]] = analysis["notes"]
    return notes
