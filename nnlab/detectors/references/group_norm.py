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
    after: dict[str, Array] = {}
    if given.training and track_running_stats and momentum is not None:
        found = np.array([[moments(channel) for channel in example] for example in x]).mean(0)
        count = x[0, 0].size
        after["running_mean"] = (1 - momentum) * given["running_mean"] + momentum * found[:, 0]
        after["running_var"] = (1 - momentum) * given["running_var"] + momentum * found[:, 1] * count / (count - 1)
    for n, c in np.ndindex(*x.shape[:2]):
        mean, var = moments(x[n, c])
        if track_running_stats and not given.training:
            mean, var = float(given["running_mean"][c]), float(given["running_var"][c])
        y[n, c] = (x[n, c] - mean) / math.sqrt(var + eps)
        if affine:
            y[n, c] = given["weight"][c] * y[n, c] + given["bias"][c]
    return Outcome(y, after)


REFERENCES = {"GroupNorm": group_norm, "InstanceNorm2d": instance_norm}
