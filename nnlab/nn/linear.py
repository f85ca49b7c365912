"""Linear maps."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["Bilinear", "Linear", "LoRALinear"]


class Linear(Module):
    """y = x Wᵀ + b, with x of shape (..., in_features) and y of shape (..., out_features)."""

    rows_from = 2
    cases = (
        Case(4, 3, x=Normal((5, 4))),
        Case(4, 3, bias=False, x=Normal((2, 5, 4))),
        Case(3, 5, x=Normal((3,))),
        Case(5, 2, x=Normal((3, 2, 5)), train=False),
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
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(fan_in_uniform(rng, (out_features, in_features), in_features, dtype))
        self.bias = Parameter(fan_in_uniform(rng, (out_features,), in_features, dtype)) if bias else None

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.in_features), self.weight.data.dtype)
        y: Array = x @ self.weight.data.T
        if self.bias is not None:
            y += self.bias.data
        self.cache = x
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x: Array = self.cache
        dy = borrow(self, dy, (*x.shape[:-1], self.out_features), x.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        self.weight.grad += np.tensordot(dy, x, (rows, rows))
        if self.bias is not None:
            self.bias.grad += dy.sum(rows)
        dx: Array = dy @ self.weight.data
        return dx


class Bilinear(Module):
    """yₒ = Σ input1ᵢ weightₒᵢⱼ input2ⱼ + biasₒ, over i and j.

    input1 has shape (..., in1_features), input2 (..., in2_features) and y (..., out_features).
    """

    rows_from = 2
    cases = (
        Case(4, 3, 5, x=[Normal((2, 6, 4)), Normal((2, 6, 3))]),
        Case(2, 5, 3, bias=False, x=[Normal((4, 2)), Normal((4, 5))]),
        Case(3, 2, 4, x=[Normal((3,)), Normal((2,))]),
        Case(2, 4, 3, x=[Normal((5, 2)), Normal((5, 4))], train=False),
    )

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(fan_in_uniform(rng, shape, in1_features, dtype))
        self.bias = Parameter(fan_in_uniform(rng, (out_features,), in1_features, dtype)) if bias else None

    def forward(self, input1: ArrayLike, input2: ArrayLike) -> Array:
        dtype = self.weight.data.dtype
        input1 = own(self, input1, (..., self.in1_features), dtype, "input1")
        input2 = own(self, input2, (*input1.shape[:-1], self.in2_features), dtype, "input2")
        y: Array = np.einsum("...i,oiI,...I->...o", input1, self.weight.data, input2)
        if self.bias is not None:
            y += self.bias.data
        self.cache = input1, input2
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, Array]:
        input1, input2 = self.cache
        dy = borrow(self, dy, (*input1.shape[:-1], self.out_features), input1.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        self.weight.grad += np.tensordot(dy[..., :, None] * input1[..., None, :], input2, (rows, rows))
        if self.bias is not None:
            self.bias.grad += dy.sum(rows)
        dinput1: Array = np.einsum("...o,oiI,...I->...i", dy, self.weight.data, input2)
        dinput2: Array = np.einsum("...o,oiI,...i->...I", dy, self.weight.data, input1)
        return dinput1, dinput2


class LoRALinear(Module):
    """y = x Wᵀ + b + (lora_alpha / r) x Aᵀ Bᵀ, with `weight` W and `bias` b frozen, and only A and B learned.

    x has shape (..., in_features), y (..., out_features), lora_A (r, in_features) and lora_B (out_features, r), which
    starts at 0. W and b are buffers with a Linear's names: load_state_dict(lora.state_dict() | linear.state_dict()).
    Source: Hu et al., "LoRA", 2021, equation 3.
    """

    rows_from = 2
    in_torch = False
    buffers: tuple[str, ...] = ("weight", "bias")
    cases = (
        Case(4, 3, 2, x=Normal((2, 5, 4))),
        Case(5, 6, 3, lora_alpha=4.5, bias=False, x=Normal((7, 5))),
        Case(3, 5, 2, 2.0, x=Normal((4, 3)), train=False),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        r: int,
        lora_alpha: float = 1.0,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if r < 1:
            raise InputError(f"LoRALinear: r is {r} but the rank must be at least 1; raise it, or use Linear")
        self.in_features = in_features
        self.out_features = out_features
        self.scaling = lora_alpha / r
        self.weight = fan_in_uniform(rng, (out_features, in_features), in_features, dtype)
        self.bias = fan_in_uniform(rng, (out_features,), in_features, dtype) if bias else None
        self.lora_A = Parameter(fan_in_uniform(rng, (r, in_features), in_features, dtype))
        self.lora_B = Parameter(np.zeros((out_features, r), dtype))
        if not bias:
            self.buffers = ("weight",)

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.in_features), self.weight.dtype)
        h = self.scaling * (x @ self.lora_A.data.T)
        y: Array = x @ self.weight.T + h @ self.lora_B.data.T
        if self.bias is not None:
            y += self.bias
        self.cache = x, h
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x, h = self.cache
        dy = borrow(self, dy, (*x.shape[:-1], self.out_features), x.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        dh = self.scaling * (dy @ self.lora_B.data)
        self.lora_B.grad += np.tensordot(dy, h, (rows, rows))
        self.lora_A.grad += np.tensordot(dh, x, (rows, rows))
        dx: Array = dy @ self.weight + dh @ self.lora_A.data
        return dx
