"""Attention with a kernel in place of the softmax, one weight after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise


def linear_attention(given: Given, causal: bool = False, eps: float = 1e-6) -> Array:
    """Equation 5 with the feature map elu + 1 of equation 7: the weights themselves, which the paper avoids."""
    query, key, value = given.inputs[:3]
    (padding,) = given.optional(3, None)
    q, k = (entrywise(lambda z: z + 1 if z > 0 else math.exp(z), x) for x in (query, key))
    y = np.zeros((*query.shape[:-1], value.shape[-1]))
    for *n, i in np.ndindex(*query.shape[:-1]):
        reach = [j for j in range(i + 1 if causal else key.shape[-2]) if padding is None or not padding[*n, j]]
        weights = [math.fsum(q[*n, i] * k[*n, j]) for j in reach]
        y[*n, i] = sum(w * value[*n, j] for w, j in zip(weights, reach, strict=True)) / (math.fsum(weights) + eps)
    return y


REFERENCES = {"LinearAttention": linear_attention}
