"""Optimizers that follow Adam: other norms, momentum, rectification and step lengths from the same moments."""

from math import sqrt

import numpy as np

from nnlab.nn.module import Parameter
from nnlab.nn.optim import Group, Moments, Parameters, State, decayed

__all__ = ["LAMB", "Adamax", "NAdam", "RAdam"]


class Adamax(Moments):
    """θ ← θ - lr · m̂ / u, with u ← max(β₂ u, |g| + eps) and m̂ = m / (1 - β₁ᵗ).

    m is the running mean of g, the gradient plus weight_decay · θ. Source: Kingma and Ba, 2014, algorithm 2, in
    torch's form, which keeps u away from 0 by eps.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def start(self, parameter: Parameter) -> State:
        return {"m": np.zeros_like(parameter.data), "u": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        g = parameter.grad + group["weight_decay"] * parameter.data
        m = state["m"] = beta1 * state["m"] + (1 - beta1) * g
        u = state["u"] = np.maximum(beta2 * state["u"], np.abs(g) + group["eps"])
        m_hat = m / (1 - beta1**t)
        parameter.data -= group["lr"] * m_hat / u


class NAdam(Moments):
    """θ ← θ - lr · ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m / (1 - Πμ · μₜ₊₁)) / (√v̂ + eps): Adam with Nesterov's momentum.

    μₜ = β₁ (1 - 0.96^(t · momentum_decay) / 2), Πμ is the product of μ₁ … μₜ and v̂ = v / (1 - β₂ᵗ); g and
    decoupled_weight_decay are as in Adam. Source: Dozat, 2016, in torch's form.
    """

    at_least_zero = ("lr", "eps", "weight_decay", "momentum_decay")

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def start(self, parameter: Parameter) -> State:
        return super().start(parameter) | {"mu_product": np.ones(())}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        decay = group["momentum_decay"]
        mu = beta1 * (1 - 0.96 ** (t * decay) / 2)
        mu_next = beta1 * (1 - 0.96 ** ((t + 1) * decay) / 2)
        state["mu_product"] *= mu
        product = float(state["mu_product"])
        g = decayed(parameter, group)
        m, v = self.moments(g, group, state)
        v_hat = v / (1 - beta2**t)
        ahead = g * (1 - mu) / (1 - product) + m * mu_next / (1 - product * mu_next)
        parameter.data -= group["lr"] * ahead / (np.sqrt(v_hat) + group["eps"])


class RAdam(Moments):
    """θ ← θ - lr · r · m̂ · √(1 - β₂ᵗ) / (√v + eps) where ρₜ > 5, else θ ← θ - lr · m̂, with m̂ = m / (1 - β₁ᵗ).

    ρ∞ = 2 / (1 - β₂) - 1, ρₜ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ), and r = √((ρₜ-4)(ρₜ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρₜ)) corrects
    the variance of the adaptive rate; g and decoupled_weight_decay are as in Adam. Source: Liu et al., ICLR 2020,
    algorithm 2, in torch's form.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        g = decayed(parameter, group)
        m, v = self.moments(g, group, state)
        m_hat = m / (1 - beta1**t)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            r = sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
            m_hat = m_hat * r * sqrt(1 - beta2**t) / (np.sqrt(v) + group["eps"])
        parameter.data -= group["lr"] * m_hat


class LAMB(Moments):
    """θ ← θ - lr · ‖θ‖ / ‖u‖ · u, with u = m̂ / (√v̂ + eps) + weight_decay · θ: Adam with a step as long as θ is.

    m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ); norms are over one parameter, and a ratio with a norm of 0 counts as 1.
    Source: You et al., ICLR 2020, algorithm 2, with φ(z) = z.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        m, v = self.moments(parameter.grad, group, state)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        u = m_hat / (np.sqrt(v_hat) + group["eps"]) + group["weight_decay"] * parameter.data
        length, length_u = np.linalg.norm(parameter.data), np.linalg.norm(u)
        ratio = length / length_u if length > 0 and length_u > 0 else 1.0
        parameter.data -= group["lr"] * ratio * u
