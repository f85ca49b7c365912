"""Losses of a sequence against one of another length, by listing every path."""

import math
from itertools import groupby, product

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.loss import reduced


def ctc_loss(given: Given, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> Array:
    """Equations 2 and 3: the probability of a labelling is the sum of those of all paths that collapse to it."""
    log_probs, targets, frames, lengths = given.inputs
    batched = log_probs.ndim == 3
    samples = log_probs if batched else log_probs[:, None]
    frames, lengths = np.atleast_1d(frames), np.atleast_1d(lengths)
    losses = np.zeros(samples.shape[1])
    for n, (steps, length) in enumerate(zip(frames.tolist(), lengths.tolist(), strict=True)):
        start = int(lengths[:n].sum())
        labels = targets[n, :length] if targets.ndim == 2 else targets[start : start + length]
        p = probability(samples[:steps, n], labels.tolist(), blank)
        losses[n] = -math.log(p) if p > 0 else 0.0 if zero_infinity else math.inf
        if reduction == "mean":
            losses[n] /= max(length, 1)
    return reduced(losses.reshape(log_probs.shape[1:-1]), reduction)


def probability(log_probs: Array, labels: list[int], blank: int) -> float:
    """Of the labelling, from log-probabilities (T, C)."""
    steps, classes = log_probs.shape
    total = []
    for path in product(range(classes), repeat=steps):
        if [label for label, _ in groupby(path) if label != blank] == labels:
            total.append(math.exp(math.fsum(log_probs[t, label] for t, label in enumerate(path))))
    return math.fsum(total)


REFERENCES = {"CTCLoss": ctc_loss}
