"""Layers in which one part of the input decides how much of another passes, or which piece does."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import GELU, Sigmoid, SiLU, sigmoid
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter
from nnlab.nn.rectifier import ReLU

__all__ = ["GEGLU", "GLU", "Highway", "Maxout", "SwiGLU"]


class GLU(Module):
    """y = a σ(b), with a and b the halves of x along the axis `dim` and σ the sigmoid.

    Source: Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2016, equation 1.
    """

    cases = (
        Case(x=Normal((3, 5, 4))),
        Case(1, x=Normal((2, 6, 3), scale=3.0)),
        Case(0, x=Normal((2,))),
        Case(x=Normal((2, 3, 6)), train=False),
    )

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., None))
        if x.shape[self.dim] % 2:
            raise InputError(
                f"GLU: x has {x.shape[self.dim]} entries along dim {self.dim}, which cannot be halved; "
                f"make their number even"
            )
        a, b = np.split(x, 2, self.dim)
        s = sigmoid(b)
        self.cache = a, s
        y: Array = a * s
        return y

    def backward(self, dy: ArrayLike) -> Array:
        a, s = self.cache
        dy = borrow(self, dy, a.shape, a.dtype, "dy")
        da = dy * s
        db = da * a * (1 - s)
        return np.concatenate([da, db], self.dim)


class _Gated(Module):
    """y = activation(x Wᵀ + b) (x Vᵀ + c), with W, b in `gate` and V, c in `value`, entry by entry."""

    rows_from = 2

    def __init__(
        self,
        activation: Module,
        in_features: int,
        out_features: int,
        bias: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        self.gate = Linear(in_features, out_features, bias, rng=rng, dtype=dtype)
        self.value = Linear(in_features, out_features, bias, rng=rng, dtype=dtype)
        self.activation = activation

    def forward(self, x: ArrayLike) -> Array:
        g: Array = self.activation(self.gate(x))
        v: Array = self.value(x)
        self.cache = g, v
        return g * v

    def backward(self, dy: ArrayLike) -> Array:
        g, v = self.cache
        dy = borrow(self, dy, g.shape, g.dtype, "dy")
        dg, dv = dy * v, dy * g
        dx: Array = self.gate.backward(self.activation.backward(dg)) + self.value.backward(dv)
        return dx


class SwiGLU(_Gated):
    """y = SiLU(x Wᵀ + b) (x Vᵀ + c), with W, b in `gate` and V, c in `value`.

    x has shape (..., in_features), y (..., out_features). Source: Shazeer, "GLU Variants Improve Transformer", 2020,
    equation 5, with β = 1.
    """

    in_torch = False
    cases = (
        Case(4, 3, x=Normal((5, 4))),
        Case(3, 5, bias=False, x=Normal((2, 4, 3))),
        Case(5, 2, x=Normal((2, 3, 5)), train=False),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(SiLU(), in_features, out_features, bias, rng, dtype)


class GEGLU(_Gated):
    """y = GELU(x Wᵀ + b) (x Vᵀ + c), with W, b in `gate` and V, c in `value`.

    x has shape (..., in_features), y (..., out_features). Source: Shazeer, "GLU Variants Improve Transformer", 2020,
    equation 5.
    """

    in_torch = False
    cases = (
        Case(4, 3, x=Normal((5, 4))),
        Case(3, 5, bias=False, x=Normal((2, 4, 3))),
        Case(5, 2, x=Normal((2, 3, 5)), train=False),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(GELU(), in_features, out_features, bias, rng, dtype)


class Highway(Module):
    """y = t h + (1 - t) x, with h = ReLU(transform(x)) and t = σ(gate(x)) of two linear maps.

    x and y have shape (..., features). The gate's bias starts at gate_bias, below 0 so that x passes at first.
    Source: Srivastava, Greff and Schmidhuber, "Highway Networks", 2015, equation 3.
    """

    rows_from = 2
    in_torch = False
    cases = (
        Case(4, x=Normal((3, 5, 4))),
        Case(3, gate_bias=-3.0, x=Normal((2, 3), scale=2.0)),
        Case(5, x=Normal((2, 5)), train=False),
    )

    def __init__(
        self,
        features: int,
        gate_bias: float = -1.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.features = features
        self.transform = Linear(features, features, rng=rng, dtype=dtype)
        self.gate = Linear(features, features, rng=rng, dtype=dtype)
        self.gate.bias = Parameter(np.full(features, gate_bias, dtype))
        self.relu = ReLU()
        self.sigmoid = Sigmoid()

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.features))
        h: Array = self.relu(self.transform(x))
        t: Array = self.sigmoid(self.gate(x))
        self.cache = x, h, t
        return t * h + (1 - t) * x

    def backward(self, dy: ArrayLike) -> Array:
        x, h, t = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        dh, dt = dy * t, dy * (h - x)
        dx: Array = self.transform.backward(self.relu.backward(dh)) + self.gate.backward(self.sigmoid.backward(dt))
        dx += dy * (1 - t)
        return dx


class Maxout(Module):
    """yᵢ = max over j of zᵢⱼ, with z = linear(x) in out_features groups of `pieces` each.

    x has shape (..., in_features), y (..., out_features). Of equal pieces the first gets the whole gradient. Source:
    Goodfellow et al., "Maxout Networks", 2013, section 3.
    """

    rows_from = 2
    in_torch = False
    cases = (
        Case(4, 3, x=Normal((2, 5, 4))),
        Case(3, 4, pieces=5, bias=False, x=Normal((6, 3))),
        Case(5, 2, 3, x=Normal((4, 5)), train=False),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if pieces < 1:
            raise InputError(f"Maxout: pieces is {pieces} but at least one is needed; raise it")
        self.out_features = out_features
        self.pieces = pieces
        self.linear = Linear(in_features, out_features * pieces, bias, rng=rng, dtype=dtype)

    def forward(self, x: ArrayLike) -> Array:
        z: Array = self.linear(x)
        z = z.reshape(*z.shape[:-1], self.out_features, self.pieces)
        self.cache = z, z.argmax(-1)[..., None]
        y: Array = z.max(-1)
        return y

    def backward(self, dy: ArrayLike) -> Array:
        z, chosen = self.cache
        dy = borrow(self, dy, z.shape[:-1], z.dtype, "dy")
        dz = np.zeros_like(z)
        np.put_along_axis(dz, chosen, dy[..., None], -1)
        return self.linear.backward(dz.reshape(*dy.shape[:-1], self.out_features * self.pieces))
