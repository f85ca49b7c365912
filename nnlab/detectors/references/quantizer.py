"""Vector quantisation, one vector after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given


def vector_quantizer(
    given: Given, num_embeddings: int, embedding_dim: int, commitment_cost: float = 0.25
) -> tuple[Array, Array, Array, Array]:
    """Equation 3 with the stopped gradients' values, which are z and q unless they are given."""
    z = given.x
    held_z, held_q = given.optional(1, None, None)
    held_z = z if held_z is None else held_z
    codebook = given["weight"]
    indices, q = np.zeros(z.shape[:-1]), np.zeros_like(z)
    for n in np.ndindex(*indices.shape):
        distances = [math.dist(held_z[n], codebook[k]) for k in range(num_embeddings)]
        indices[n] = distances.index(min(distances))
        q[n] = codebook[int(indices[n])]
    held_q = q if held_q is None else held_q
    return held_q + (z - held_z), mean_square(held_z, q), commitment_cost * mean_square(z, held_q), indices


def mean_square(a: Array, b: Array) -> Array:
    """The mean of (a - b)²."""
    return np.array(math.fsum((u - v) ** 2 for u, v in zip(a.flat, b.flat, strict=True)) / a.size)


REFERENCES = {"VectorQuantizer": vector_quantizer}
