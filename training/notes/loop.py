"""Trains the network: binary cross-entropy, Adam (Kingma & Ba 2015), cosine schedule, averaged weights."""

import time
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from training.notes import network
from training.notes.batches import Tracks, batches

RATE: Final = 3e-3
WARM_UP: Final = 100
WEIGHT_DECAY: Final = 1e-4
MEMORY: Final = 0.995
"""Of the moving average of weights that is kept (Polyak & Juditsky 1992)."""

POSITIVE_WEIGHTS: Final = (4.0, 1.0, 2.0)
LOSS_WEIGHTS: Final = (1.0, 0.4, 0.3)
"""Of the onset, the active and the offset output."""


class _State(NamedTuple):
    weights: Any
    mean: Any
    square: Any
    average: Any


def train(data: Tracks, *, steps: int, seed: int) -> network.Parameters:
    """Return trained weights; progress is printed. The same data and seed give the same weights on one machine."""
    rng = np.random.default_rng(seed)
    sample = data.inputs[:: max(1, len(data.inputs) // 50_000)].astype(np.float32)
    fixed = {"mean": sample.mean(axis=0), "deviation": sample.std(axis=0) + 0.05}
    weights = network.initial(rng, **fixed)
    weights = {name: layer for name, layer in weights.items() if name not in fixed}
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state, begun, losses = _State(weights, zeros, zeros, weights), time.monotonic(), []
    step = jax.jit(lambda *args: _step(*args, fixed=fixed, steps=steps))
    for number, batch in enumerate(batches(data, rng, steps)):
        state, loss = step(state, batch.inputs, batch.targets, jax.random.key(seed * 1_000_003 + number), number)
        losses.append(float(loss))
        if (number + 1) % 100 == 0:
            seconds = time.monotonic() - begun
            print(f"  step {number + 1} of {steps}, loss {np.mean(losses[-100:]):.4f}, {seconds:.0f} s", flush=True)
    return {**jax.tree.map(np.asarray, state.average), **fixed}


def _loss(weights: Any, inputs: jax.Array, targets: jax.Array, key: jax.Array, fixed: Any) -> jax.Array:
    logits = network.apply({**weights, **fixed}, inputs, key)
    positive = jnp.array(POSITIVE_WEIGHTS)
    costs = positive * targets * jax.nn.softplus(-logits) + (1 - targets) * jax.nn.softplus(logits)
    return jnp.sum(jnp.mean(costs, axis=(0, 1)) * jnp.array(LOSS_WEIGHTS))


def _step(
    state: _State, inputs: jax.Array, targets: jax.Array, key: jax.Array, number: jax.Array, *, fixed: Any, steps: int
) -> tuple[_State, jax.Array]:
    loss, slope = jax.value_and_grad(_loss)(state.weights, inputs, targets, key, fixed)
    norm = jnp.sqrt(sum(jnp.sum(part**2) for part in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda part: part * jnp.minimum(1, 1 / (norm + 1e-9)), slope)
    mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, state.mean, slope)
    square = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new**2, state.square, slope)
    age = number + 1
    rate = RATE * jnp.minimum(1, age / WARM_UP) * 0.5 * (1 + jnp.cos(jnp.pi * number / steps))

    def moved(weight: jax.Array, mean: jax.Array, square: jax.Array) -> jax.Array:
        stride = (mean / (1 - 0.9**age)) / (jnp.sqrt(square / (1 - 0.999**age)) + 1e-8)
        return weight - rate * (stride + WEIGHT_DECAY * weight)

    weights = jax.tree.map(moved, state.weights, mean, square)
    memory = jnp.minimum(MEMORY, age / (age + 10))
    average = jax.tree.map(lambda old, new: memory * old + (1 - memory) * new, state.average, weights)
    return _State(weights, mean, square, average), loss
