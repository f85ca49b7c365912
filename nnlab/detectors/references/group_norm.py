"""Normalisation within each example, one set of numbers after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, Outcome
from nnlab.detectors.references.norm import moments


def group_norm(given: Given, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> Array:
    x, size = given.x, num_channels // num_groups
    y = np.zeros_like(x)
    for n, g in np.ndindex(len(x), num_groups):
        mean, var = moments(x[n, g * size : (g + 1) * size])
        for c in range(g * size, (g + 1) * size):
            y[n, c] = (x[n, c] - mean) / math.sqrt(var + eps)
            if affine:
                y[n, c] = given["weight"][c] * y[n, c] + given["bias"][c]
    return y


def instance_norm(
    given: Given,
    num_features: int,
    eps: float = 1e-5,
    momentum: float | None = 0.1,
    affine: bool = False,
    track_running_stats: bool = False,
) -> Outcome:
    """The running statistics move towards the average of the examples'; momentum None leaves them, as torch does."""
    x = given.x
    y = np.zeros_like(x)
    buffers: dict[str, Array | float] = {}
    learns = given.training and track_running_stats
    rate = momentum or 0.0
    for c in range(num_features):
        of_examples = [moments(example) for example in x[:, c]]
        if learns:
            count = x[0, 0].size
            mean = sum(m for m, _ in of_examples) / len(x)
            unbiased = sum(v * count / (count - 1) for _, v in of_examples) / len(x)
            for name, value in (("running_mean", mean), ("running_var", unbiased)):
                buffers.setdefault(name, given[name].copy())[c] = (1 - rate) * given[name][c] + rate * value  # type: ignore[index]
        for n, (mean, var) in enumerate(of_examples):
            if track_running_stats and not given.training:
                mean, var = given["running_mean"][c], given["running_var"][c]
            y[n, c] = (x[n, c] - mean) / math.sqrt(var + eps)
            if affine:
                y[n, c] = given["weight"][c] * y[n, c] + given["bias"][c]
    return Outcome(y, buffers)


REFERENCES = {"GroupNorm": group_norm, "InstanceNorm2d": instance_norm}
