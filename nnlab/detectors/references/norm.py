"""Normalisation, one set of numbers after the other."""

import math
from collections.abc import Sequence

import numpy as np

from nnlab.detectors.references.given import Array, Given, Outcome, numbers


def moments(values: Array) -> tuple[float, float]:
    """Mean and biased variance."""
    mean = math.fsum(values.flat) / values.size
    return mean, math.fsum((v - mean) ** 2 for v in values.flat) / values.size


def layer_norm(
    given: Given,
    normalized_shape: int | Sequence[int],
    eps: float = 1e-5,
    elementwise_affine: bool = True,
    bias: bool = True,
) -> Array:
    x, shape = given.x, numbers(normalized_shape, 1)
    y = np.zeros_like(x)
    for n in np.ndindex(*x.shape[: x.ndim - len(shape)]):
        mean, var = moments(x[n])
        y[n] = (x[n] - mean) / math.sqrt(var + eps)
        if elementwise_affine:
            y[n] *= given["weight"]
            y[n] += given["bias"] if bias else 0
    return y


def rms_norm(
    given: Given, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True
) -> Array:
    x, shape = given.x, numbers(normalized_shape, 1)
    smallest = 2.0**-52 if eps is None else eps  # the machine epsilon of float64
    y = np.zeros_like(x)
    for n in np.ndindex(*x.shape[: x.ndim - len(shape)]):
        y[n] = x[n] / math.sqrt(math.fsum(v * v for v in x[n].flat) / x[n].size + smallest)
        y[n] *= given["weight"] if elementwise_affine else 1
    return y


def batch_norm(
    given: Given,
    num_features: int,
    eps: float = 1e-5,
    momentum: float | None = 0.1,
    affine: bool = True,
    track_running_stats: bool = True,
) -> Outcome:
    """x of shape (N, num_features, …); the running variance is the unbiased one."""
    x = given.x
    y = np.zeros_like(x)
    after: dict[str, Array] = {}
    rate = 0.0
    if given.training and track_running_stats:
        count = given["num_batches_tracked"] + 1
        rate = 1 / float(count) if momentum is None else momentum
        after = {"running_mean": np.zeros(num_features), "running_var": np.zeros(num_features)}
        after["num_batches_tracked"] = count
    for c in range(num_features):
        entries = x[:, c]
        mean, var = moments(entries)
        if given.training and track_running_stats:
            unbiased = var * entries.size / (entries.size - 1)
            after["running_mean"][c] = (1 - rate) * given["running_mean"][c] + rate * mean
            after["running_var"][c] = (1 - rate) * given["running_var"][c] + rate * unbiased
        if not given.training and track_running_stats:
            mean, var = given["running_mean"][c], given["running_var"][c]
        y[:, c] = (entries - mean) / math.sqrt(var + eps)
        if affine:
            y[:, c] = given["weight"][c] * y[:, c] + given["bias"][c]
    return Outcome(y, after)


def local_response_norm(given: Given, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Array:
    x = given.x
    y = np.zeros_like(x)
    for c in range(x.shape[1]):
        seen = range(max(c - size // 2, 0), min(c + (size - 1) // 2 + 1, x.shape[1]))
        squares = sum(x[:, s] * x[:, s] for s in seen)
        y[:, c] = x[:, c] / (k + alpha * squares / size) ** beta
    return y


REFERENCES = {
    "BatchNorm1d": batch_norm,
    "BatchNorm2d": batch_norm,
    "LayerNorm": layer_norm,
    "LocalResponseNorm": local_response_norm,
    "RMSNorm": rms_norm,
}
