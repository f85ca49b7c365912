"""Losses of a distribution: negative log-likelihoods of counts and of reals, and the divergence of two of them."""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, own
from nnlab.nn.case import Case, Normal, Uniform
from nnlab.nn.loss import Loss

__all__ = ["GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]


class KLDivLoss(Loss):
    """loss = target (log target - input), with input a log-probability; log_target=True: target is one as well.

    "batchmean" divides the sum by the size of the first dimension, "mean" by the number of entries. 0 log 0 is 0,
    and so is its derivative, where torch's gradient of the target is NaN. Source: Kullback and Leibler, 1951.
    """

    reductions: ClassVar[tuple[str, ...]] = ("none", "batchmean", "mean", "sum")
    cases = (
        Case(x=[Normal((2, 3, 4)), Uniform((2, 3, 4), 0.1, 0.9)]),
        Case(reduction="batchmean", x=[Normal((3, 5)), Uniform((3, 5), 0.1, 0.9)]),
        Case("batchmean", log_target=True, x=[Normal((3, 2, 4)), Normal((3, 2, 4))]),
        Case("sum", log_target=True, x=[Normal((3, 2)), Normal((3, 2))]),
        Case("none", x=[Normal((4, 3), scale=3.0), Uniform((4, 3), 0.1, 2.0)]),
    )

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        if self.log_target:
            p, log_p = np.exp(target), target
        else:
            p = self.within(target, 0, math.inf, "target", "pass log-probabilities with log_target=True")
            log_p = np.log(np.where(target > 0, target, 1))
        self.cache = input, p, log_p
        rows = np.atleast_1d(input).shape[0]
        return self.reduce(p * (log_p - input), rows if self.reduction == "batchmean" else None)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        input, p, log_p = self.cache
        dlosses = self.reduce_backward(dy)
        dinput: Array = -p * dlosses
        dtarget: Array = (log_p - input + (p > 0)) * dlosses
        return dinput, dtarget * p if self.log_target else dtarget


class PoissonNLLLoss(Loss):
    """loss = exp(input) - target · input, or input - target log(input + eps) with log_input=False.

    full=True adds Stirling's target log target - target + log(2π target) / 2 where target > 1; its derivative is 0
    elsewhere, also at 0, where torch's is NaN.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Uniform((2, 3, 4), 0.0, 4.0)]),
        Case(full=True, reduction="sum", x=[Normal((3, 5)), Uniform((3, 5), 0.2, 4.0)]),
        Case(False, True, 0.1, "none", x=[Uniform((4, 3), 0.1, 3.0), Uniform((4, 3), 0.2, 4.0)]),
    )

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        if self.log_input:
            rate, log_rate = np.exp(input), input
        else:
            rate, log_rate = input, np.log(input + self.eps)
        losses = rate - target * log_rate
        if self.full:
            many = np.maximum(target, 1)
            losses += np.where(target > 1, many * np.log(many) - many + np.log(2 * math.pi * many) / 2, 0)
        self.cache = rate, log_rate, target
        return self.reduce(losses)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        rate, log_rate, target = self.cache
        dlosses = self.reduce_backward(dy)
        dinput: Array = (rate - target if self.log_input else 1 - target / (rate + self.eps)) * dlosses
        dtarget: Array = -log_rate
        if self.full:
            many = np.maximum(target, 1)
            dtarget = dtarget + np.where(target > 1, np.log(many) + 1 / (2 * many), 0)
        return dinput, dtarget * dlosses


class GaussianNLLLoss(Loss):
    """loss = (log v + (input - target)² / v) / 2 with v = max(var, eps); full=True adds log(2π) / 2.

    var has the input's shape, or that shape without the last dimension or with one dimension of size 1. As in torch
    the gradient of var is that of v, also where var < eps. Source: Nix and Weigend, 1994.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4)), Uniform((2, 3, 4), 0.2, 2.0)]),
        Case(full=True, reduction="sum", x=[Normal((3, 2, 4)), Normal((3, 2, 4)), Uniform((3, 2), 0.2, 2.0)]),
        Case(eps=0.1, reduction="none", x=[Normal((4, 3, 2)), Normal((4, 3, 2)), Uniform((4, 1, 2), 0.2, 2.0)]),
    )

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        if not eps > 0:
            raise InputError(f"GaussianNLLLoss: eps is {eps} but must be positive; the default is 1e-6")
        self.full = full
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike, var: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        var = own(self, var, (...,), input.dtype, "var")
        self.within(var, 0, math.inf, "var", "pass a variance, such as the exp of the model's output")
        shape = var.shape
        v = np.maximum(var, self.eps)
        if shape != input.shape:
            v = v[..., None] if shape == input.shape[:-1] else v
            if v.ndim != input.ndim or np.array(v.shape)[np.not_equal(v.shape, input.shape)].tolist() != [1]:
                raise InputError(
                    f"GaussianNLLLoss: var has shape {shape} but the input {input.shape}; give var that shape, or "
                    f"leave out the last dimension, or make one dimension 1"
                )
        difference = input - target
        self.cache = difference, v, shape
        return self.reduce((np.log(v) + difference**2 / v + (math.log(2 * math.pi) if self.full else 0)) / 2)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array, Array]:
        difference, v, shape = self.cache
        dlosses = self.reduce_backward(dy)
        dinput: Array = difference / v * dlosses
        dv: Array = (1 / v - (difference / v) ** 2) / 2 * dlosses
        narrow = tuple(i for i, n in enumerate(v.shape) if n == 1)
        return dinput, -dinput, dv.sum(narrow).reshape(shape)
