"""Normalisation within each example, over groups of channels."""

from math import prod

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module, Parameter

__all__ = ["GroupNorm", "InstanceNorm2d"]


class GroupNorm(Module):
    """y = γ (x - mean) / √(var + eps) + β, over each of `num_groups` equal groups of channels of each example.

    x has shape (N, num_channels, …), γ and β one entry for each channel. Source: Wu and He, "Group Normalization",
    2018, section 3.1; the variance is the biased one.
    """

    rows_from = 2
    cases = (
        Case(2, 6, x=Normal((3, 6, 4))),
        Case(3, 3, 0.1, x=Normal((2, 3, 4, 5))),
        Case(1, 4, affine=False, x=Normal((3, 4))),
        Case(2, 4, x=Normal((1, 4, 2, 3)), train=False),
    )

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise InputError(
                f"GroupNorm: num_channels={num_channels} does not divide into num_groups={num_groups}; "
                f"make it a multiple"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.dtype = np.dtype(dtype)
        self.weight = Parameter(np.ones(num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, dtype)) if affine else None

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (None, self.num_channels, *(None for _ in range(np.ndim(x) - 2))), self.dtype)
        groups = x.reshape(len(x), self.num_groups, prod(x.shape[1:]) // self.num_groups)
        centred = groups - groups.mean(2, keepdims=True)
        inv_std = 1 / np.sqrt((centred**2).mean(2, keepdims=True) + self.eps)
        x_hat = (centred * inv_std).reshape(x.shape)
        per_channel = (self.num_channels, *(1 for _ in x.shape[2:]))
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data.reshape(per_channel)
        if self.bias is not None:
            y += self.bias.data.reshape(per_channel)
        self.cache = x_hat, inv_std, groups.shape, per_channel
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_std, groups_shape, per_channel = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        axes = (0, *range(2, dy.ndim))
        if self.bias is not None:
            self.bias.grad += dy.sum(axes)
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum(axes)
            g = dy * self.weight.data.reshape(per_channel)
        g, h = g.reshape(groups_shape), x_hat.reshape(groups_shape)
        dgroups = (g - g.mean(2, keepdims=True) - h * (g * h).mean(2, keepdims=True)) * inv_std
        dx: Array = dgroups.reshape(x_hat.shape)
        return dx


class InstanceNorm2d(Module):
    """y = γ (x - mean) / √(var + eps) + β, over each channel of each example, for x of shape (N, C, H, W).

    With `track_running_stats` running_mean and running_var move by `momentum` (not at all if it is None) towards the
    examples' average mean and unbiased variance in training, and are used in evaluation; num_batches_tracked stays
    0, as in torch. Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, equation 4.
    """

    rows_from = 4
    buffers: tuple[str, ...] = ("running_mean", "running_var", "num_batches_tracked")
    cases = (
        Case(3, x=Normal((2, 3, 4, 5))),
        Case(2, 0.1, 0.3, True, x=Normal((3, 2, 1, 4))),
        Case(3, affine=True, track_running_stats=True, x=Normal((2, 3, 4, 5))),
        Case(3, momentum=None, track_running_stats=True, x=Normal((2, 3, 4, 2))),
        Case(3, affine=True, track_running_stats=True, x=Normal((2, 3, 4, 5)), train=False),
        Case(3, x=Normal((1, 3, 2, 5)), train=False),
    )

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
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
        x = borrow(self, x, (None, self.num_features, None, None), self.dtype)
        use_own = self.training or not self.track_running_stats
        if use_own:
            mean, var = self._own_statistics(x)
        else:
            mean, var = self.running_mean[:, None, None], self.running_var[:, None, None]
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        y: Array = x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data[:, None, None]
        if self.bias is not None:
            y += self.bias.data[:, None, None]
        self.cache = x_hat, inv_std, use_own
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_hat, inv_std, use_own = self.cache
        dy = borrow(self, dy, x_hat.shape, x_hat.dtype, "dy")
        if self.bias is not None:
            self.bias.grad += dy.sum((0, 2, 3))
        g = dy
        if self.weight is not None:
            self.weight.grad += (dy * x_hat).sum((0, 2, 3))
            g = dy * self.weight.data[:, None, None]
        dx: Array = g * inv_std
        if use_own:
            dx = (g - g.mean((2, 3), keepdims=True) - x_hat * (g * x_hat).mean((2, 3), keepdims=True)) * inv_std
        return dx

    def _own_statistics(self, x: Array) -> tuple[Array, Array]:
        """Mean and biased variance of each channel of each example; in training the running ones take note."""
        count = x.shape[2] * x.shape[3]
        if count < 2:
            raise InputError(
                f"InstanceNorm2d: x has shape {x.shape}, one value per channel, which has no variance; "
                f"pass larger pictures or track_running_stats and call eval()"
            )
        mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
        if self.training and self.track_running_stats and self.momentum is not None:
            self.running_mean += self.momentum * (mean.mean((0, 2, 3)) - self.running_mean)
            self.running_var += self.momentum * (var.mean((0, 2, 3)) * count / (count - 1) - self.running_var)
        return mean, var
