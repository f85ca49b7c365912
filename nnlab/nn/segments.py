"""Sums, maxima and softmax over the entries that bear the same index."""

import numpy as np

from nnlab.nn.arrays import Array, Integers


def segments(ufunc: np.ufunc, x: Array, index: Integers, size: int) -> Array:
    """y[..., i, :] = ufunc over all x[..., e, :] with index[e] = i, for i < size; 0 where there is none."""
    order = np.argsort(index, stable=True)
    found, starts = np.unique(index[order], return_index=True)
    y = np.zeros((*x.shape[:-2], size, x.shape[-1]), x.dtype)
    y[..., found, :] = ufunc.reduceat(x[..., order, :], starts, -2)
    return y


def segment_softmax(x: Array, index: Integers, size: int) -> Array:
    """exp(x) / Σ exp(x) over the entries of the same index, computed from x - max(x)."""
    e = np.exp(x - segments(np.maximum, x, index, size)[..., index, :])
    y: Array = e / segments(np.add, e, index, size)[..., index, :]
    return y


def segment_softmax_backward(dy: Array, y: Array, index: Integers, size: int) -> Array:
    """dx = y (dy - Σ dy y), for y = segment_softmax(x)."""
    dx: Array = y * (dy - segments(np.add, dy * y, index, size)[..., index, :])
    return dx
