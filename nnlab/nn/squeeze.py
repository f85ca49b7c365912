"""Channel attention: what the whole picture shows decides how much of each channel passes."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import Sigmoid
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.rectifier import ReLU

__all__ = ["SqueezeExcite"]


class SqueezeExcite(Module):
    """y = s x, with s = σ(fc2(ReLU(fc1(z)))) for each channel and z the channels' means over the picture.

    x and y have shape (N, channels, H, W); fc1 leads to channels / reduction features and fc2 back. bias=False gives
    the maps without biases of the paper. Source: Hu et al., "Squeeze-and-Excitation Networks", 2018, equations 2 to 4.
    """

    rows_from = 4
    in_torch = False
    cases = (
        Case(6, 2, x=Normal((3, 6, 4, 5))),
        Case(4, reduction=1, bias=False, x=Normal((2, 4, 1, 3))),
        Case(6, 3, x=Normal((2, 6, 5, 3)), train=False),
    )

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if reduction < 1 or channels % reduction:
            raise InputError(f"SqueezeExcite: reduction={reduction} must divide channels={channels}; choose a divisor")
        self.fc1 = Linear(channels, channels // reduction, bias, rng=rng, dtype=dtype)
        self.relu = ReLU()
        self.fc2 = Linear(channels // reduction, channels, bias, rng=rng, dtype=dtype)
        self.sigmoid = Sigmoid()

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (None, self.fc1.in_features, None, None), self.fc1.weight.data.dtype)
        s = self.sigmoid(self.fc2(self.relu(self.fc1(x.mean((2, 3))))))[:, :, None, None]
        self.cache = x, s
        y: Array = s * x
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x, s = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        ds = (dy * x).sum((2, 3))
        dz = self.fc1.backward(self.relu.backward(self.fc2.backward(self.sigmoid.backward(ds))))
        pixels = x.shape[2] * x.shape[3]
        dx: Array = dy * s + dz[:, :, None, None] / pixels
        return dx
