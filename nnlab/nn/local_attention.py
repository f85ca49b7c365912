"""Attention to the neighbourhood: the band of a score matrix, and nothing outside it, is computed."""

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, check_shape, own
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.module import Module
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["SlidingWindowAttention"]

_PADDED = [[False, True, True, True, False, False], [True, False, False, True, False, True]]


class SlidingWindowAttention(Module):
    """yᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ / √d) vⱼ over the positions j with |i - j| ≤ window, and j ≤ i if causal.

    query and key have shape (..., T, d), value and y (..., T, dᵥ): bring your own projections, and heads as one of the
    leading dimensions. Boolean key_padding_mask (..., T) is True where a key is not to be attended to; a query that may
    attend to nothing gets zeros. Time and memory grow with T (2 window + 1), not with T².
    Source: Beltagy, Peters and Cohan, "Longformer", 2020, section 3.1, whose w is 2 window.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(1, x=[Normal((2, 3, 7, 4)), Normal((2, 3, 7, 4)), Normal((2, 3, 7, 5))]),
        Case(2, True, x=[Normal((3, 6, 2)), Normal((3, 6, 2)), Normal((3, 6, 4))]),
        Case(1, x=[Normal((2, 6, 3)), Normal((2, 6, 3)), Normal((2, 6, 1)), Fixed(_PADDED)]),
        Case(1, causal=True, x=[Normal((2, 6, 5)), Normal((2, 6, 5)), Normal((2, 6, 3)), Fixed(_PADDED)]),
        Case(4, x=[Normal((3, 2)), Normal((3, 2)), Normal((3, 5))], train=False),
    )

    def __init__(self, window: int, causal: bool = False) -> None:
        if window < 0:
            raise InputError(
                f"SlidingWindowAttention: window is {window} but must be at least 0; "
                f"count the neighbours to attend to on one side"
            )
        self.before = window
        self.after = 0 if causal else window

    def forward(
        self, query: ArrayLike, key: ArrayLike, value: ArrayLike, key_padding_mask: ArrayLike | None = None
    ) -> Array:
        q = own(self, query, (..., None, None), name="query")
        k = own(self, key, q.shape, q.dtype, "key")
        v = own(self, value, (*q.shape[:-1], None), q.dtype, "value")
        exists = ~padding(self, key_padding_mask, k.shape[:-1])
        in_reach = near(exists[..., None], self.before, self.after)[..., 0, :]
        scores = _dots(q, near(k, self.before, self.after)) / math.sqrt(q.shape[-1])
        weights = softmax(np.where(in_reach, scores, -np.inf), -1)
        self.cache = q, k, v, weights
        return _mix(weights, near(v, self.before, self.after))

    def backward(self, dy: ArrayLike) -> tuple[Array, Array, Array]:
        q, k, v, weights = self.cache
        dy = borrow(self, dy, v.shape, v.dtype, "dy")
        dweights = _dots(dy, near(v, self.before, self.after))
        dscores = softmax_backward(dweights, weights, -1) / math.sqrt(q.shape[-1])
        dq = _mix(dscores, near(k, self.before, self.after))
        dk = _mix(self._transposed(dscores), near(q, self.after, self.before))
        dv = _mix(self._transposed(weights), near(dy, self.after, self.before))
        return dq, dk, dv

    def _transposed(self, band: Array) -> Array:
        """A band by keys instead of queries: its row j lists the queries from j - after to j + before."""
        rows: Array = np.einsum("...tTT->...tT", near(band[..., ::-1], self.after, self.before))
        return rows


def near(x: NDArray[Any], before: int, after: int) -> NDArray[Any]:
    """The view (..., T, d, before + 1 + after) of x (..., T, d) from `before` positions back to `after` ahead.

    Outside of x there are zeros.
    """
    margin = [(0, 0)] * (x.ndim - 2) + [(before, after), (0, 0)]
    return sliding_window_view(np.pad(x, margin), before + 1 + after, -2)


def padding(owner: object, key_padding_mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The boolean mask itself, or nothing masked where there is none. Raises InputError."""
    if key_padding_mask is None:
        return np.zeros(shape, bool)
    mask = np.asarray(key_padding_mask)
    layer = type(owner).__name__
    if mask.dtype != bool:
        raise InputError(
            f"{layer}: key_padding_mask must be boolean, True where a key is padding, but has dtype {mask.dtype}; "
            f"compare it with a number"
        )
    check_shape(layer, "key_padding_mask", mask.shape, shape)
    return mask


def _dots(x: Array, neighbours: Array) -> Array:
    """The dot product of each x with its neighbours: (..., T, window)."""
    dots: Array = np.einsum("...td,...tdT->...tT", x, neighbours)
    return dots


def _mix(weights: Array, neighbours: Array) -> Array:
    """The sum of each one's neighbours, times their weights: (..., T, d)."""
    sums: Array = np.einsum("...tT,...tdT->...td", weights, neighbours)
    return sums
