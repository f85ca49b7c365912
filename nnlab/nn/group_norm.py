"""Normalisation within each example, over groups of channels."""

from math import prod

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module, Parameter
from nnlab.nn.norm import _ChannelNorm

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


class InstanceNorm2d(_ChannelNorm):
    """y = γ (x - mean) / √(var + eps) + β, over each channel of each example, for x of shape (N, C, H, W).

    With `track_running_stats` running_mean and running_var move by `momentum` (not at all if it is None) towards the
    examples' average mean and unbiased variance in training, and are used in evaluation; num_batches_tracked stays
    0, as in torch. Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, equation 4.
    """

    rows_from = 4
    together = ()
    advice = "pass larger pictures or track_running_stats and call eval()"
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
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype=dtype)

    def _space(self, ndim: int) -> tuple[None, ...]:
        return (None, None)

    def _note(self, mean: Array, unbiased: Array) -> None:
        if self.momentum is not None:
            self.running_mean += self.momentum * (mean.mean((0, 2, 3)) - self.running_mean)
            self.running_var += self.momentum * (unbiased.mean((0, 2, 3)) - self.running_var)
