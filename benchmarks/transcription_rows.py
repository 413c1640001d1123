"""How well notes are heard, against SwiftF0's own notes, which cost about as much; the rest: `transcription`."""

from typing import Final

from benchmarks.results import Row
from benchmarks.transcription import evaluate, sets

PEERS: Final = ("segment_notes 80 ms", "segment_notes 120 ms")
CLIPS: Final = 12


def measure() -> list[Row]:
    """Return note F1 of ours and of the best peer, and what a minute of sound costs."""
    rows = []
    for name, clips in sets((), CLIPS, synthetic=True):
        ours, *theirs = (evaluate(clips, method) for method in ("ours", *PEERS))
        best = max(theirs, key=lambda scores: scores.plain)
        rows += [
            Row(f"note F1, {name}", ours.plain, "%"),
            Row(f"note F1, {name}, beyond SwiftF0's own notes", ours.plain - best.plain, "points", 0, at_least=True),
            Row(f"processor time per minute of {name}", ours.cpu, "s"),
        ]
    return rows
