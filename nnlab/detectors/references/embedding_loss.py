"""Losses of embeddings, one sample after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.loss import reduced
from nnlab.detectors.references.softmax import log_softmax_of


def cosine_embedding_loss(given: Given, margin: float = 0.0, reduction: str = "mean") -> Array:
    """1e-12 is added to the squared lengths, as in torch."""
    input1, input2, target = given.inputs
    losses = np.zeros(input1.shape[:-1])
    for n in np.ndindex(*losses.shape):
        a, b = input1[n], input2[n]
        cos = math.fsum(a * b) / math.sqrt((math.fsum(a * a) + 1e-12) * (math.fsum(b * b) + 1e-12))
        losses[n] = 1 - cos if np.asarray(target)[n] == 1 else max(0.0, cos - margin)
    return reduced(losses, reduction)


def triplet_margin_loss(
    given: Given, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
) -> Array:
    anchor, positive, negative = given.inputs

    def distance(a: Array, b: Array) -> float:
        sizes = [abs(u - v + eps) for u, v in zip(a, b, strict=True)]
        return max(sizes) if math.isinf(p) else float(math.fsum(s**p for s in sizes) ** (1 / p))

    losses = np.zeros(anchor.shape[:-1])
    for n in np.ndindex(*losses.shape):
        far = distance(anchor[n], negative[n])
        if swap:
            far = min(far, distance(positive[n], negative[n]))
        losses[n] = max(0.0, margin + distance(anchor[n], positive[n]) - far)
    return reduced(losses, reduction)


def info_nce_loss(given: Given, temperature: float = 1.0, reduction: str = "mean") -> Array:
    query, key = given.inputs
    losses = np.zeros(query.shape[:-1])
    for *n, i in np.ndindex(*losses.shape):
        scores = np.array([math.fsum(query[*n, i] * other) / temperature for other in key[*n]])
        losses[*n, i] = -log_softmax_of(scores)[i]
    return reduced(losses, reduction)


REFERENCES = {
    "CosineEmbeddingLoss": cosine_embedding_loss,
    "InfoNCELoss": info_nce_loss,
    "TripletMarginLoss": triplet_margin_loss,
}
