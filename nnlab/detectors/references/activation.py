"""Smooth activations, entry by entry."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid, softplus


def gelu(given: Given, approximate: str = "none") -> Array:
    return gelu_of(given.x, approximate)


def gelu_of(x: Array, approximate: str = "none") -> Array:
    """x Φ(x), or Hendrycks and Gimpel's approximation of it."""
    if approximate == "tanh":
        return entrywise(lambda v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))), x)
    return entrywise(lambda v: v * math.erfc(-v / math.sqrt(2)) / 2, x)


def log_sigmoid(given: Given) -> Array:
    return entrywise(lambda x: -softplus(-x), given.x)


def mish(given: Given) -> Array:
    return entrywise(lambda x: x * math.tanh(softplus(x)), given.x)


def sigmoid_layer(given: Given) -> Array:
    return entrywise(sigmoid, given.x)


def silu(given: Given) -> Array:
    return entrywise(lambda x: x * sigmoid(x), given.x)


def softplus_layer(given: Given, beta: float = 1.0, threshold: float = 20.0) -> Array:
    return entrywise(lambda x: x if beta * x > threshold else softplus(beta * x) / beta, given.x)


def softsign(given: Given) -> Array:
    return entrywise(lambda x: x / (1 + abs(x)), given.x)


def tanh(given: Given) -> Array:
    return entrywise(math.tanh, given.x)


def tanhshrink(given: Given) -> Array:
    return np.array(given.x) - tanh(given)


REFERENCES = {
    "GELU": gelu,
    "LogSigmoid": log_sigmoid,
    "Mish": mish,
    "SiLU": silu,
    "Sigmoid": sigmoid_layer,
    "Softplus": softplus_layer,
    "Softsign": softsign,
    "Tanh": tanh,
    "Tanhshrink": tanhshrink,
}
