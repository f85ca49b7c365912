"""Dropout."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """y = x · mask, where each entry of mask is 0 with probability p and 1 / (1 - p) else; y = x in evaluation.

    Every forward in training draws a new mask from rng. Source: Srivastava et al., JMLR 15, 2014, section 4, scaled in
    training rather than in evaluation (section 10).
    """

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(0.2, x=Normal((2, 3, 7))),
        Case(0.0, x=Normal((3, 2, 4))),
        Case(1.0, x=Normal((3, 5))),
        Case(0.7, x=Normal((2, 3, 4)), train=False),
    )

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        if not 0 <= p <= 1:
            raise InputError(f"Dropout: p is a probability but is {p}; choose it in [0, 1]")
        self.p = p
        self.rng = rng

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (...,))
        mask = np.ones_like(x)
        if self.training:
            kept = self.rng.random(x.shape) >= self.p
            mask = np.divide(kept, 1 - self.p, out=np.zeros_like(x), where=kept)
        self.cache = mask
        return x * mask

    def backward(self, dy: ArrayLike) -> Array:
        mask: Array = self.cache
        dy = borrow(self, dy, mask.shape, mask.dtype, "dy")
        dx: Array = dy * mask
        return dx
