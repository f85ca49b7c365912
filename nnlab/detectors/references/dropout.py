"""Dropout: the two values that each entry may have, how often it has which, and which entries go together."""

import numpy as np

from nnlab.detectors.references.chance import Masked
from nnlab.detectors.references.given import Array, Given


def dropped(given: Given, x: Array, p: float) -> Array:
    """x after the dropout inside another layer, whose mask `given.rng` draws again: kept where random() >= p."""
    if not given.training:
        return x
    kept = given.rng.random(x.shape) >= p
    return np.where(kept, x / (1 - p), 0.0) if p < 1 else np.zeros_like(x)


def masked(given: Given, p: float, units: tuple[int, ...]) -> Array | Masked:
    """x / (1 - p) or 0."""
    if not given.training or p == 0:
        return np.array(given.x)
    zeros = np.zeros_like(given.x)
    return zeros if p == 1 else Masked(given.x / (1 - p), zeros, p, units)


def dropout(given: Given, p: float = 0.5) -> Array | Masked:
    return masked(given, p, given.x.shape)


def dropout2d(given: Given, p: float = 0.5) -> Array | Masked:
    return masked(given, p, (*given.x.shape[:2], 1, 1))


def drop_path(given: Given, p: float = 0.5) -> Array | Masked:
    return masked(given, p, (len(given.x), *(1 for _ in given.x.shape[1:])))


def alpha_dropout(given: Given, p: float = 0.5) -> Array | Masked:
    if not given.training or p == 0:
        return np.array(given.x)
    if p == 1:
        return np.zeros_like(given.x)
    limit = -1.0507009873554805 * 1.6732632423543772  # of SELU at -∞
    a = (1 - p + p * (1 - p) * limit**2) ** -0.5
    b = -a * p * limit
    return Masked(a * given.x + b, np.full_like(given.x, a * limit + b), p, given.x.shape)


REFERENCES = {"AlphaDropout": alpha_dropout, "DropPath": drop_path, "Dropout": dropout, "Dropout2d": dropout2d}
