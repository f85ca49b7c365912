"""Losses of yes or no in every entry, from probabilities or from logits."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import sigmoid, softplus
from nnlab.nn.arrays import Array, indices, own
from nnlab.nn.case import Case, Indices, Normal, Uniform
from nnlab.nn.loss import Loss, WeightedLoss

__all__ = ["BCELoss", "BCEWithLogitsLoss", "DiceLoss", "FocalLoss"]


class BCELoss(WeightedLoss):
    """loss = -weight (target log input + (1 - target) log(1 - input)), for input and target in [0, 1].

    weight broadcasts to the input. As in torch logarithms are at least -100, and the derivative's denominator
    input (1 - input) at least 1e-12. The target's gradient is finite as well, where torch's is not.
    """

    cases = (
        Case(x=[Uniform((2, 3, 4), 0.05, 0.95), Uniform((2, 3, 4), 0.05, 0.95)]),
        Case([0.5, 2.0, 1.5], reduction="sum", x=[Uniform((4, 3), 0.05, 0.95), Uniform((4, 3), 0.05, 0.95)]),
        Case(
            weight=[[0.5], [2.0]], reduction="none", x=[Uniform((3, 2, 5), 0.05, 0.95), Uniform((3, 2, 5), 0.05, 0.95)]
        ),
    )

    def __init__(
        self, weight: ArrayLike | None = None, reduction: str = "mean", *, dtype: DTypeLike = np.float64
    ) -> None:
        super().__init__(weight, reduction, dtype)

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        self.within(input, 0, 1, "input", "apply a Sigmoid, or use BCEWithLogitsLoss")
        self.within(target, 0, 1, "target", "rescale it to probabilities")
        weight = self.spread(self.weight, "weight", input.shape)
        log_p, log_q = _bounded_log(input), _bounded_log(1 - input)
        self.cache = input, target, log_p, log_q, weight
        return self.reduce(-weight * (target * log_p + (1 - target) * log_q))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        input, target, log_p, log_q, weight = self.cache
        dlosses = weight * self.reduce_backward(dy)
        dinput: Array = (input - target) / np.maximum(input * (1 - input), 1e-12) * dlosses
        dtarget: Array = (log_q - log_p) * dlosses
        return dinput, dtarget


def _bounded_log(x: Array) -> Array:
    log_x: Array = np.maximum(np.log(x, out=np.full_like(x, -np.inf), where=x > 0), -100)
    return log_x


class BCEWithLogitsLoss(WeightedLoss):
    """loss = weight (pos_weight target softplus(-input) + (1 - target) softplus(input)), from logits.

    softplus(x) = log(1 + exp(x)) = -log sigmoid(-x). weight and pos_weight broadcast to the input.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Uniform((2, 3, 4), 0.05, 0.95)]),
        Case([0.5, 2.0, 1.5], reduction="sum", x=[Normal((4, 3), scale=3.0), Uniform((4, 3), 0.05, 0.95)]),
        Case(pos_weight=[0.5, 2.0], reduction="none", x=[Normal((3, 2)), Uniform((3, 2), 0.05, 0.95)]),
        Case([[0.5], [2.0]], "mean", [0.3, 1.5, 4.0], x=[Normal((5, 2, 3)), Uniform((5, 2, 3), 0.05, 0.95)]),
    )

    def __init__(
        self,
        weight: ArrayLike | None = None,
        reduction: str = "mean",
        pos_weight: ArrayLike | None = None,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(weight, reduction, dtype)
        self.pos_weight = self.constant("pos_weight", pos_weight, dtype)

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target)
        weight = self.spread(self.weight, "weight", input.shape)
        positive = self.spread(self.pos_weight, "pos_weight", input.shape)
        self.cache = input, target, weight, positive
        return self.reduce(weight * (positive * target * softplus(-input) + (1 - target) * softplus(input)))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        input, target, weight, positive = self.cache
        dlosses = weight * self.reduce_backward(dy)
        p, q = sigmoid(input), sigmoid(-input)
        dinput: Array = ((1 - target) * p - positive * target * q) * dlosses
        dtarget: Array = (positive * softplus(-input) - softplus(input)) * dlosses
        return dinput, dtarget


class FocalLoss(Loss):
    """loss = -α (1 - p)^gamma log p, with p the probability given to the label and α = alpha for 1, 1 - alpha for 0.

    input holds logits, target integer labels 0 and 1 in the same shape; alpha=None leaves α out. Source: Lin, Goyal,
    Girshick, He and Dollár, "Focal Loss for Dense Object Detection", 2017, equation 5.
    """

    in_torch = False
    cases = (
        Case(x=[Normal((2, 3, 4)), Indices((2, 3, 4), 2)]),
        Case(0.6, 1.5, "sum", x=[Normal((4, 3), scale=3.0), Indices((4, 3), 2)]),
        Case(None, 0.0, "none", x=[Normal((5, 2)), Indices((5, 2), 2)]),
    )

    def __init__(self, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        if alpha is not None and not 0 <= alpha <= 1:
            raise InputError(f"FocalLoss: alpha is {alpha} but must lie in [0, 1]; the paper uses 0.25")
        if not gamma >= 0:
            raise InputError(f"FocalLoss: gamma is {gamma} but must be at least 0; the paper uses 2")
        self.alpha = alpha
        self.gamma = gamma

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input = own(self, input, (...,), name="input")
        is_one = indices(self, target, input.shape, 2, "target") == 1
        sign = np.where(is_one, 1, -1).astype(input.dtype)
        share = np.ones_like(input)
        if self.alpha is not None:
            share = np.where(is_one, self.alpha, 1 - self.alpha).astype(input.dtype)
        surprise = softplus(-sign * input)
        focus = share * np.exp(-self.gamma * softplus(sign * input))
        self.cache = sign, surprise, focus
        return self.reduce(focus * surprise)

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, None]:
        sign, surprise, focus = self.cache
        p = np.exp(-surprise)
        dinput: Array = -sign * focus * (self.gamma * p * surprise + 1 - p) * self.reduce_backward(dy)
        return dinput, None


class DiceLoss(Loss):
    """loss = 1 - (2 Σ input target + eps) / (Σ input² + Σ target² + eps), for each sample, over its entries.

    The first dimension of input and target, both probabilities, counts the samples. eps makes two empty masks agree.
    Source: Milletari, Navab and Ahmadi, "V-Net", 2016, section 3.
    """

    in_torch = False
    cases = (
        Case(x=[Uniform((2, 3, 4), 0.05, 0.95), Uniform((2, 3, 4), 0.05, 0.95)]),
        Case(0.5, "sum", x=[Uniform((3, 5), 0.05, 0.95), Uniform((3, 5), 0.05, 0.95)]),
        Case(reduction="none", x=[Uniform((4, 1, 3, 2), 0.05, 0.95), Uniform((4, 1, 3, 2), 0.05, 0.95)]),
    )

    def __init__(self, eps: float = 1e-5, reduction: str = "mean") -> None:
        super().__init__(reduction)
        if not eps > 0:
            raise InputError(f"DiceLoss: eps is {eps} but must be positive; the default is 1e-5")
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike) -> Array:
        input, target = self.pair(input, target, (..., None))
        entries = tuple(range(1, input.ndim))
        total = (input**2 + target**2).sum(entries, keepdims=True) + self.eps
        overlap = (2 * (input * target).sum(entries, keepdims=True) + self.eps) / total
        self.cache = input, target, total, overlap
        return self.reduce(1 - overlap.reshape(len(input)))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        input, target, total, overlap = self.cache
        dlosses = self.reduce_backward(dy).reshape(total.shape) * 2 / total
        dinput: Array = (overlap * input - target) * dlosses
        dtarget: Array = (overlap * target - input) * dlosses
        return dinput, dtarget
