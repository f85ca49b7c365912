"""Losses of a difference: squared, absolute, and in between."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.case import Case, Normal
from nnlab.nn.loss import Loss

__all__ = ["HuberLoss", "L1Loss", "MSELoss", "SmoothL1Loss"]


class MSELoss(Loss):
    """loss = (input - target)², averaged over all entries; input and target have the same shape."""

    cases = (
        Case(x=[Normal((3, 4)), Normal((3, 4))]),
        Case(reduction="sum", x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(reduction="none", x=[Normal((5, 2)), Normal((5, 2))]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        difference = input - target
        self.cache = difference
        return self.reduce(difference**2)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        difference = self.cache
        dinput: Array = 2 * difference * self.reduce_backward(dy)
        return dinput, -dinput


class L1Loss(Loss):
    """loss = |input - target|, averaged over all entries; its derivative where they are equal is 0, as in torch."""

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(reduction="sum", x=[Normal((3, 5)), Normal((3, 5))]),
        Case(reduction="none", x=[Normal((4,), scale=3.0), Normal((4,))]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        difference = input - target
        self.cache = difference
        return self.reduce(np.abs(difference))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        difference = self.cache
        dinput: Array = np.sign(difference) * self.reduce_backward(dy)
        return dinput, -dinput


class SmoothL1Loss(Loss):
    """loss = d² / 2 beta where |d| < beta, else |d| - beta / 2, with d = input - target.

    Both are slope · (d - beta · slope / 2) with slope = d / beta, clipped to [-1, 1]. beta=0 is L1Loss. Source:
    Girshick, "Fast R-CNN", 2015, equation 3.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(reduction="sum", beta=0.5, x=[Normal((3, 5)), Normal((3, 5))]),
        Case("none", 2.0, x=[Normal((4, 3), scale=3.0), Normal((4, 3))]),
        Case(beta=0.0, x=[Normal((2, 3)), Normal((2, 3))]),
    )

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        if not beta >= 0:
            raise InputError(f"SmoothL1Loss: beta is {beta} but must be at least 0; choose another value")
        self.beta = beta

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        difference = input - target
        slope = np.clip(difference / self.beta, -1, 1) if self.beta > 0 else np.sign(difference)
        self.cache = slope
        return self.reduce(slope * (difference - self.beta * slope / 2))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        slope = self.cache
        dinput: Array = slope * self.reduce_backward(dy)
        return dinput, -dinput


class HuberLoss(Loss):
    """loss = d² / 2 where |d| ≤ delta, else delta (|d| - delta / 2), with d = input - target.

    Both are slope · (d - slope / 2) with slope = d, clipped to [-delta, delta]. Source: Huber, "Robust Estimation
    of a Location Parameter", 1964.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(reduction="sum", delta=0.5, x=[Normal((3, 5)), Normal((3, 5))]),
        Case("none", 2.0, x=[Normal((4, 3), scale=3.0), Normal((4, 3))]),
    )

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        if not delta > 0:
            raise InputError(f"HuberLoss: delta is {delta} but must be positive; choose another value")
        self.delta = delta

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        difference = input - target
        slope = np.clip(difference, -self.delta, self.delta)
        self.cache = slope
        return self.reduce(slope * (difference - slope / 2))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        slope = self.cache
        dinput: Array = slope * self.reduce_backward(dy)
        return dinput, -dinput
