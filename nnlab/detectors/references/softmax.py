"""Softmax and its kin, one row after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given


def log_softmax_of(row: Array) -> Array:
    """x_i - log Σ_j exp(x_j), over one row."""
    top = max(row)
    total = math.fsum(math.exp(v - top) for v in row)
    return np.array([v - top - math.log(total) for v in row])


def softmax_of(row: Array) -> Array:
    """exp(x_i) / Σ_j exp(x_j), over one row; zeros where every entry is -inf."""
    top = max(row)
    if math.isinf(top):
        return np.zeros(len(row))
    powers = [math.exp(v - top) for v in row]
    return np.array(powers) / math.fsum(powers)


def softmax(given: Given, dim: int) -> Array:
    return np.apply_along_axis(softmax_of, dim, given.x)


def softmin(given: Given, dim: int) -> Array:
    return np.apply_along_axis(softmax_of, dim, -given.x)


def log_softmax(given: Given, dim: int) -> Array:
    return np.apply_along_axis(log_softmax_of, dim, given.x)


REFERENCES = {"LogSoftmax": log_softmax, "Softmax": softmax, "Softmin": softmin}
