"""Soft sorting, one row after the other."""

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.softmax import softmax_of


def soft_sort(given: Given, tau: float = 1.0) -> Array:
    """Equation 4, with the distance |·|."""
    rows = given.x.shape[:-1]
    p = np.zeros((*rows, given.x.shape[-1], given.x.shape[-1]))
    for n in np.ndindex(*rows):
        s = given.x[n].tolist()
        for i, largest in enumerate(sorted(s, reverse=True)):
            p[*n, i] = softmax_of(np.array([-abs(largest - entry) / tau for entry in s]))
    return p


REFERENCES = {"SoftSort": soft_sort}
