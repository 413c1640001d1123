"""The note model: a small convolutional network that reads features and tells onsets, sounding frames and ends.

It is trained by `make train` (training/notes) on synthetic singing and run by onnxruntime. MODEL_CARD.md there tells
its data, scores and limits.
"""

import os
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import; see pitch.py

import numpy as np
import onnxruntime

from adapters.audio.analysis.features import FEATURES_VERSION, HumFeatures, model_inputs
from adapters.audio.arrays import Floats

MODEL_FILE: Final = Path(__file__).with_name("note_model.onnx")
OUTPUTS: Final = ("onset", "active", "offset")


class NotePosteriors(NamedTuple):
    """What the model tells of every frame, as log odds; arrays of shape (frames,).

    Attributes:
        onset: A note starts here; the peak is as wide as the ear's tolerance, about 14 ms.
        active: A note sounds.
        offset: A note ends here.
    """

    onset: Floats
    active: Floats
    offset: Floats


@cache
def session() -> onnxruntime.InferenceSession:
    """Return the model of this process; see `load`."""
    return load(MODEL_FILE)


def load(path: Path) -> onnxruntime.InferenceSession:
    """Return a model, single-threaded, because several processes share the cores.

    Raises:
        RuntimeError: When the model was trained on other features than those of this code.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    loaded = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    version = loaded.get_modelmeta().custom_metadata_map.get("features_version")
    if version != str(FEATURES_VERSION):
        raise RuntimeError(f"{path.name} reads features of version {version}, not {FEATURES_VERSION}: run make train")
    return loaded


def note_posteriors(features: HumFeatures) -> NotePosteriors:
    """Run the model."""
    inputs = np.ascontiguousarray(model_inputs(features).T[None])
    (logits,) = session().run(["logits"], {"features": inputs})
    return NotePosteriors(*np.asarray(logits[0], dtype=np.float64))
