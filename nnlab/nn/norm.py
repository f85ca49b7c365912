"""Normalisation."""

from collections.abc import Sequence
from math import prod
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module, Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class LayerNorm(Module):
    """y = γ (x - mean) / √(var + eps) + β, over the trailing dimensions `normalized_shape`.

    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, equation 3; the variance is the biased one.
    """

    cases = (
        Case(5, x=Normal((3, 4, 5))),
        Case((3, 4), eps=0.1, x=Normal((2, 3, 4))),
        Case(4, elementwise_affine=False, x=Normal((6, 4))),
        Case(6, bias=False, x=Normal((2, 3, 6))),
        Case(3, x=Normal((2, 5, 3)), train=False),
    )

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape = shape
        self.rows_from = len(shape) + 1
        self.eps = eps
        self.weight = Parameter(np.ones(shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(shape, dtype)) if elementwise_affine and bias else None

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., *self.normalized_shape), None if self.weight is None else self.weight.data.dtype)
        axes = tuple(range(-len(self.normalized_shape), 0))
        centred = x - x.mean(axes, keepdims=True)
        inv_std = 1 / np.sqrt((centred**2).mean(axes, keepdims=True) + self.eps)
        x_hat = centred * inv_std
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data
        if self.bias is not None:
            y += self.bias.data
        self.cache = x_hat, inv_std, axes
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_std, axes = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        batch = tuple(range(dy.ndim - len(axes)))
        if self.bias is not None:
            self.bias.grad += dy.sum(batch)
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum(batch)
            g = dy * self.weight.data
        dx: Array = (g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_std
        return dx


class _ChannelNorm(Module):
    """y = γ (x - mean) / √(var + eps) + β, for x of shape (N, C) and `_space`, with γ and β one for each channel.

    The statistics are x's own, or in evaluation the running ones, which `_note` moves in training.
    """

    buffers: tuple[str, ...] = ("running_mean", "running_var", "num_batches_tracked")
    together: ClassVar[tuple[int, ...]]  #: the axes besides space over which x's own statistics are taken
    advice: ClassVar[str]  #: what to do where an array of one value per channel has no variance

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.dtype = np.dtype(dtype)
        self.track_running_stats = track_running_stats
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine else None
        self.running_mean: Array = np.zeros(num_features, dtype)
        self.running_var: Array = np.ones(num_features, dtype)
        self.num_batches_tracked = np.zeros((), np.int64)
        if not track_running_stats:
            self.buffers = ()

    def _space(self, ndim: int) -> tuple[None, ...]:
        """The sizes that x may have after (N, C), where it has `ndim` dimensions."""
        raise NotImplementedError(f"{type(self).__name__} defines no _space")

    def _note(self, mean: Array, unbiased: Array) -> None:
        """Move the running statistics towards these."""
        raise NotImplementedError(f"{type(self).__name__} defines no _note")

    def forward(self, x: ArrayLike) -> Array:
        space = self._space(np.ndim(x))
        x = own(self, x, (None, self.num_features, *space), self.dtype)
        per_channel = (self.num_features, *(1 for _ in space))
        axes = (*self.together, *range(2, x.ndim))
        use_own = self.training or not self.track_running_stats
        if use_own:
            mean, var = self._own_statistics(x, axes)
        else:
            mean, var = self.running_mean.reshape(per_channel), self.running_var.reshape(per_channel)
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        self.cache = x_hat, inv_std, per_channel, axes, use_own
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data.reshape(per_channel)
        if self.bias is not None:
            y += self.bias.data.reshape(per_channel)
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_std, per_channel, axes, use_own = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        others = (0, *range(2, dy.ndim))
        if self.bias is not None:
            self.bias.grad += dy.sum(others)
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum(others)
            g = dy * self.weight.data.reshape(per_channel)
        dx: Array = g * inv_std
        if use_own:
            dx = (g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_std
        return dx

    def _own_statistics(self, x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
        """Mean and biased variance of x; in training the running statistics take note of them."""
        count = prod(x.shape[axis] for axis in axes)
        if count < 2:
            raise InputError(
                f"{type(self).__name__}: x has shape {x.shape}, one value per channel, which has no variance; "
                f"{self.advice}"
            )
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        if self.training and self.track_running_stats:
            self._note(mean, var * count / (count - 1))
        return mean, var


class _BatchNorm(_ChannelNorm):
    """Statistics over all examples and positions of a channel."""

    together = (0,)
    advice = "train with more than one row or call eval()"

    def _note(self, mean: Array, unbiased: Array) -> None:
        self.num_batches_tracked += 1
        rate = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean += rate * (mean.ravel() - self.running_mean)
        self.running_var += rate * (unbiased.ravel() - self.running_var)


class BatchNorm1d(_BatchNorm):
    """y = γ (x - mean) / √(var + eps) + β, per channel, for x of shape (N, C) or (N, C, L).

    In training the statistics are the batch's, and running_mean, running_var move towards them by `momentum`
    (towards the cumulative average if it is None); in evaluation the running ones are used. As in torch the
    running variance is the unbiased one. Source: Ioffe and Szegedy, 2015, algorithms 1 and 2.
    """

    cases = (
        Case(3, x=Normal((5, 3))),
        Case(3, x=Normal((4, 3, 5))),
        Case(4, eps=0.1, momentum=0.3, x=Normal((3, 4, 2))),
        Case(3, momentum=None, x=Normal((2, 3, 4))),
        Case(3, affine=False, x=Normal((4, 3))),
        Case(3, track_running_stats=False, x=Normal((4, 3, 2)), train=False),
        Case(3, x=Normal((2, 3, 4)), train=False),
    )

    def _space(self, ndim: int) -> tuple[None, ...]:
        return (None,) if ndim == 3 else ()


class BatchNorm2d(_BatchNorm):
    """y = γ (x - mean) / √(var + eps) + β, per channel, for x of shape (N, C, H, W); all else as in BatchNorm1d."""

    cases = (
        Case(3, x=Normal((2, 3, 4, 5))),
        Case(2, 0.1, 0.3, x=Normal((3, 2, 1, 4))),
        Case(3, momentum=None, x=Normal((1, 3, 2, 4))),
        Case(3, affine=False, x=Normal((2, 3, 4, 1))),
        Case(3, track_running_stats=False, x=Normal((2, 3, 4, 5)), train=False),
        Case(4, x=Normal((2, 4, 3, 5)), train=False),
    )

    def _space(self, ndim: int) -> tuple[None, ...]:
        return (None, None)


class RMSNorm(Module):
    """y = γ x / √(mean(x²) + eps), over the trailing dimensions `normalized_shape`.

    Where eps is None it is the machine epsilon of the dtype. Source: Zhang and Sennrich, NeurIPS 2019, equation 4.
    """

    cases = (
        Case(5, x=Normal((3, 4, 5))),
        Case((3, 4), 0.1, x=Normal((2, 3, 4))),
        Case(4, elementwise_affine=False, x=Normal((6, 4)), train=False),
    )

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape = shape
        self.rows_from = len(shape) + 1
        self.eps = eps
        self.weight = Parameter(np.ones(shape, dtype)) if elementwise_affine else None

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (..., *self.normalized_shape), None if self.weight is None else self.weight.data.dtype)
        axes = tuple(range(-len(self.normalized_shape), 0))
        eps = float(np.finfo(x.dtype).eps) if self.eps is None else self.eps
        inv_rms = 1 / np.sqrt((x**2).mean(axes, keepdims=True) + eps)
        x_hat = x * inv_rms
        self.cache = x_hat, inv_rms, axes
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_rms, axes = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum(tuple(range(dy.ndim - len(axes))))
            g = dy * self.weight.data
        dx: Array = (g - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_rms
        return dx


class LocalResponseNorm(Module):
    """y = x / (k + alpha · mean x²)^beta, the mean over `size` neighbouring channels, where x is 0 outside.

    x has shape (N, C, …); channel c sees c - ⌊size / 2⌋ to c + ⌊(size - 1) / 2⌋. Source: Krizhevsky, Sutskever and
    Hinton, NeurIPS 2012, section 3.3, with torch's mean in place of the sum.
    """

    rows_from = 3
    cases = (
        Case(3, x=Normal((2, 5, 4))),
        Case(4, 2.0, 0.6, 0.5, x=Normal((2, 7, 3, 2), scale=2.0)),
        Case(5, alpha=3.0, x=Normal((1, 3, 2, 4)), train=False),
    )

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        if size < 1:
            raise InputError(f"LocalResponseNorm: size must be at least 1 but is {size}; raise it")
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (None,) * max(np.ndim(x), 3))
        base = self.k + self.alpha * self._mean(x**2, self.size // 2)
        self.cache = x, base
        y: Array = x * base**-self.beta
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x, base = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        dbase = -self.beta * dy * x * base ** (-self.beta - 1)
        dx: Array = dy * base**-self.beta + 2 * x * self.alpha * self._mean(dbase, (self.size - 1) // 2)
        return dx

    def _mean(self, x: Array, before: int) -> Array:
        """The mean over windows of `size` channels that begin `before` channels earlier."""
        margin = [(0, 0)] * x.ndim
        margin[1] = (before, self.size - 1 - before)
        means: Array = sliding_window_view(np.pad(x, margin), self.size, 1).mean(-1)
        return means
