"""Losses: forward(input, target), then backward() for the gradients of both."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, indices, own
from nnlab.nn.case import Case, Indices, Normal
from nnlab.nn.module import Module

__all__ = ["CrossEntropyLoss", "MSELoss"]

Reduction = Literal["none", "mean", "sum"]


class Loss(Module):
    """A module of (input, target) whose losses are kept apart, averaged or summed by `reduction`."""

    def __init__(self, reduction: Reduction = "mean") -> None:
        if reduction not in ("none", "mean", "sum"):
            raise InputError(
                f"{type(self).__name__}: reduction is {reduction!r} but must be 'none', 'mean' or 'sum'; "
                f"choose one of them"
            )
        self.reduction = reduction

    def reduce(self, losses: Array) -> Array:
        if self.reduction == "none":
            return losses
        return np.asarray(losses.mean() if self.reduction == "mean" else losses.sum())

    def reduce_backward(self, dy: ArrayLike, losses: Array) -> Array:
        """The gradient of each single loss, for losses of the same shape as `losses`."""
        dy = borrow(self, dy, losses.shape if self.reduction == "none" else (), name="dy")
        count = losses.size if self.reduction == "mean" else 1
        return np.broadcast_to(dy / count, losses.shape).astype(losses.dtype)


class MSELoss(Loss):
    """loss = (input - target)², averaged over all entries; input and target have the same shape."""

    cases = (
        Case(x=[Normal((3, 4)), Normal((3, 4))]),
        Case("sum", x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case("none", x=[Normal((5, 2)), Normal((5, 2))]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = borrow(self, input, (...,), name="input")
        difference: Array = input - borrow(self, target, input.shape, input.dtype, "target")
        self.cache = difference
        return self.reduce(difference**2)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        difference = self.cache
        dinput: Array = 2 * difference * self.reduce_backward(dy, difference)
        return dinput, -dinput


class CrossEntropyLoss(Loss):
    """loss = log Σ exp(input) - input[target], averaged over the targets.

    input has shape (C,), (N, C) or (N, C, d₁, …) and holds unnormalised logits; target holds classes in [0, C),
    without the dimension C. An integer target has no gradient: backward gives (dinput, None).
    """

    cases = (
        Case(x=[Normal((5, 3)), Indices((5,), high=3)]),
        Case("sum", x=[Normal((2, 4, 3), scale=3.0), Indices((2, 3), high=4)]),
        Case("none", x=[Normal((4, 2), scale=5.0), Indices((4,), high=2)]),
        Case(x=[Normal((6,)), Indices((), high=6)]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        logits = own(self, input, (..., None), name="input")
        axis = min(1, logits.ndim - 1)
        classes = logits.shape[axis]
        shape = logits.shape[:axis] + logits.shape[axis + 1 :]
        chosen = np.expand_dims(indices(self, target, shape, classes, "target"), axis)
        shifted = logits - logits.max(axis, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
        losses = -np.take_along_axis(log_p, chosen, axis).squeeze(axis)
        self.cache = log_p, chosen, axis, losses
        return self.reduce(losses.copy())

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        log_p, chosen, axis, losses = self.cache
        dlosses = np.expand_dims(self.reduce_backward(dy, losses), axis)
        dinput: Array = np.exp(log_p) * dlosses
        at_target = np.take_along_axis(dinput, chosen, axis)
        np.put_along_axis(dinput, chosen, at_target - dlosses, axis)
        return dinput, None
