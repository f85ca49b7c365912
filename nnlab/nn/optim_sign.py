"""Optimizers that look at signs alone: Rprop and Lion."""

import numpy as np

from nnlab.nn.module import Parameter
from nnlab.nn.optim import Group, Moments, Optimizer, Parameters, State

__all__ = ["Lion", "Rprop"]


class Rprop(Optimizer):
    """θ ← θ - sign(g) · η: each entry has its own step η, longer while g keeps its sign and shorter when that turns.

    η starts at lr, is multiplied by etas[1] or etas[0] and kept within step_sizes; where the sign turned θ stays
    and g counts as 0 in the next step. Source: Riedmiller and Braun, 1993, in torch's form.
    """

    at_least_zero = ("lr",)

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
    ) -> None:
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes)

    def check(self, group: Group) -> None:
        super().check(group)
        shorter, longer = group["etas"]
        self.demand(0 < shorter < 1 < longer, group, "etas", "lie below and above 1, and above 0")

    def start(self, parameter: Parameter) -> State:
        return {"eta": np.zeros_like(parameter.data), "g": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        shorter, longer = group["etas"]
        g = parameter.grad
        eta = state["eta"] if t > 1 else np.full_like(g, group["lr"])
        turned = g * state["g"] < 0
        kept = g * state["g"] > 0
        factor = np.where(turned, shorter, np.where(kept, longer, 1)).astype(g.dtype)
        eta = state["eta"] = np.clip(eta * factor, *group["step_sizes"])
        g = state["g"] = np.where(turned, 0, g)
        parameter.data -= np.sign(g) * eta


class Lion(Moments):
    """θ ← (1 - lr · weight_decay) · θ - lr · sign(β₁ m + (1 - β₁) g), then m ← β₂ m + (1 - β₂) g.

    Source: Chen et al., NeurIPS 2023, algorithm 2.
    """

    at_least_zero = ("lr", "weight_decay")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay)

    def start(self, parameter: Parameter) -> State:
        return {"m": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        g, m = parameter.grad, state["m"]
        parameter.data *= 1 - group["lr"] * group["weight_decay"]
        parameter.data -= group["lr"] * np.sign(beta1 * m + (1 - beta1) * g)
        state["m"] = beta2 * m + (1 - beta2) * g
