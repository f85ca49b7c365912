"""Invertible layers, row by row."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given


def affine_coupling(given: Given, module: Callable[..., Any], split: int, swap: bool = False) -> tuple[Array, Array]:
    """Equations 7 and 8: what passes decides how each of the others is scaled and moved."""
    x = given.x
    size = x.shape[-1]
    passing, moved = list(range(split)), list(range(split, size))
    if swap:
        passing, moved = moved, passing
    st = given.layer(module, "module.")(x[..., passing])
    y, log_det = np.array(x), np.zeros(x.shape[:-1])
    for n in np.ndindex(*log_det.shape):
        for k, i in enumerate(moved):
            y[*n, i] = x[*n, i] * math.exp(st[*n, k]) + st[*n, len(moved) + k]
        log_det[n] = math.fsum(st[n][: len(moved)])
    return y, log_det


REFERENCES = {"AffineCoupling": affine_coupling}
