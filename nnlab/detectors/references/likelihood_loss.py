"""Losses of a distribution, entry by entry."""

import math

from nnlab.detectors.references.given import Array, Given, entrywise
from nnlab.detectors.references.loss import reduced


def kl_div_loss(given: Given, reduction: str = "mean", log_target: bool = False) -> Array:
    def loss(log_q: float, target: float) -> float:
        if log_target:
            return math.exp(target) * (target - log_q)
        return target * (math.log(target) - log_q) if target > 0 else 0.0

    losses = entrywise(loss, *given.inputs)
    return reduced(losses, reduction, len(losses) if reduction == "batchmean" else None)


def poisson_nll_loss(
    given: Given, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"
) -> Array:
    """`full` adds Stirling's approximation of log(target!) where target > 1."""

    def loss(x: float, k: float) -> float:
        value = math.exp(x) - k * x if log_input else x - k * math.log(x + eps)
        stirling = k * math.log(k) - k + 0.5 * math.log(2 * math.pi * k) if full and k > 1 else 0.0
        return value + stirling

    return reduced(entrywise(loss, *given.inputs), reduction)


def gaussian_nll_loss(given: Given, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Array:
    x, target, var = given.inputs

    def loss(x: float, y: float, var: float) -> float:
        v = max(var, eps)
        return 0.5 * (math.log(v) + (x - y) ** 2 / v) + (0.5 * math.log(2 * math.pi) if full else 0.0)

    return reduced(entrywise(loss, x, target, var if var.ndim == x.ndim else var[..., None]), reduction)


REFERENCES = {"GaussianNLLLoss": gaussian_nll_loss, "KLDivLoss": kl_div_loss, "PoissonNLLLoss": poisson_nll_loss}
