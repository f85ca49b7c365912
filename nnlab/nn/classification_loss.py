"""Losses of one class out of C, from log-probabilities or from logits."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, check_shape, indices, own
from nnlab.nn.case import Case, Fixed, Indices, Normal, Uniform
from nnlab.nn.loss import WeightedLoss
from nnlab.nn.softmax import log_softmax

__all__ = ["CrossEntropyLoss", "NLLLoss"]

#: Targets with repetitions, a class that is never named, and the value that torch ignores by default.
SOME_IGNORED = Fixed([[0, -100, 2], [2, 2, 0]])


class _ClassLoss(WeightedLoss):
    """Losses over classes, which lie in dimension 1 of (N, C, d₁, …) or are all of (C,).

    A target has the input's shape without C. Where it is `ignore_index` there is no loss. The mean divides by the sum
    of the targets' weights; where that is 0 torch gives NaN, and here an error says so.
    """

    def __init__(self, weight: ArrayLike | None, ignore_index: int, reduction: str, dtype: DTypeLike) -> None:
        super().__init__(weight, reduction, dtype)
        self.ignore_index = ignore_index

    def scores(self, input: ArrayLike) -> tuple[Array, int, Array]:
        """A copy of the input, its dimension of classes, and the weight of each class in a shape to multiply with."""
        scores = own(self, input, (..., None), self.dtype, "input")
        axis = min(1, scores.ndim - 1)
        weight = np.ones(scores.shape[axis], scores.dtype) if self.weight is None else self.weight
        check_shape(type(self).__name__, "weight", weight.shape, (scores.shape[axis],))
        return scores, axis, weight.reshape(weight.size, *(1 for _ in scores.shape[axis + 1 :]))

    def one_hot(self, target: ArrayLike, scores: Array, axis: int) -> tuple[Array, Array | float]:
        """1 at each target's class, and 1 for each target that is not ignored; everything else is 0."""
        shape = scores.shape[:axis] + scores.shape[axis + 1 :]
        kept = np.asarray(target) != self.ignore_index
        classes = indices(self, np.where(kept, target, 0), shape, scores.shape[axis], "target")
        chosen = np.zeros_like(scores)
        kept = np.expand_dims(kept, axis).astype(scores.dtype)
        np.put_along_axis(chosen, np.expand_dims(classes, axis), kept, axis)
        return chosen, kept

    def total(self, shares: Array) -> float:
        """What the mean divides by."""
        total = float(shares.sum())
        if self.reduction == "mean" and total == 0:
            raise InputError(
                f"{type(self).__name__}: there is no mean, for every target is ignore_index={self.ignore_index} or "
                f"has weight 0; leave this batch out, or choose reduction='sum'"
            )
        return total


class NLLLoss(_ClassLoss):
    """loss = -weight[target] input[target], averaged by the weights of the targets; input holds log-probabilities.

    input has shape (C,), (N, C) or (N, C, d₁, …); target holds classes in [0, C), without the dimension C, or
    ignore_index. It has no gradient: backward gives (dinput, None).
    """

    cases = (
        Case(x=[Normal((5, 3)), Indices((5,), high=3)]),
        Case([0.5, 2.0, 1.5, 0.7], 1, "sum", x=[Normal((2, 4, 3)), Indices((2, 3), high=4)]),
        Case(weight=[0.5, 2.0, 1.5], x=[Normal((2, 3, 3)), SOME_IGNORED]),
        Case(reduction="none", x=[Normal((4, 3, 2, 5)), Indices((4, 2, 5), high=3)]),
        Case(x=[Normal((6,)), Indices((), high=6)]),
    )

    def __init__(
        self,
        weight: ArrayLike | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(weight, ignore_index, reduction, dtype)

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        log_p, axis, weight = self.scores(input)
        shares = weight * self.one_hot(target, log_p, axis)[0]
        self.cache = shares, axis
        return self.reduce(_expected(shares, -log_p, axis), self.total(shares))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        shares, axis = self.cache
        dinput: Array = -shares * np.expand_dims(self.reduce_backward(dy), axis)
        return dinput, None


class CrossEntropyLoss(_ClassLoss):
    """loss = -Σ weight · q · log softmax(input), with q = (1 - label_smoothing) target + label_smoothing / C.

    input has shape (C,), (N, C) or (N, C, d₁, …) and holds unnormalised logits. target holds classes in [0, C) or
    ignore_index, without the dimension C, and has no gradient: backward gives (dinput, None); the mean divides by the
    sum of weight[target]. Or it holds the probability of each class, in the input's shape and dtype; then the mean
    divides by the number of targets. A class with q = 0 adds nothing, even where its logit is -inf.
    """

    cases = (
        Case(x=[Normal((5, 3)), Indices((5,), high=3)]),
        Case(reduction="sum", x=[Normal((2, 4, 3), scale=3.0), Indices((2, 3), high=4)]),
        Case(reduction="none", x=[Normal((4, 2), scale=5.0), Indices((4,), high=2)]),
        Case(x=[Normal((6,)), Indices((), high=6)]),
        Case([0.5, 2.0, 1.5], x=[Normal((2, 3, 3)), SOME_IGNORED]),
        Case([0.5, 2.0, 1.5], 2, "mean", 0.2, x=[Normal((2, 3, 5)), Indices((2, 5), high=3)]),
        Case(label_smoothing=0.3, reduction="none", x=[Normal((2, 3, 3)), SOME_IGNORED]),
        Case(x=[Normal((4, 3)), Uniform((4, 3), 0.05, 0.95)]),
        Case([0.5, 2.0], label_smoothing=0.1, x=[Normal((3, 2, 4)), Uniform((3, 2, 4), 0.05, 0.95)]),
        Case(reduction="none", x=[Normal((5,)), Uniform((5,), 0.05, 0.95)]),
    )

    def __init__(
        self,
        weight: ArrayLike | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(weight, ignore_index, reduction, dtype)
        if not 0 <= label_smoothing <= 1:
            raise InputError(
                f"CrossEntropyLoss: label_smoothing is {label_smoothing} but must lie in [0, 1]; 0 leaves it out"
            )
        self.label_smoothing = label_smoothing

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        logits, axis, weight = self.scores(input)
        has_probabilities = np.issubdtype(np.asarray(target).dtype, np.floating)
        q, kept = self.probabilities(target, logits) if has_probabilities else self.one_hot(target, logits, axis)
        count = None if has_probabilities else self.total(weight * q)
        shares = weight * ((1 - self.label_smoothing) * q + self.label_smoothing / logits.shape[axis] * kept)
        log_p = log_softmax(logits, axis)
        self.cache = log_p, shares, weight if has_probabilities else None, axis
        return self.reduce(_expected(shares, -log_p, axis), count)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array | None]:
        log_p, shares, weight, axis = self.cache
        dlosses = np.expand_dims(self.reduce_backward(dy), axis)
        dinput: Array = (np.exp(log_p) * shares.sum(axis, keepdims=True) - shares) * dlosses
        dtarget = None if weight is None else -(1 - self.label_smoothing) * weight * log_p * dlosses
        return dinput, dtarget

    def probabilities(self, target: ArrayLike, logits: Array) -> tuple[Array, Array | float]:
        """The same two of a target of the probability of each class."""
        if self.ignore_index >= 0:
            raise InputError(
                f"CrossEntropyLoss: ignore_index is {self.ignore_index} but target holds probabilities, none of which "
                f"it can name; leave it out"
            )
        return self.known(own(self, target, logits.shape, logits.dtype, "target")), 1.0


def _expected(shares: Array, surprise: Array, axis: int) -> Array:
    """Σ shares · surprise over the classes; a share of 0 of an infinite surprise is 0."""
    product: Array = np.multiply(shares, surprise, out=np.zeros_like(shares), where=shares != 0)
    total: Array = product.sum(axis)
    return total
