"""Dropout: of entries, channels or whole branches."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Shape, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["AlphaDropout", "DropPath", "Dropout", "Dropout2d"]

#: What an entry is dropped to: the limit of SELU at -∞, minus its scale times its α.
ALPHA = -1.7580993408473766


class _Random(Module):
    """A probability and a generator."""

    rows_from = 1

    def __init__(self, p: float, rng: np.random.Generator) -> None:
        if not 0 <= p <= 1:
            raise InputError(f"{type(self).__name__}: p is a probability but is {p}; choose it in [0, 1]")
        self.p = p
        self.rng = rng


class _Masked(_Random):
    """y = x · mask, whose entries are 0 with probability p and 1 / (1 - p) else; y = x in evaluation."""

    rule: Shape

    def _draws(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the mask."""
        raise NotImplementedError(f"{type(self).__name__} defines no _draws")

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, self.rule)
        mask = np.ones_like(x)
        if self.training:
            kept = self.rng.random(self._draws(x.shape)) >= self.p
            mask = np.divide(kept, 1 - self.p, out=np.zeros(kept.shape, x.dtype), where=kept)
        self.cache = mask, x.shape
        return x * mask

    def backward(self, dy: ArrayLike) -> Array:
        mask, shape = self.cache
        dy = borrow(self, dy, shape, mask.dtype, "dy")
        dx: Array = dy * mask
        return dx


class Dropout(_Masked):
    """y = x · mask, where each entry of mask is 0 with probability p and 1 / (1 - p) else; y = x in evaluation.

    Every forward in training draws a new mask from rng. Source: Srivastava et al., JMLR 15, 2014, section 4, scaled in
    training rather than in evaluation (section 10).
    """

    rule = (...,)
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(0.2, x=Normal((2, 3, 7))),
        Case(0.0, x=Normal((3, 2, 4))),
        Case(1.0, x=Normal((3, 5))),
        Case(0.7, x=Normal((2, 3, 4)), train=False),
    )

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__(p, rng)

    def _draws(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape


class Dropout2d(_Masked):
    """y = x · mask, where mask is 0 with probability p and 1 / (1 - p) else, for each channel of x (N, C, H, W).

    y = x in evaluation. Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2015,
    section 3.2.
    """

    rule = (None, None, None, None)
    cases = (
        Case(x=Normal((4, 5, 2, 3))),
        Case(0.3, x=Normal((5, 4, 3, 1))),
        Case(1.0, x=Normal((3, 2, 4, 5))),
        Case(0.7, x=Normal((2, 3, 4, 5)), train=False),
    )

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__(p, rng)

    def _draws(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:2], 1, 1)


class DropPath(_Masked):
    """y = x · mask, where mask is 0 with probability p and 1 / (1 - p) else, for each example of x (N, …).

    y = x in evaluation. In a Residual it drops the branch. Source: Huang et al., "Deep Networks with Stochastic
    Depth", 2016, equation 2, scaled in training rather than in evaluation (equation 5).
    """

    in_torch = False
    rule = (..., None)
    cases = (
        Case(x=Normal((7, 2, 3))),
        Case(0.3, x=Normal((6, 4))),
        Case(1.0, x=Normal((3, 2, 4, 5))),
        Case(0.7, x=Normal((2, 3, 4)), train=False),
    )

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__(p, rng)

    def _draws(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], *(1 for _ in shape[1:]))


class AlphaDropout(_Random):
    """y = a · (x where kept, α' where dropped, with probability p) + b; y = x in evaluation.

    α' = -1.758… is the limit of SELU, and a = 1 / √((1 - p) (1 + p α'²)), b = -a p α' keep mean 0 and variance 1;
    y = 0 for p = 1. Source: Klambauer et al., "Self-Normalizing Neural Networks", 2017, section "New Dropout".
    """

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(0.2, x=Normal((2, 3, 7))),
        Case(1.0, x=Normal((3, 5))),
        Case(0.7, x=Normal((2, 3, 4)), train=False),
    )

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__(p, rng)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (...,))
        scale, shift = np.ones_like(x), np.zeros_like(x)
        if self.training:
            kept = self.rng.random(x.shape) >= self.p
            variance = (1 - self.p) * (1 + self.p * ALPHA**2)
            a = 1 / np.sqrt(variance) if variance else variance
            scale = np.where(kept, a, 0).astype(x.dtype)
            shift = (np.where(kept, 0, a * ALPHA) - a * self.p * ALPHA).astype(x.dtype)
        self.cache = scale
        return x * scale + shift

    def backward(self, dy: ArrayLike) -> Array:
        scale = self.cache
        dy = borrow(self, dy, scale.shape, scale.dtype, "dy")
        dx: Array = dy * scale
        return dx
