"""Attention to the neighbourhood, one neighbour after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def sliding_window_attention(given: Given, window: int, causal: bool = False) -> Array:
    query, key, value = given.inputs[:3]
    (padding,) = given.optional(3, None)
    length, size = query.shape[-2:]
    y: Array = np.zeros_like(value)
    for *n, i in np.ndindex(*query.shape[:-1]):
        reach = [j for j in range(length) if abs(i - j) <= window and not (causal and j > i)]
        reach = [j for j in reach if padding is None or not padding[*n, j]]
        if reach:
            weights = softmax_of(np.array([query[*n, i] @ key[*n, j] / math.sqrt(size) for j in reach]))
            y[*n, i] = sum(w * value[*n, j] for w, j in zip(weights, reach, strict=True))
    return y


REFERENCES = {"SlidingWindowAttention": sliding_window_attention}
