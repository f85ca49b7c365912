"""Positions, one entry after the other."""

import math

import numpy as np

from nnlab.detectors.references.chance import Masked
from nnlab.detectors.references.dropout import dropout as dropout_of
from nnlab.detectors.references.given import Array, Given


def sinusoidal_positional_encoding(
    given: Given, embed_dim: int, dropout: float = 0.0, max_len: int = 5000
) -> Array | Masked:
    """Sections 3.5 and 5.4."""
    coded = np.array(given.x)
    for *n, t, c in np.ndindex(coded.shape):
        angle = t / math.pow(10000, (c - c % 2) / embed_dim)
        coded[*n, t, c] += math.cos(angle) if c % 2 else math.sin(angle)
    return dropout_of(given.part("", coded), dropout)


def learned_positional_embedding(given: Given, max_len: int, embed_dim: int) -> Array:
    y = np.array(given.x)
    for *n, t in np.ndindex(*y.shape[:-1]):
        y[*n, t] += given["weight"][t]
    return y


def alibi(given: Given, num_heads: int) -> Array:
    """The last query stands at the last key."""
    scores = given.x
    slopes = slopes_of(num_heads)
    y = np.zeros_like(scores)
    for *n, h, i, j in np.ndindex(scores.shape):
        place = i + scores.shape[-1] - scores.shape[-2]
        y[*n, h, i, j] = scores[*n, h, i, j] - slopes[h] * abs(place - j)
    return y


def slopes_of(heads: int) -> list[float]:
    """For n heads, a power of 2, a geometric sequence that starts at 2^(-8/n) with that same ratio.

    As in the authors' code, other numbers take the sequence of the power of 2 below, and then every second slope of the
    power above.
    """
    below = 1
    while 2 * below <= heads:
        below *= 2
    slopes = [2 ** (-8 / below)]
    while len(slopes) < below:
        slopes.append(slopes[-1] * slopes[0])
    return slopes if heads == below else slopes + slopes_of(2 * below)[::2]


REFERENCES = {
    "ALiBi": alibi,
    "LearnedPositionalEmbedding": learned_positional_embedding,
    "SinusoidalPositionalEncoding": sinusoidal_positional_encoding,
}
