"""Normalisation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module, Parameter

__all__ = ["BatchNorm1d", "LayerNorm"]


class LayerNorm(Module):
    """y = γ (x - mean) / √(var + eps) + β, over the trailing dimensions `normalized_shape`.

    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, equation 3; the variance is the biased one.
    """

    cases = (
        Case(5, x=Normal((3, 4, 5))),
        Case((3, 4), eps=0.1, x=Normal((2, 3, 4))),
        Case(4, elementwise_affine=False, x=Normal((6, 4))),
        Case(6, bias=False, x=Normal((2, 3, 6))),
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


class BatchNorm1d(Module):
    """y = γ (x - mean) / √(var + eps) + β, per channel, for x of shape (N, C) or (N, C, L).

    In training the statistics are the batch's, and running_mean, running_var move towards them by `momentum`
    (towards the cumulative average if it is None); in evaluation the running ones are used. As in torch the
    running variance is the unbiased one. Source: Ioffe and Szegedy, 2015, algorithms 1 and 2.
    """

    buffers: tuple[str, ...] = ("running_mean", "running_var", "num_batches_tracked")
    cases = (
        Case(3, x=Normal((5, 3))),
        Case(3, x=Normal((4, 3, 5))),
        Case(4, eps=0.1, momentum=0.3, x=Normal((3, 4, 2))),
        Case(3, momentum=None, x=Normal((2, 3, 4))),
        Case(3, affine=False, x=Normal((4, 3))),
        Case(3, track_running_stats=False, x=Normal((4, 3, 2)), train=False),
        Case(3, x=Normal((2, 3, 4)), train=False),
    )

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

    def forward(self, x: ArrayLike) -> Array:
        columns = (None,) if np.ndim(x) == 3 else ()
        x = own(self, x, (None, self.num_features, *columns), self.dtype)
        axes = (0, *range(2, x.ndim))
        use_batch = self.training or not self.track_running_stats
        if use_batch:
            mean, var = self._batch_statistics(x, axes)
        else:
            mean, var = self.running_mean, self.running_var
        per_channel = (self.num_features, *(1 for _ in columns))
        inv_std = (1 / np.sqrt(var + self.eps)).reshape(per_channel)
        x_hat = (x - mean.reshape(per_channel)) * inv_std
        self.cache = x_hat, inv_std, axes, use_batch
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data.reshape(per_channel)
        if self.bias is not None:
            y += self.bias.data.reshape(per_channel)
        return y

    def _batch_statistics(self, x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
        """Mean and biased variance of the batch; in training the running statistics take note of them."""
        count = x.size / self.num_features
        if count < 2:
            raise InputError(
                f"BatchNorm1d: x has shape {x.shape}, one value per channel, which has no variance; "
                f"train with more than one row or call eval()"
            )
        mean, var = x.mean(axes), x.var(axes)
        if self.training and self.track_running_stats:
            self.num_batches_tracked += 1
            rate = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
            self.running_mean += rate * (mean - self.running_mean)
            self.running_var += rate * (var * count / (count - 1) - self.running_var)
        return mean, var

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_std, axes, use_batch = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        if self.bias is not None:
            self.bias.grad += dy.sum(axes)
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum(axes)
            g = dy * self.weight.data.reshape(inv_std.shape)
        dx: Array = g * inv_std
        if use_batch:
            dx = (g - g.mean(axes, keepdims=True) - x_hat * (g * x_hat).mean(axes, keepdims=True)) * inv_std
        return dx
