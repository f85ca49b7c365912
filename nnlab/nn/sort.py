"""Sorting with a derivative."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["SoftSort"]


class SoftSort(Module):
    """P = softmax(-|sort(s) 1ᵀ - 1 sᵀ| / tau) by rows, with sort(s) in descending order: a soft permutation matrix.

    s has shape (..., n), P (..., n, n): row i says which entry is the i-th largest, and P s is s almost sorted; as
    tau → 0, P becomes the permutation matrix. Equal entries are sorted by their places, as torch.sort(stable=True)
    does. Source: Prillo and Eisenschlos, "SoftSort", 2020, equation 4, with d = |·|.
    """

    in_torch = False
    rows_from = 2
    cases = (
        Case(x=Normal((2, 3, 5))),
        Case(0.3, x=Normal((4, 3))),
        Case(tau=2.5, x=Normal((6,), scale=3.0)),
    )

    def __init__(self, tau: float = 1.0) -> None:
        if not tau > 0:
            raise InputError(f"SoftSort: tau is {tau} but must be above 0; the smaller it is, the harder the sorting")
        self.tau = tau

    def forward(self, s: ArrayLike) -> Array:
        s = own(self, s, (..., None), name="s")
        order = np.argsort(-s, stable=True)
        apart = -np.sort(-s)[..., :, None] - s[..., None, :]
        p = softmax(-np.abs(apart) / self.tau, -1)
        self.cache = order, apart, p
        return p.copy()

    def backward(self, dp: ArrayLike) -> Array:
        order, apart, p = self.cache
        dp = borrow(self, dp, p.shape, p.dtype, "dp")
        dapart = -np.sign(apart) / self.tau * softmax_backward(dp, p, -1)
        ds: Array = np.zeros(order.shape, p.dtype)
        np.put_along_axis(ds, order, dapart.sum(-1), -1)
        ds -= dapart.sum(-2)
        return ds
