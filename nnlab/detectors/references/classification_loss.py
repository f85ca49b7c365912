"""Losses of one class out of C, one target after the other."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.loss import reduced
from nnlab.detectors.references.softmax import log_softmax_of


def rows(given: Given) -> tuple[Array, Array]:
    """Input (and target, where it has classes too) with the dimension of the classes at the end."""
    x, target = given.inputs
    axis = 1 if x.ndim > 1 else 0
    target = np.asarray(target)
    return np.moveaxis(x, axis, -1), np.moveaxis(target, axis, -1) if target.ndim == x.ndim else target


def counted(target: Array, ignore_index: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Each place of the target whose class is not ignored, and the class."""
    for n in np.ndindex(*target.shape):
        if target[n] != ignore_index:
            yield n, int(target[n])


def nll_loss(given: Given, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Array:
    x, target = rows(given)
    w = np.ones(x.shape[-1]) if weight is None else given["weight"]
    losses, total = np.zeros(target.shape), 0.0
    for n, label in counted(target, ignore_index):
        losses[n] = -w[label] * x[*n, label]
        total += w[label]
    return reduced(losses, reduction, total)


def cross_entropy_loss(
    given: Given,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """As in torch the mean over class targets divides by their weights, that over probabilities by their number."""
    x, target = rows(given)
    classes = x.shape[-1]
    w = np.ones(classes) if weight is None else given["weight"]

    def loss(n: tuple[int, ...], q: Array) -> float:
        """What has a share of 0 adds nothing, whatever its logit."""
        shares = w * ((1 - label_smoothing) * q + label_smoothing / classes)
        return -math.fsum(s * log_p for s, log_p in zip(shares, log_softmax_of(x[n]), strict=True) if s != 0)

    losses, total = np.zeros(x.shape[:-1]), 0.0
    if target.ndim == x.ndim:
        for n in np.ndindex(*losses.shape):
            losses[n] = loss(n, target[n])
        return reduced(losses, reduction)
    for n, label in counted(target, ignore_index):
        losses[n] = loss(n, np.eye(classes)[label])
        total += w[label]
    return reduced(losses, reduction, total)


REFERENCES = {"CrossEntropyLoss": cross_entropy_loss, "NLLLoss": nll_loss}
