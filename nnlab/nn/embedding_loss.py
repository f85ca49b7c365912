"""Losses of embeddings: how far apart two vectors are, or one from the others."""

import math

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, own
from nnlab.nn.case import Case, Normal, Signs
from nnlab.nn.loss import Loss
from nnlab.nn.softmax import log_softmax

__all__ = ["CosineEmbeddingLoss", "InfoNCELoss", "TripletMarginLoss"]


class CosineEmbeddingLoss(Loss):
    """loss = 1 - cos(input1, input2) where target = 1, max(0, cos(input1, input2) - margin) where target = -1.

    The inputs have shape (D,) or (N, D), the target without D; it has no gradient. As in torch 1e-12 is added to the
    squared lengths, and where cos = margin the derivative is that beyond it.
    """

    cases = (
        Case(x=[Normal((5, 3)), Normal((5, 3)), Signs((5,))]),
        Case(0.2, "sum", x=[Normal((4, 2)), Normal((4, 2)), Signs((4,))]),
        Case(margin=-0.3, reduction="none", x=[Normal((3, 4)), Normal((3, 4)), Signs((3,))]),
        Case(x=[Normal((4,)), Normal((4,)), Signs(())]),
    )

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: ArrayLike, input2: ArrayLike, target: ArrayLike) -> Array:
        input1 = own(self, input1, (None, None) if np.ndim(input1) > 1 else (None,), name="input1")
        input2 = own(self, input2, input1.shape, input1.dtype, "input2")
        alike = self.signs(target, input1.shape[:-1]) == 1
        square1, square2 = (input1**2).sum(-1) + 1e-12, (input2**2).sum(-1) + 1e-12
        lengths = np.sqrt(square1) * np.sqrt(square2)
        cos = (input1 * input2).sum(-1) / lengths
        self.cache = input1, input2, square1, square2, lengths, cos, alike
        return self.reduce(np.where(alike, 1 - cos, np.maximum(cos - self.margin, 0)))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array, None]:
        input1, input2, square1, square2, lengths, cos, alike = self.cache
        dlosses = self.reduce_backward(dy)
        dcos = np.where(alike, -dlosses, dlosses * (cos >= self.margin))
        across = (dcos / lengths)[..., None]
        dinput1: Array = across * input2 - (dcos * cos / square1)[..., None] * input1
        dinput2: Array = across * input1 - (dcos * cos / square2)[..., None] * input2
        return dinput1, dinput2, None


class TripletMarginLoss(Loss):
    """loss = max(0, margin + |anchor - positive| - |anchor - negative|), in the p-norm of the last dimension.

    eps is added to every difference. swap=True takes |positive - negative| in place of the last distance where it is
    smaller. Ties and the margin itself have torch's derivatives. Source: Balntas, Riba, Ponsa and Mikolajczyk, 2016.
    """

    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(0.5, 1.0, 0.1, True, "sum", x=[Normal((6, 3)), Normal((6, 3)), Normal((6, 3))]),
        Case(margin=2.0, p=3.5, swap=True, reduction="none", x=[Normal((5, 2)), Normal((5, 2)), Normal((5, 2))]),
        Case(p=math.inf, x=[Normal((4, 3)), Normal((4, 3)), Normal((4, 3))]),
        Case(margin=9.0, x=[Normal((4,)), Normal((4,)), Normal((4,))]),
    )

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        if not margin > 0:
            raise InputError(f"TripletMarginLoss: margin is {margin} but must be positive; torch's default is 1")
        if not p >= 1:
            raise InputError(f"TripletMarginLoss: p is {p} but a norm needs at least 1; torch's default is 2")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike) -> Array:
        anchor = own(self, anchor, (..., None), name="anchor")
        positive = own(self, positive, anchor.shape, anchor.dtype, "positive")
        negative = own(self, negative, anchor.shape, anchor.dtype, "negative")
        pairs = ((anchor, positive), (anchor, negative), (positive, negative))
        apart = np.stack([a - b + self.eps for a, b in pairs])
        near, far, swapped = distances = self.norm(apart)
        # what each distance weighs: half each where both are the smaller one
        kept = 0.5 * ((far <= swapped) + 1.0 * (far < swapped)) if self.swap else np.ones_like(far)
        gap = self.margin + near - (np.minimum(far, swapped) if self.swap else far)
        shares = np.stack([np.ones_like(far), -kept, kept - 1]) * (gap >= 0)
        self.cache = apart, distances, shares
        return self.reduce(np.maximum(gap, 0))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array, Array]:
        apart, distances, shares = self.cache
        ddistances = (shares * self.reduce_backward(dy)).astype(apart.dtype)
        near, far, swapped = self.norm_backward(ddistances, apart, distances)
        return near + far, swapped - near, -far - swapped

    def norm(self, x: Array) -> Array:
        """|x| = (Σ |x|^p)^(1/p) along the last dimension."""
        size = np.abs(x)
        y: Array = size.max(-1) if math.isinf(self.p) else (size**self.p).sum(-1) ** (1 / self.p)
        return y

    def norm_backward(self, dy: Array, x: Array, y: Array) -> Array:
        """dx = dy sign(x) (|x| / y)^(p - 1), and 0 where y = 0; for p = ∞ the largest entries share dy."""
        size, y, dy = np.abs(x), y[..., None], dy[..., None]
        if math.isinf(self.p):
            slope = (size == y) / (size == y).sum(-1, keepdims=True)
        else:
            slope = (size / np.where(y > 0, y, math.inf)) ** (self.p - 1)
        dx: Array = dy * np.sign(x) * slope.astype(x.dtype)
        return dx


class InfoNCELoss(Loss):
    """loss_i = log Σ_j exp(s_ij) - s_ii, with s_ij = query_i · key_j / temperature: which key belongs to the query?

    query and key have shape (..., N, D); the keys of the other queries of the same set are the negatives. Normalise
    both for cosine similarities. Source: van den Oord, Li and Vinyals, "Representation Learning with Contrastive
    Predictive Coding", 2018, equation 4.
    """

    in_torch = False
    cases = (
        Case(x=[Normal((5, 3)), Normal((5, 3))]),
        Case(0.5, "sum", x=[Normal((2, 3, 4)), Normal((2, 3, 4))]),
        Case(temperature=2.0, reduction="none", x=[Normal((3, 2, 4, 5)), Normal((3, 2, 4, 5))]),
    )

    def __init__(self, temperature: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        if not temperature > 0:
            raise InputError(f"InfoNCELoss: temperature is {temperature} but must be positive; 1 leaves it out")
        self.temperature = temperature

    def forward(self, query: ArrayLike, key: ArrayLike) -> Array:
        query = own(self, query, (..., None, None), name="query")
        key = own(self, key, query.shape, query.dtype, "key")
        scores = query @ key.swapaxes(-1, -2) / self.temperature
        log_p = log_softmax(scores, -1)
        self.cache = query, key, np.exp(log_p)
        return self.reduce(-np.diagonal(log_p, axis1=-2, axis2=-1))

    def backward(self, dy: ArrayLike = 1.0) -> tuple[Array, Array]:
        query, key, p = self.cache
        dscores = (p - np.eye(*p.shape[-2:], dtype=p.dtype)) * self.reduce_backward(dy)[..., None] / self.temperature
        dquery: Array = dscores @ key
        dkey: Array = dscores.swapaxes(-1, -2) @ query
        return dquery, dkey
