"""Bags of vectors, one bag after the other."""

import numpy as np

from nnlab.detectors.references.embedding import shortened
from nnlab.detectors.references.given import Given, Outcome


def embedding_bag(
    given: Given,
    num_embeddings: int,
    embedding_dim: int,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    mode: str = "mean",
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Outcome:
    """The sum, mean or maximum of the rows in each bag but for the padding row; an empty bag gives zeros."""
    offsets, weights = given.optional(1, None, None)
    flat = [int(row) for row in given.x.flat]
    factors = [1.0] * len(flat) if weights is None else list(weights.flat)
    if offsets is None:
        bounds = [b * given.x.shape[1] for b in range(len(given.x) + 1)]
    else:
        bounds = list(offsets) if include_last_offset else [*offsets, len(flat)]
    padding = None if padding_idx is None else padding_idx % num_embeddings
    table = shortened(given["weight"], given.x, max_norm, norm_type)
    y = np.zeros((len(bounds) - 1, embedding_dim))
    for b in range(len(y)):
        bag = [i for i in range(bounds[b], bounds[b + 1]) if flat[i] != padding]
        for d in range(embedding_dim if bag else 0):
            entries = [factors[i] * table[flat[i], d] for i in bag]
            y[b, d] = max(entries) if mode == "max" else sum(entries) / (len(bag) if mode == "mean" else 1)
    return Outcome(y, parameters={"weight": table})


REFERENCES = {"EmbeddingBag": embedding_bag}
