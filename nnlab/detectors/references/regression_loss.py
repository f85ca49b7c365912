"""Losses of a difference, entry by entry."""

from nnlab.detectors.references.given import Array, Given, entrywise
from nnlab.detectors.references.loss import reduced


def mse_loss(given: Given, reduction: str = "mean") -> Array:
    return reduced(entrywise(lambda a, b: (a - b) * (a - b), *given.inputs), reduction)


def l1_loss(given: Given, reduction: str = "mean") -> Array:
    return reduced(entrywise(lambda a, b: abs(a - b), *given.inputs), reduction)


def smooth_l1_loss(given: Given, reduction: str = "mean", beta: float = 1.0) -> Array:
    def loss(a: float, b: float) -> float:
        d = abs(a - b)
        return d**2 / (2 * beta) if d < beta else d - beta / 2

    return reduced(entrywise(loss, *given.inputs), reduction)


def huber_loss(given: Given, reduction: str = "mean", delta: float = 1.0) -> Array:
    def loss(a: float, b: float) -> float:
        d = abs(a - b)
        return d**2 / 2 if d <= delta else delta * d - delta**2 / 2

    return reduced(entrywise(loss, *given.inputs), reduction)


REFERENCES = {"HuberLoss": huber_loss, "L1Loss": l1_loss, "MSELoss": mse_loss, "SmoothL1Loss": smooth_l1_loss}
