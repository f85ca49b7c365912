"""Losses of yes or no, entry by entry."""

import math
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid, softplus
from nnlab.detectors.references.loss import reduced


def constant(given: Given, name: str, values: Any) -> Array:
    """A buffer that is there if its values were given, else 1."""
    return np.ones(()) if values is None else given[name]


def bce_loss(given: Given, weight: Any = None, reduction: str = "mean") -> Array:
    """Logarithms are at least -100, as in torch."""

    def log(p: float) -> float:
        return max(math.log(p), -100.0) if p > 0 else -100.0

    def loss(p: float, y: float, w: float) -> float:
        return -w * (y * log(p) + (1 - y) * log(1 - p))

    return reduced(entrywise(loss, *given.inputs, constant(given, "weight", weight)), reduction)


def bce_with_logits_loss(given: Given, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> Array:
    """-w (c y log σ(x) + (1 - y) log(1 - σ(x))), with c = pos_weight."""

    def loss(x: float, y: float, w: float, c: float) -> float:
        return w * (c * y * softplus(-x) + (1 - y) * softplus(x))

    factors = constant(given, "weight", weight), constant(given, "pos_weight", pos_weight)
    return reduced(entrywise(loss, *given.inputs, *factors), reduction)


def focal_loss(given: Given, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean") -> Array:
    def loss(x: float, y: float) -> float:
        z = x if y == 1 else -x  # p_t is the sigmoid of z
        alpha_t = 1 if alpha is None else alpha if y == 1 else 1 - alpha
        return alpha_t * float(sigmoid(-z) ** gamma) * softplus(-z)

    return reduced(entrywise(loss, *given.inputs), reduction)


def dice_loss(given: Given, eps: float = 1e-5, reduction: str = "mean") -> Array:
    """Of each sample, with the squares of the paper in the denominator."""
    losses = []
    for p, g in zip(*given.inputs, strict=True):
        overlap = math.fsum((p * g).flat)
        losses.append(1 - (2 * overlap + eps) / (math.fsum((p * p).flat) + math.fsum((g * g).flat) + eps))
    return reduced(np.array(losses), reduction)


REFERENCES = {
    "BCELoss": bce_loss,
    "BCEWithLogitsLoss": bce_with_logits_loss,
    "DiceLoss": dice_loss,
    "FocalLoss": focal_loss,
}
