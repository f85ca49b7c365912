"""Optimizers that see a parameter as a matrix: Adafactor and Muon."""

from math import sqrt
from typing import Literal

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.module import Parameter
from nnlab.nn.optim import Group, Optimizer, Parameters, State

__all__ = ["Adafactor", "Muon"]


class Adafactor(Optimizer):
    """θ ← (1 - lr · weight_decay) · θ - α · u / max(1, RMS(u) / d), with u = g / max(√v, eps₁).

    α = max(eps₂, RMS(θ)) · min(lr, 1/√t). v, the running mean of g² at the rate t^beta2_decay, is kept as means over
    rows and over columns, v = r cᵀ / max(mean(r), eps₁), where g has two dimensions or more. eps₁ = None is the
    rounding error of the dtype. Source: Shazeer and Stern, 2018, algorithms 4 and 5, in torch's form.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        super().check(group)
        self.demand(group["beta2_decay"] <= 0, group, "beta2_decay", "be at most 0")
        self.demand(all(eps is None or eps >= 0 for eps in group["eps"]), group, "eps", "hold no negative number")
        self.demand(group["d"] >= 1, group, "d", "be at least 1")

    def start(self, parameter: Parameter) -> State:
        v = np.zeros_like(parameter.data)
        return {"v": v} if v.ndim < 2 else {"row": v[..., :1].copy(), "column": v[..., :1, :].copy()}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        g, lr = parameter.grad, group["lr"]
        eps1, eps2 = group["eps"]
        if eps1 is None:
            eps1 = np.finfo(g.dtype).eps
        alpha = max(eps2, rms(parameter.data)) * min(lr, 1 / sqrt(t))
        rate = t ** group["beta2_decay"]
        if g.ndim < 2:
            v = state["v"] = (1 - rate) * state["v"] + rate * g**2
        else:
            row = state["row"] = (1 - rate) * state["row"] + rate * (g**2).mean(-1, keepdims=True)
            column = state["column"] = (1 - rate) * state["column"] + rate * (g**2).mean(-2, keepdims=True)
            v = row * column / np.maximum(row.mean(-2, keepdims=True), eps1)
        u = g / np.maximum(np.sqrt(v), eps1)
        parameter.data *= 1 - lr * group["weight_decay"]
        parameter.data -= alpha * u / max(1.0, rms(u) / group["d"])


class Muon(Optimizer):
    """θ ← (1 - lr · weight_decay) · θ - lr · a · O(b), with b ← momentum · b + (1 - momentum) · g, for matrices only.

    O(b) is close to the orthogonal matrix next to b, by ns_steps of `newton_schulz`; nesterov takes it of
    momentum · b + (1 - momentum) · g. a = √max(1, rows / columns), or 0.2 √max(rows, columns) for adjust_lr_fn =
    "match_rms_adamw". Source: Jordan et al., 2024; Liu et al., 2025, in torch's form, but iterating in θ's dtype,
    where torch rounds to bfloat16.
    """

    at_least_zero = ("lr", "weight_decay", "momentum", "ns_steps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: Literal["original", "match_rms_adamw"] | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
        )

    def check(self, group: Group) -> None:
        super().check(group)
        fits = group["adjust_lr_fn"] in (None, "original", "match_rms_adamw")
        self.demand(fits, group, "adjust_lr_fn", "be 'original', 'match_rms_adamw' or None")

    def start(self, parameter: Parameter) -> State:
        if parameter.data.ndim != 2:
            raise InputError(
                f"Muon: a parameter has shape {parameter.data.shape} but must be a matrix; "
                f"move vectors and convolutions with AdamW"
            )
        return {"b": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        g, lr, momentum = parameter.grad, group["lr"], group["momentum"]
        b = state["b"] = momentum * state["b"] + (1 - momentum) * g
        direction = momentum * b + (1 - momentum) * g if group["nesterov"] else b
        rows, columns = g.shape
        a = sqrt(max(1.0, rows / columns))
        if group["adjust_lr_fn"] == "match_rms_adamw":
            a = 0.2 * sqrt(max(rows, columns))
        start = direction / max(float(np.linalg.norm(direction)), group["eps"])
        parameter.data *= 1 - lr * group["weight_decay"]
        parameter.data -= lr * a * newton_schulz(start, group["ns_coefficients"], group["ns_steps"])


def newton_schulz(x: Array, coefficients: tuple[float, float, float], steps: int) -> Array:
    """x ← a x + b (x xᵀ) x + c (x xᵀ)² x, which moves all singular values towards 1, on the shorter side of x."""
    if x.shape[0] > x.shape[1]:
        return newton_schulz(x.T, coefficients, steps).T
    a, b, c = coefficients
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def rms(x: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(x**2)))
