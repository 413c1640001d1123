"""Fits the costs of segmentation to takes of the training split that the network has not seen.

    python -m training.notes.decoding [--takes 100]

One cost at a time is scaled while the others stay; the best is kept, twice around. Prints the mean of the two note F1
(with and without ends), in percent.
"""

import argparse
from collections.abc import Sequence
from typing import Final, NamedTuple

from adapters.audio.analysis.features import HumFeatures
from adapters.audio.analysis.note_model import NotePosteriors, note_posteriors
from adapters.audio.analysis.notes import to_notes
from adapters.audio.analysis.segmentation import COSTS, Costs, best_spans
from domain.music.hum import HummedNote
from training.notes.dataset import Request, examples
from training.notes.scoring import score
from training.voices.take import Split

FIRST_SEED: Final = 1_000_000
CHOICES: Final[dict[str, tuple[float, ...]]] = {
    "onset": (0.5, 0.7, 1.0, 1.4),
    "note": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0),
    "active": (0.08, 0.15, 0.25, 0.4),
    "off_pitch": (0.05, 0.1, 0.15, 0.25, 0.4),
    "cap": (0.8, 1.5, 2.5),
}


class Heard(NamedTuple):
    """A take, its labels, and what the network says of it."""

    features: HumFeatures
    posteriors: NotePosteriors
    labels: tuple[HummedNote, ...]


def quality(takes: Sequence[Heard], costs: Costs) -> tuple[float, float]:
    """Return both F1 in percent."""
    pairs = [(t.labels, to_notes(best_spans(t.features, t.posteriors, costs), t.features, t.posteriors)) for t in takes]
    figures = score(pairs)
    return 100 * figures.f1, 100 * figures.with_offsets


def heard(count: int) -> list[Heard]:
    """Return takes that were not trained on."""
    made = examples(Request(FIRST_SEED, count, Split.TRAIN))
    return [Heard(e.features, note_posteriors(e.features), e.notes) for e in made]


def main() -> None:
    """Fit, and print every step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--takes", type=int, default=100)
    takes = heard(parser.parse_args().takes)
    best = COSTS
    for _ in range(2):
        for name in Costs._fields:
            tried = {value: quality(takes, best._replace(**{name: value})) for value in CHOICES[name]}
            winner = max(tried, key=lambda value: sum(tried[value]))
            best = best._replace(**{name: winner})
            print(name, "  ".join(f"{v}: {a:.2f}/{b:.2f}" for v, (a, b) in tried.items()), "->", winner, flush=True)
    print(best)


if __name__ == "__main__":
    main()
