"""Tables of vectors, one row after the other."""

import numpy as np

from nnlab.detectors.references.given import Array, Given


def embedding(given: Given, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> Array:
    """The padding row is looked up like any other: it is 0 because it is not learned."""
    y = np.zeros((*given.x.shape, embedding_dim))
    for n in np.ndindex(*given.x.shape):
        y[n] = given["weight"][int(given.x[n])]
    return y


REFERENCES = {"Embedding": embedding}
