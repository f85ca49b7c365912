"""Losses that are zero beyond a margin, one entry or sample after the other."""

import math
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, softplus
from nnlab.detectors.references.loss import reduced


def hinge_embedding_loss(given: Given, margin: float = 1.0, reduction: str = "mean") -> Array:
    return reduced(entrywise(lambda x, y: x if y == 1 else max(0.0, margin - x), *given.inputs), reduction)


def margin_ranking_loss(given: Given, margin: float = 0.0, reduction: str = "mean") -> Array:
    return reduced(entrywise(lambda a, b, y: max(0.0, -y * (a - b) + margin), *given.inputs), reduction)


def soft_margin_loss(given: Given, reduction: str = "mean") -> Array:
    return reduced(entrywise(lambda x, y: softplus(-y * x), *given.inputs), reduction)


def multi_margin_loss(
    given: Given, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Array:
    x, target = given.inputs
    losses = np.zeros(x.shape[:-1])
    for n in np.ndindex(*losses.shape):
        label = int(np.asarray(target)[n])
        others = [j for j in range(x.shape[-1]) if j != label]
        total = math.fsum(max(0.0, margin - x[*n, label] + x[*n, j]) ** p for j in others)
        losses[n] = (1 if weight is None else given["weight"][label]) * total / x.shape[-1]
    return reduced(losses, reduction)


def multi_label_margin_loss(given: Given, reduction: str = "mean") -> Array:
    """The labels of a row end at the first -1."""
    x, target = given.inputs
    losses = np.zeros(x.shape[:-1])
    for n in np.ndindex(*losses.shape):
        row = target[n].tolist()
        labels = row[: row.index(-1)] if -1 in row else row
        others = [i for i in range(x.shape[-1]) if i not in labels]
        losses[n] = sum(max(0.0, 1 - (x[*n, j] - x[*n, i])) for j in labels for i in others) / x.shape[-1]
    return reduced(losses, reduction)


def capsule_margin_loss(
    given: Given, m_plus: float = 0.9, m_minus: float = 0.1, lambda_: float = 0.5, reduction: str = "mean"
) -> Array:
    v, present = given.inputs
    losses = np.zeros(len(v))
    for n, k in np.ndindex(*v.shape[:2]):
        length = math.hypot(*v[n, k])
        is_there = max(0.0, m_plus - length) ** 2
        is_not = lambda_ * max(0.0, length - m_minus) ** 2
        losses[n] += is_there if present[n, k] else is_not
    return reduced(losses, reduction)


REFERENCES = {
    "CapsuleMarginLoss": capsule_margin_loss,
    "HingeEmbeddingLoss": hinge_embedding_loss,
    "MarginRankingLoss": margin_ranking_loss,
    "MultiLabelMarginLoss": multi_label_margin_loss,
    "MultiMarginLoss": multi_margin_loss,
    "SoftMarginLoss": soft_margin_loss,
}
