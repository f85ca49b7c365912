"""Losses that are zero beyond a margin; at the margin itself each has torch's derivative."""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import softplus
from nnlab.nn.arrays import Array, check_shape, indices, own
from nnlab.nn.case import Case, Fixed, Indices, Normal, Signs
from nnlab.nn.loss import Loss, WeightedLoss

__all__ = [
    "CapsuleMarginLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
]


class HingeEmbeddingLoss(Loss):
    """loss = input where target = 1, max(0, margin - input) where target = -1; no gradient of the target.

    Where input = margin the derivative is -1, as in torch.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Signs((2, 3, 4))]),
        Case(0.3, "sum", x=[Normal((3, 5)), Signs((3, 5))]),
        Case(margin=-0.5, reduction="none", x=[Normal((4,)), Signs((4,))]),
    )

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = own(self, input, (...,), name="input")
        alike = self.signs(target, input.shape) == 1
        gap = self.margin - input
        self.cache = alike, gap
        return self.reduce(np.where(alike, input, np.maximum(gap, 0)))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        alike, gap = self.cache
        dlosses = self.reduce_backward(dy)
        dinput: Array = np.where(alike, dlosses, -dlosses * (gap >= 0))
        return dinput, None


class MarginRankingLoss(Loss):
    """loss = max(0, margin - target (input1 - input2)), all three of one shape, target 1 where input1 should be larger.

    A floating-point target has a gradient, one of integers None. Where the maximum ties the derivative is that of its
    second argument, as in torch.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4)), Signs((2, 3, 4))]),
        Case(0.5, "sum", x=[Normal((3, 5)), Normal((3, 5)), Normal((3, 5))]),
        Case(margin=1.0, reduction="none", x=[Normal((4,)), Normal((4,)), Signs((4,))]),
    )

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: ArrayLike, input2: ArrayLike, target: ArrayLike) -> Array:
        input1 = own(self, input1, (...,), name="input1")
        difference = input1 - own(self, input2, input1.shape, input1.dtype, "input2")
        has_gradient = np.issubdtype(np.asarray(target).dtype, np.floating)
        y = target if has_gradient else np.asarray(target).astype(input1.dtype)
        y = self.known(own(self, y, input1.shape, input1.dtype, "target"))
        gap = self.margin - y * difference
        self.cache = difference, y, gap, has_gradient
        return self.reduce(np.maximum(gap, 0))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array, Array | None]:
        difference, y, gap, has_gradient = self.cache
        dgap = self.reduce_backward(dy) * (gap >= 0)
        dinput1: Array = -y * dgap
        return dinput1, -dinput1, -difference * dgap if has_gradient else None


class SoftMarginLoss(Loss):
    """loss = log(1 + exp(-target · input)), target 1 or -1 without gradient; huge inputs do not overflow."""

    cases = (
        Case(x=[Normal((2, 3, 4)), Signs((2, 3, 4))]),
        Case("sum", x=[Normal((3, 5), scale=4.0), Signs((3, 5))]),
        Case(reduction="none", x=[Normal((4,)), Signs((4,))]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = own(self, input, (...,), name="input")
        y = self.signs(target, input.shape).astype(input.dtype)
        losses = softplus(-y * input)
        self.cache = y, losses.copy()
        return self.reduce(losses)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        y, losses = self.cache
        dinput: Array = y * np.expm1(-losses) * self.reduce_backward(dy)
        return dinput, None


class MultiMarginLoss(WeightedLoss):
    """loss = Σ weight[target] max(0, margin - input[target] + input[j])^p / C, over the classes j ≠ target.

    input has shape (C,) or (N, C), target one class for each row; p is 1 or 2. At the margin the derivative is 0, as
    in torch. Source: Crammer and Singer, 2001.
    """

    cases = (
        Case(x=[Normal((5, 3)), Indices((5,), high=3)]),
        Case(2, 0.5, [0.5, 2.0, 1.5, 0.7], "sum", x=[Normal((3, 4)), Indices((3,), high=4)]),
        Case(weight=[0.5, 2.0], reduction="none", x=[Normal((4, 2)), Indices((4,), high=2)]),
        Case(margin=2.0, x=[Normal((6,)), Indices((), high=6)]),
    )

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: ArrayLike | None = None,
        reduction: str = "mean",
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(weight, reduction, dtype)
        if p not in (1, 2):
            raise InputError(f"MultiMarginLoss: p is {p} but must be 1 or 2; choose one of them")
        self.p = p
        self.margin = margin

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = own(self, input, (None, None) if np.ndim(input) > 1 else (None,), self.dtype, "input")
        classes = input.shape[-1]
        labels = indices(self, target, input.shape[:-1], classes, "target")
        weight = np.ones(classes, input.dtype) if self.weight is None else self.weight
        check_shape("MultiMarginLoss", "weight", weight.shape, (classes,))
        chosen = labels[..., None] == np.arange(classes)
        gap = self.margin - np.where(chosen, input, 0).sum(-1, keepdims=True) + input
        excess = np.where(chosen, 0, np.maximum(gap, 0))
        share = weight[labels][..., None] / classes
        self.cache = excess, share, chosen
        return self.reduce((share * excess**self.p).sum(-1))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        excess, share, chosen = self.cache
        dlosses = self.reduce_backward(dy)[..., None]
        dexcess = self.p * share * excess ** (self.p - 1) * (excess > 0) * dlosses
        dinput: Array = dexcess - chosen * dexcess.sum(-1, keepdims=True)
        return dinput, None


class MultiLabelMarginLoss(Loss):
    """loss = Σ max(0, 1 - (input[i] - input[j])) / C, over the classes i in target and j not in it.

    input has shape (C,) or (N, C), and so has target: the classes of each row, then -1 and anything. A class that is
    named twice counts twice. At the margin the derivative is 0, as in torch.
    """

    cases = (
        Case(x=[Normal((2, 4)), Fixed([[2, 0, -1, 1], [3, 3, 1, -1]])]),
        Case("sum", x=[Normal((3, 5)), Fixed([[1, -1, 0, 0, 0], [-1, 2, 0, 1, 3], [4, 2, 1, 0, 3]])]),
        Case(reduction="none", x=[Normal((3, 3)), Fixed([[0, 1, -1], [2, -1, -1], [0, -1, 2]])]),
        Case(reduction="none", x=[Normal((4,)), Fixed([1, 2, -1, 1])]),
    )

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = own(self, input, (None, None) if np.ndim(input) > 1 else (None,), name="input")
        classes = input.shape[-1]
        given = np.asarray(target)
        check_shape("MultiLabelMarginLoss", "target", given.shape, input.shape)
        listed = np.logical_and.accumulate(given != -1, -1)
        labels = indices(self, np.where(listed, given, 0), input.shape, classes, "target")
        used = np.atleast_2d(listed).any(0)
        labels, listed = labels[..., used], listed[..., used]
        named = (labels[..., None] == np.arange(classes)) & listed[..., None]
        gap = 1 - np.where(named, input[..., None, :], 0).sum(-1, keepdims=True) + input[..., None, :]
        counts = listed[..., None] & ~named.any(-2, keepdims=True) & (gap > 0)
        self.cache = named, counts, classes
        return self.reduce((counts * gap).sum((-2, -1)) / classes)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        named, counts, classes = self.cache
        dgap = counts * self.reduce_backward(dy)[..., None, None] / classes
        dinput: Array = (dgap - named * dgap.sum(-1, keepdims=True)).sum(-2)
        return dinput, None


class CapsuleMarginLoss(Loss):
    """loss = Σ T max(0, m_plus - |v|)² + lambda_ (1 - T) max(0, |v| - m_minus)², for each sample, over its capsules v.

    input has shape (N, capsules, D), target T shape (N, capsules): 1 where a capsule's class is present, else 0, as
    integers. Source: Sabour, Frosst and Hinton, "Dynamic Routing Between Capsules", 2017, equation 4.
    """

    in_torch = False
    cases = (
        Case(x=[Normal((4, 3, 2), scale=0.5), Indices((4, 3), 2)]),
        Case(0.8, 0.3, 0.7, "sum", x=[Normal((2, 5, 3), scale=0.5), Indices((2, 5), 2)]),
        Case(reduction="none", x=[Normal((3, 2, 4), scale=0.3), Indices((3, 2), 2)]),
    )

    def __init__(
        self, m_plus: float = 0.9, m_minus: float = 0.1, lambda_: float = 0.5, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.m_plus = m_plus
        self.m_minus = m_minus
        self.lambda_ = lambda_

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        v = own(self, input, (None, None, None), name="input")
        present = indices(self, target, v.shape[:2], 2, "target") == 1
        length = np.sqrt((v**2).sum(-1))
        missing = np.where(present, np.maximum(self.m_plus - length, 0), 0)
        excess = np.where(present, 0, np.maximum(length - self.m_minus, 0))
        self.cache = v, length, missing, excess
        return self.reduce((missing**2 + self.lambda_ * excess**2).sum(1))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        v, length, missing, excess = self.cache
        dlength = 2 * (self.lambda_ * excess - missing) * self.reduce_backward(dy)[..., None]
        direction = v / np.where(length > 0, length, math.inf)[..., None]
        return direction * dlength[..., None], None
