"""Associative memory, one state after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def hopfield(given: Given, beta: float | None = None, update_steps: int = 1) -> Array:
    """Equation 3: ξ ← X softmax(β Xᵀ ξ), with the stored patterns as X."""
    state, stored = given.inputs
    y = np.zeros(state.shape)
    for *n, t in np.ndindex(*state.shape[:-1]):
        xi, patterns = state[*n, t], stored[*n]
        sharpness = len(xi) ** -0.5 if beta is None else beta
        for _ in range(update_steps):
            likeness = [sharpness * math.fsum(pattern * xi) for pattern in patterns]
            xi = sum(p * pattern for p, pattern in zip(softmax_of(np.array(likeness)), patterns, strict=True))
        y[*n, t] = xi
    return y


REFERENCES = {"Hopfield": hopfield}
