"""Activations made of pieces: ReLU and its kin, the hard forms of smooth activations, and the shrinkages.

At a kink the derivative is the one that torch takes.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.elementwise import Elementwise, Slope
from nnlab.nn.module import Module, Parameter

__all__ = [
    "CELU",
    "ELU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "ReLU6",
    "Softshrink",
    "Threshold",
]


class ReLU(Elementwise):
    """y = max(x, 0); its derivative at 0 is taken as 0, as in torch."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((7,), scale=20.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        y: Array = np.maximum(x, 0)
        return y

    def derivative(self, x: Array) -> Slope:
        return x > 0


class LeakyReLU(Elementwise):
    """y = max(x, 0) + negative_slope · min(x, 0). Source: Maas, Hannun and Ng, 2013."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(0.3, x=Normal((7,), scale=20.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def function(self, x: Array) -> Array:
        return np.maximum(x, 0) + self.negative_slope * np.minimum(x, 0)

    def derivative(self, x: Array) -> Slope:
        return np.where(x > 0, 1.0, self.negative_slope)


class PReLU(Module):
    """y = max(x, 0) + weight · min(x, 0), with one learned weight, or one for each channel (axis 1).

    x has any shape if num_parameters is 1, else (N, num_parameters, …). Source: He et al., "Delving Deep into
    Rectifiers", 2015, equation 1.
    """

    rows_from = 2
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(3, x=Normal((2, 3))),
        Case(4, 0.6, x=Normal((3, 4, 5, 2))),
        Case(x=Normal((6,))),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = np.float64) -> None:
        self.num_parameters = num_parameters
        self.weight = Parameter(np.full(num_parameters, init, dtype))

    def forward(self, x: ArrayLike) -> Array:
        positions = (1,) * (np.ndim(x) - 2)
        any_size = (None,) * len(positions)
        rule = (...,) if self.num_parameters == 1 else (None, self.num_parameters, *any_size)
        x = own(self, x, rule, self.weight.data.dtype)
        per_channel = (1, self.num_parameters, *positions)[: x.ndim]
        self.cache = x, per_channel
        y: Array = np.maximum(x, 0) + self.weight.data.reshape(per_channel) * np.minimum(x, 0)
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x, per_channel = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        alike = tuple(axis for axis, size in enumerate(per_channel) if size == 1)
        self.weight.grad += (dy * np.minimum(x, 0)).sum(alike)
        return np.where(x > 0, dy, self.weight.data.reshape(per_channel) * dy)


class ELU(Elementwise):
    """y = max(x, 0) + alpha (exp(min(x, 0)) - 1). Source: Clevert, Unterthiner and Hochreiter, 2015, section 3.

    At 0 the derivative is alpha.
    """

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(1.7, x=Normal((7,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def function(self, x: Array) -> Array:
        return np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0))

    def derivative(self, x: Array) -> Slope:
        return np.where(x > 0, 1.0, self.alpha * np.exp(-np.abs(x)))


class CELU(Elementwise):
    """y = max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1), an ELU without a kink. Source: Barron, 2017."""

    # torch's backward rounds alpha to float32; 1.75 is exact there.
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(1.75, x=Normal((7,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, alpha: float = 1.0) -> None:
        if alpha == 0:
            raise InputError(f"CELU: alpha is {alpha} but x is divided by it; choose another value")
        self.alpha = alpha

    def function(self, x: Array) -> Array:
        return np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0) / self.alpha)

    def derivative(self, x: Array) -> Slope:
        return np.exp(np.minimum(x, 0) / self.alpha)


class SELU(Elementwise):
    """y = scale · ELU(x), with the scale and alpha that keep mean 0 and variance 1 from layer to layer.

    Source: Klambauer et al., "Self-Normalizing Neural Networks", 2017, equation 2.
    """

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((7,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )
    scale = 1.0507009873554804934193349852946
    alpha = 1.6732632423543772848170429916717

    def function(self, x: Array) -> Array:
        return self.scale * (np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0)))

    def derivative(self, x: Array) -> Slope:
        return self.scale * np.where(x > 0, 1.0, self.alpha * np.exp(-np.abs(x)))


class Hardtanh(Elementwise):
    """y = min(max(x, min_val), max_val); at both ends the derivative is 0."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(-0.5, 1.5, x=Normal((7,), scale=2.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        if not min_val < max_val:
            raise InputError(
                f"{type(self).__name__}: min_val is {min_val} and max_val {max_val}, which leaves nothing in between; "
                f"make max_val the larger"
            )
        self.min_val = min_val
        self.max_val = max_val

    def function(self, x: Array) -> Array:
        return np.clip(x, self.min_val, self.max_val)

    def derivative(self, x: Array) -> Slope:
        return (self.min_val < x) & (x < self.max_val)


class ReLU6(Hardtanh):
    """y = min(max(x, 0), 6); at 0 and at 6 the derivative is 0. Source: Krizhevsky, 2010."""

    cases = (
        Case(x=Normal((3, 4, 5), scale=5.0)),
        Case(x=Normal((7,))),
        Case(x=Normal((2, 6, 3), scale=6.0), train=False),
    )

    def __init__(self) -> None:
        super().__init__(0.0, 6.0)


class Hardsigmoid(Elementwise):
    """y = min(max(x + 3, 0), 6) / 6; at -3 and at 3 the derivative is 0."""

    cases = (
        Case(x=Normal((3, 4, 5), scale=3.0)),
        Case(x=Normal((7,))),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return np.clip(x + 3, 0, 6) / 6

    def derivative(self, x: Array) -> Slope:
        return (np.abs(x) < 3) / 6


class Hardswish(Elementwise):
    """y = x min(max(x + 3, 0), 6) / 6; at -3 the derivative is 0 and at 3 it is 1.

    Source: Howard et al., "Searching for MobileNetV3", 2019, section 5.2.
    """

    cases = (
        Case(x=Normal((3, 4, 5), scale=3.0)),
        Case(x=Normal((7,))),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return x * np.clip(x + 3, 0, 6) / 6

    def derivative(self, x: Array) -> Slope:
        return np.where(x < 3, np.where(x > -3, x / 3 + 0.5, 0.0), 1.0)


class Softshrink(Elementwise):
    """y = x - λ where x > λ, x + λ where x < -λ, else 0, with λ = `lambd`; at ±λ the derivative is 0."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(1.2, x=Normal((7,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, lambd: float = 0.5) -> None:
        if not lambd >= 0:
            raise InputError(f"Softshrink: lambd is {lambd} but must be at least 0; choose another value")
        self.lambd = lambd

    def function(self, x: Array) -> Array:
        return x - np.clip(x, -self.lambd, self.lambd)

    def derivative(self, x: Array) -> Slope:
        return np.abs(x) > self.lambd


class Hardshrink(Elementwise):
    """y = x where |x| > `lambd`, else 0; at ±lambd the derivative is 0."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(1.2, x=Normal((7,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def function(self, x: Array) -> Array:
        return np.where(np.abs(x) <= self.lambd, 0.0, x)

    def derivative(self, x: Array) -> Slope:
        return np.abs(x) > self.lambd


class Threshold(Elementwise):
    """y = x where x > threshold, else value; at the threshold y is value and the derivative 0."""

    cases = (
        Case(0.3, -1.5, x=Normal((3, 4, 5))),
        Case(-2.0, 0.7, x=Normal((7,), scale=3.0)),
        Case(0.1, 20.0, x=Normal((2, 6, 3)), train=False),
    )

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold = threshold
        self.value = value

    def function(self, x: Array) -> Array:
        return np.where(x <= self.threshold, self.value, x)

    def derivative(self, x: Array) -> Slope:
        return x > self.threshold
