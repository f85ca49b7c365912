"""Initial values of parameters, as torch draws them."""

from math import sqrt

import numpy as np
from numpy.typing import DTypeLike

from nnlab.nn.arrays import Array


def uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float, dtype: DTypeLike) -> Array:
    """U(-bound, bound)."""
    return rng.uniform(-bound, bound, shape).astype(dtype)


def fan_in_uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, dtype: DTypeLike) -> Array:
    """U(-1/√fan_in, 1/√fan_in): torch's default for weights and biases of linear and convolution layers."""
    return uniform(rng, shape, 1 / sqrt(fan_in), dtype)


def xavier_uniform(rng: np.random.Generator, shape: tuple[int, int], dtype: DTypeLike) -> Array:
    """U(-a, a) with a = √(6 / (fan_in + fan_out)). Source: Glorot and Bengio, AISTATS 2010, equation 16."""
    return uniform(rng, shape, sqrt(6 / sum(shape)), dtype)


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """N(0, 1)."""
    return rng.standard_normal(shape).astype(dtype)
