"""Attention by itself, one score after the other."""

import math
from typing import Any

import numpy as np

from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def scaled_dot_product_attention(
    given: Given,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Array:
    """As torch documents it: a boolean mask is True where a key takes part."""
    query, key, value = given.inputs[:3]
    (mask,) = given.optional(3, None)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = np.zeros((*query.shape[:-1], key.shape[-2]))
    added = np.broadcast_to(to_add(mask, hidden=False), scores.shape)
    for *n, i, j in np.ndindex(scores.shape):
        dot = sum(a * b for a, b in zip(query[*n, i], key[*head(n, query, key, enable_gqa), j], strict=True))
        scores[*n, i, j] = -math.inf if is_causal and j > i else dot * factor + added[*n, i, j]
    return mixture(dropped(given, rows_softmax(scores), dropout_p), heads_for(query, value, enable_gqa))


def head(n: list[int], query: Array, key: Array, enable_gqa: bool) -> list[int]:
    """Where the head of key or value stands that a head of query uses: neighbours share one."""
    return [*n[:-1], n[-1] * key.shape[-3] // query.shape[-3]] if enable_gqa else n


def heads_for(query: Array, value: Array, enable_gqa: bool) -> Array:
    """The head of value that each head of query uses."""
    y = np.zeros((*query.shape[:-2], *value.shape[-2:]))
    for n in np.ndindex(*query.shape[:-2]):
        y[n] = value[*head(list(n), query, value, enable_gqa)]
    return y


def to_add(mask: Any, hidden: bool) -> Array:
    """What a mask adds to the scores: -inf where a boolean one says `hidden`."""
    mask = np.asarray(0.0 if mask is None else mask)
    return np.where(mask == hidden, -math.inf, 0.0) if mask.dtype == bool else mask


def rows_softmax(scores: Array) -> Array:
    """The weights of each query."""
    return np.apply_along_axis(softmax_of, -1, scores)


def mixture(weights: Array, value: Array) -> Array:
    """Each query's mixture of the values."""
    y = np.zeros((*weights.shape[:-1], value.shape[-1]))
    for *n, i in np.ndindex(*weights.shape[:-1]):
        y[*n, i] = sum(w * v for w, v in zip(weights[*n, i], value[*n], strict=True))
    return y


REFERENCES = {"ScaledDotProductAttention": scaled_dot_product_attention}
