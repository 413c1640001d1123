"""The network: a stack of dilated residual convolutions over time, as in WaveNet and TCN (Bai et al. 2018), in jax.

Its receptive field is 1 s. Three outputs per frame: log odds of an onset, of a sounding note, and of an end.
"""

from collections.abc import Mapping
from typing import Any, Final

import jax
import numpy as np
from jax import lax
from numpy.typing import NDArray

from adapters.audio.analysis.features import COLUMNS

CHANNELS: Final = 64
DILATIONS: Final = (1, 2, 4, 8, 16, 32)
KERNEL: Final = 3
OUTPUTS: Final = 3

Parameters = dict[str, Any]


def initial(rng: np.random.Generator, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> Parameters:
    """Return random weights; inputs are standardised by `mean` and `deviation`, which are not trained."""
    parameters: Parameters = {
        "enter": _weights(rng, 1, COLUMNS, CHANNELS),
        "leave": _weights(rng, 1, CHANNELS, OUTPUTS, 0.1),
        "mean": mean,
        "deviation": deviation,
    }
    for index in range(len(DILATIONS)):
        parameters[f"wide{index}"] = _weights(rng, KERNEL, CHANNELS, CHANNELS)
        parameters[f"back{index}"] = _weights(rng, 1, CHANNELS, CHANNELS, 0.5)
    return parameters


def _weights(rng: np.random.Generator, width: int, inputs: int, outputs: int, gain: float = 1.0) -> dict[str, Any]:
    """Return a kernel, shape (width, inputs, outputs), after He et al. 2015, and zeros for its bias."""
    kernel = rng.normal(0, gain * np.sqrt(2 / (width * inputs)), (width, inputs, outputs))
    return {"kernel": kernel.astype(np.float32), "bias": np.zeros(outputs, dtype=np.float32)}


def count(parameters: Parameters) -> int:
    """Return the number of trained weights."""
    return sum(layer["kernel"].size + layer["bias"].size for layer in parameters.values() if isinstance(layer, dict))


def apply(parameters: Parameters, inputs: jax.Array, dropout: jax.Array | None = None) -> jax.Array:
    """Return logits, shape (batch, frames, OUTPUTS), of inputs of shape (batch, frames, COLUMNS).

    `dropout` is a random key; whole channels are left out with a chance of a tenth (Tompson et al. 2015).
    """
    state = _conv((inputs - parameters["mean"]) / parameters["deviation"], parameters["enter"])
    for index, dilation in enumerate(DILATIONS):
        inner = jax.nn.relu(_conv(jax.nn.relu(state), parameters[f"wide{index}"], dilation))
        if dropout is not None:
            dropout, key = jax.random.split(dropout)
            inner = inner * jax.random.bernoulli(key, 0.9, (inner.shape[0], 1, CHANNELS)) / 0.9
        state = state + _conv(inner, parameters[f"back{index}"])
    return _conv(jax.nn.relu(state), parameters["leave"])


def _conv(values: jax.Array, layer: Mapping[str, jax.Array], dilation: int = 1) -> jax.Array:
    """Return a convolution over time, zero-padded at the ends."""
    layout = ("NWC", "WIO", "NWC")
    moved = lax.conv_general_dilated(
        values, layer["kernel"], (1,), "SAME", rhs_dilation=(dilation,), dimension_numbers=layout
    )
    return moved + layer["bias"]
