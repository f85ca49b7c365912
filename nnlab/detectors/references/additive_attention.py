"""Attention by a small network, one score after the other."""

import math

import numpy as np

from nnlab.detectors.references.attention_core import mixture, rows_softmax, to_add
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear


def additive_attention(given: Given, query_dim: int, key_dim: int, hidden_dim: int, bias: bool = False) -> Array:
    """vᵀ tanh(W s + U h) of appendix A.1.2; a boolean mask is True where a key takes no part."""
    query, key, value = given.inputs[:3]
    (mask,) = given.optional(3, None)
    s = linear(given.part("query.", query), query_dim, hidden_dim, bias)
    h = linear(given.part("key.", key), key_dim, hidden_dim, bias)
    scores = np.zeros((*query.shape[:-1], key.shape[-2]))
    added = np.broadcast_to(to_add(mask, hidden=True), scores.shape)
    for *n, i, j in np.ndindex(scores.shape):
        terms = zip(given["score"], s[*n, i], h[*n, j], strict=True)
        scores[*n, i, j] = math.fsum(v * math.tanh(a + b) for v, a, b in terms) + added[*n, i, j]
    return mixture(rows_softmax(scores), value)


REFERENCES = {"AdditiveAttention": additive_attention}
