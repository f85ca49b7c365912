"""Optimizers that divide by the root of past squared gradients: Adagrad, Adadelta, RMSprop."""

import numpy as np

from nnlab.nn.module import Parameter
from nnlab.nn.optim import Group, Optimizer, Parameters, State

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


class Adagrad(Optimizer):
    """θ ← θ - lr / (1 + (t - 1) · lr_decay) · g / (√s + eps), with s ← s + g² from initial_accumulator_value on.

    g is the gradient plus weight_decay · θ. Source: Duchi et al., JMLR 12, 2011, in torch's form.
    """

    at_least_zero = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )

    def start(self, parameter: Parameter) -> State:
        return {"s": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        lr = group["lr"] / (1 + (t - 1) * group["lr_decay"])
        g = parameter.grad + group["weight_decay"] * parameter.data
        s = state["s"] = state["s"] + g**2
        parameter.data -= lr * g / (np.sqrt(group["initial_accumulator_value"] + s) + group["eps"])


class Adadelta(Optimizer):
    """θ ← θ - lr · d, with d = g · √(a + eps) / √(s + eps), s the running mean of g², and a of the earlier d².

    Running means keep rho of the old; g is the gradient plus weight_decay · θ. Source: Zeiler, 2012, algorithm 1,
    in torch's form.
    """

    at_least_zero = ("lr", "eps", "weight_decay")

    def __init__(
        self, params: Parameters, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        super().check(group)
        self.demand(0 <= group["rho"] <= 1, group, "rho", "lie in [0, 1]")

    def start(self, parameter: Parameter) -> State:
        return {"s": np.zeros_like(parameter.data), "a": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        rho, eps = group["rho"], group["eps"]
        g = parameter.grad + group["weight_decay"] * parameter.data
        s = state["s"] = rho * state["s"] + (1 - rho) * g**2
        d = g * np.sqrt(state["a"] + eps) / np.sqrt(s + eps)
        state["a"] = rho * state["a"] + (1 - rho) * d**2
        parameter.data -= group["lr"] * d


class RMSprop(Optimizer):
    """θ ← θ - lr · b, with b ← momentum · b + g / (√s + eps) and s the running mean of g².

    The running mean keeps alpha of the old; centered takes s less the square of the running mean of g, which is the
    variance. g is the gradient plus weight_decay · θ. Source: Tieleman and Hinton, 2012; centered: Graves, 2013,
    in torch's form.
    """

    at_least_zero = ("lr", "alpha", "eps", "weight_decay", "momentum")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def start(self, parameter: Parameter) -> State:
        return {name: np.zeros_like(parameter.data) for name in ("s", "mean", "b")}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        alpha = group["alpha"]
        g = parameter.grad + group["weight_decay"] * parameter.data
        s = state["s"] = alpha * state["s"] + (1 - alpha) * g**2
        mean = state["mean"] = alpha * state["mean"] + (1 - alpha) * g
        if group["centered"]:
            s = np.maximum(s - mean**2, 0)  # the variance of equal gradients may be rounded below 0
        b = state["b"] = group["momentum"] * state["b"] + g / (np.sqrt(s) + group["eps"])
        parameter.data -= group["lr"] * b
