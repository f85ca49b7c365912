"""Positions told by rotation: each pair is a complex number that is turned."""

import cmath

import numpy as np

from nnlab.detectors.references.given import Array, Given


def rotary_embedding(given: Given, dim: int, base: float = 10000.0, interleaved: bool = True) -> Array:
    (offset,) = given.optional(1, 0)
    x = given.x
    y = np.zeros_like(x)
    for *n, t, i in np.ndindex(*x.shape[:-1], dim // 2):
        real, imaginary = (2 * i, 2 * i + 1) if interleaved else (i, i + dim // 2)
        angle = (offset + t) / base ** (2 * i / dim)
        turned = complex(x[*n, t, real], x[*n, t, imaginary]) * cmath.rect(1, angle)
        y[*n, t, real], y[*n, t, imaginary] = turned.real, turned.imag
    return y


REFERENCES = {"RotaryEmbedding": rotary_embedding}
