"""Trains the note model and writes it with its card: `make train`, or `python -m training.notes`.

    python -m training.notes [--takes 1200] [--steps 2500] [--members 2] [--seed 1] [--out FILE]

Only the model in its place (without `--out`) is scored and gets a card.
"""

import argparse
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.audio.analysis import note_model
from adapters.audio.analysis.features import FEATURES_VERSION
from adapters.audio.analysis.pitch import STEP
from training.notes import card, export, loop, network, probe
from training.notes.batches import Tracks, tracks
from training.notes.dataset import Request, digest, examples
from training.voices.take import Split

AGREEMENT: Final = 1e-4
"""Largest difference of log odds between jax and the exported model."""


def main() -> None:
    """Make the data, train, export, score, write the card."""
    options, begun = _options(), time.monotonic()
    print(f"Data: {options.takes} takes of the training split", flush=True)
    data = tracks(examples(Request(0, options.takes, Split.TRAIN)))
    members = []
    for seed in range(options.seed, options.seed + options.members):
        print(f"Training: {options.steps} steps from seed {seed}", flush=True)
        members.append(loop.train(data, steps=options.steps, seed=seed))
    export.write(members, options.out, _metadata(options, data, members))
    _check_equal(members, options.out, data.inputs[:1000].astype(np.float32))
    print(f"Written: {options.out.name}, after {time.monotonic() - begun:.0f} s", flush=True)
    if options.out == note_model.MODEL_FILE:
        card.write()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--takes", type=int, default=1200, help="number of synthetic recordings")
    parser.add_argument("--steps", type=int, default=2500, help="number of batches")
    parser.add_argument("--members", type=int, default=2, help="number of networks whose mean is the model")
    parser.add_argument("--seed", type=int, default=1, help="of the first network; the others have the next ones")
    parser.add_argument("--out", type=Path, default=note_model.MODEL_FILE)
    return parser.parse_args()


def _metadata(options: argparse.Namespace, data: Tracks, members: list[network.Parameters]) -> dict[str, str]:
    """Return what the model file says of itself."""
    facts = {
        "features_version": FEATURES_VERSION,
        "probe": probe.fingerprint(),
        "data": digest(),
        "takes": options.takes,
        "minutes": round(len(data.inputs) * STEP / 60),
        "steps": options.steps,
        "seed": options.seed,
        "members": len(members),
        "weights": network.count(members[0]),
    }
    return {name: str(value) for name, value in facts.items()}


def _check_equal(members: list[network.Parameters], path: Path, inputs: NDArray[np.float32]) -> None:
    """Compare the exported model with jax.

    Raises:
        RuntimeError: When they differ.
    """
    (logits,) = note_model.load(path).run(["logits"], {"features": np.ascontiguousarray(inputs.T[None])})
    ours = np.mean([network.apply(member, inputs[None])[0] for member in members], axis=0)
    apart = float(np.max(np.abs(logits[0].T - ours)))
    if apart > AGREEMENT:
        raise RuntimeError(f"the exported model differs from jax by {apart:.1e}")


if __name__ == "__main__":
    main()
