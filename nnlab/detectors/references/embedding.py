"""Tables of vectors, one row after the other."""

import math
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, Outcome


def embedding(
    given: Given,
    num_embeddings: int,
    embedding_dim: int,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Outcome:
    """The padding row is looked up like any other: it is 0 because it is not learned."""
    table = shortened(given["weight"], given.x, max_norm, norm_type)
    y = np.zeros((*given.x.shape, embedding_dim))
    for n in np.ndindex(*given.x.shape):
        y[n] = table[int(given.x[n])]
    return Outcome(y, parameters={"weight": table})


def shortened(weight: Array, used: Any, max_norm: float | None, norm_type: float) -> Array:
    """The table once its rows in use are at most max_norm long: longer ones times max_norm / (length + 1e-7)."""
    table = weight.copy()
    for row in set(map(int, used.flat)):
        length = math.fsum(abs(v) ** norm_type for v in weight[row]) ** (1 / norm_type)
        if max_norm is not None and length > max_norm:
            table[row] *= max_norm / (length + 1e-7)
    return table


REFERENCES = {"Embedding": embedding}
