"""What the references of losses share."""

import math

import numpy as np

from nnlab.detectors.references.given import Array


def reduced(losses: Array, reduction: str, count: float | None = None) -> Array:
    """The losses, their sum, or their sum divided by `count`, which is their number unless it is given."""
    if reduction == "none":
        return losses
    total = math.fsum(losses.flat)
    return np.array(total if reduction == "sum" else total / (losses.size if count is None else count))
