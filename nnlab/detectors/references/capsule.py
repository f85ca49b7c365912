"""Capsules, one sample after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def squash_of(s: Array) -> Array:
    """|s|² / (1 + |s|²) · s / |s|: equation 1, for one vector; 0 stays 0."""
    length = math.hypot(*s)
    return length**2 / (1 + length**2) * s / length if length > 0 else s


def squash(given: Given) -> Array:
    return np.apply_along_axis(squash_of, -1, given.x)


def capsule_layer(
    given: Given, in_capsules: int, in_dim: int, out_capsules: int, out_dim: int, routings: int = 3
) -> Array:
    """Procedure 1, with the prediction vectors u_hat of equation 2."""
    x, weight = given.x, given["weight"]
    v = np.zeros((len(x), out_capsules, out_dim))
    for n in range(len(x)):
        u_hat = np.einsum("ijdk,ik->ijd", weight, x[n])
        b = np.zeros((in_capsules, out_capsules))
        for _ in range(routings):
            c = np.array([softmax_of(row) for row in b])
            for j in range(out_capsules):
                v[n, j] = squash_of(sum(c[i, j] * u_hat[i, j] for i in range(in_capsules)))
            for i, j in np.ndindex(*b.shape):
                b[i, j] += math.fsum(u_hat[i, j] * v[n, j])
    return v


REFERENCES = {"CapsuleLayer": capsule_layer, "Squash": squash}
