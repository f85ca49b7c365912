"""Attention, one head after the other."""

import math
from typing import Any

import numpy as np

from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.softmax import softmax_of


def self_attention(given: Given, embed_dim: int, bias: bool = True) -> Array:
    x = given.x
    q, k, v = (linear(given.part(f, x), embed_dim, embed_dim, bias) for f in ("query.", "key.", "value."))
    y = np.zeros_like(x)
    for n, t in np.ndindex(*x.shape[:2]):
        weights = softmax_of(np.array([q[n, t] @ key / math.sqrt(embed_dim) for key in k[n]]))
        y[n, t] = sum(w * value for w, value in zip(weights, v[n], strict=True))
    return y


def multihead_attention(
    given: Given, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, batch_first: bool = False
) -> tuple[Array, Array | None]:
    """Section 3.2.2; the weights that are returned are those after dropout, averaged over the heads."""
    query, key, value = given.inputs[:3]
    padding, need_weights, mask = given.optional(3, None, True, None)
    if not batch_first:
        query, key, value = (x.swapaxes(0, 1) for x in (query, key, value))
    q, k, v = (projected(given, x, i, bias) for i, x in enumerate((query, key, value)))
    size = embed_dim // num_heads
    weights = np.zeros((len(q), num_heads, q.shape[1], k.shape[1]))
    for n, h, t in np.ndindex(*weights.shape[:3]):
        mine = slice(h * size, (h + 1) * size)
        scores = [q[n, t, mine] @ k[n, s, mine] / math.sqrt(size) for s in range(k.shape[1])]
        masks = (masked(padding, n, s) + masked(of_head(mask, n * num_heads + h), t, s) for s in range(k.shape[1]))
        weights[n, h, t] = softmax_of(np.array(scores) + np.array(list(masks)))
    weights = dropped(given, weights, dropout)
    heads = np.zeros(q.shape)
    for n, h, t in np.ndindex(*weights.shape[:3]):
        mine = slice(h * size, (h + 1) * size)
        heads[n, t, mine] = sum(w * row for w, row in zip(weights[n, h, t], v[n, :, mine], strict=True))
    y = linear(given.part("out_proj.", heads), embed_dim, embed_dim, bias)
    return y if batch_first else y.swapaxes(0, 1), weights.sum(1) / num_heads if need_weights else None


def projected(given: Given, x: Array, third: int, bias: bool) -> Array:
    """x W + b with one third of in_proj_weight, in the order query, key, value."""
    rows = slice(third * x.shape[-1], (third + 1) * x.shape[-1])
    y: Array = np.einsum("nti,oi->nto", x, given["in_proj_weight"][rows])
    return y + given["in_proj_bias"][rows] if bias else y


def of_head(mask: Any, head: int) -> Any:
    """The mask (L, S) of one head of one sample."""
    return mask[head] if mask is not None and np.ndim(mask) == 3 else mask


def masked(mask: Any, t: int, s: int) -> float:
    """What the mask adds to a score: -inf where a boolean one is True."""
    if mask is None:
        return 0.0
    entry = np.asarray(mask)[t, s]
    if entry.dtype == bool:
        return -math.inf if entry else 0.0
    return float(entry)


REFERENCES = {"MultiheadAttention": multihead_attention, "SelfAttention": self_attention}
