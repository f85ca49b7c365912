"""Optimizers: step() moves all parameters against their gradients, update(parameter) one of them."""

from collections.abc import Iterable

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.module import Parameter

__all__ = ["SGD", "Adam", "Optimizer"]


class Optimizer:
    """Base of all optimizers: counts the steps t = 1, 2, … of each parameter; `move` holds the formula."""

    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        self.parameters = list(parameters)
        self.lr = self.at_least_zero("lr", lr)
        self.t = dict.fromkeys(self.parameters, 0)
        if not self.parameters:
            raise InputError(f"{type(self).__name__}: there are no parameters to move; pass model.parameters()")

    def step(self) -> None:
        """One step of every parameter."""
        for parameter in self.parameters:
            self.update(parameter)

    def update(self, parameter: Parameter) -> None:
        """One step of one parameter; valid straight after construction and in any order."""
        if parameter not in self.t:
            raise InputError(f"{type(self).__name__}: {parameter} was not given to the constructor; add it there")
        self.t[parameter] += 1
        self.move(parameter, self.t[parameter])

    def move(self, parameter: Parameter, t: int) -> None:
        raise NotImplementedError(f"{type(self).__name__} defines no move")

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.zero_grad()

    def at_least_zero(self, name: str, value: float) -> float:
        if not value >= 0:
            raise InputError(f"{type(self).__name__}: {name} is {value} but must be at least 0; choose another value")
        return value


class SGD(Optimizer):
    """θ ← θ - lr · b, with b ← momentum · b + (1 - dampening) · g, and b = g at a parameter's first step.

    g is the gradient plus weight_decay · θ; nesterov uses g + momentum · b in place of b. Source: Sutskever et
    al., 2013, in torch's form.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = self.at_least_zero("momentum", momentum)
        self.dampening = dampening
        self.weight_decay = self.at_least_zero("weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and not (momentum > 0 and dampening == 0):
            raise InputError(
                f"SGD: nesterov needs momentum > 0 and dampening = 0 but they are {momentum} and {dampening}; "
                f"set them, or leave nesterov off"
            )
        self.velocity: dict[Parameter, Array] = {}

    def move(self, parameter: Parameter, t: int) -> None:
        g = parameter.grad + self.weight_decay * parameter.data
        b = g
        if self.momentum > 0 and parameter in self.velocity:
            b = self.momentum * self.velocity[parameter] + (1 - self.dampening) * g
        self.velocity[parameter] = b
        parameter.data -= self.lr * (g + self.momentum * b if self.nesterov else b)


class Adam(Optimizer):
    """θ ← θ - lr · m̂ / (√v̂ + eps), with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), t = 1 at the first step.

    m and v are the running means of g and g², g the gradient plus weight_decay · θ; amsgrad uses the largest v so
    far. Source: Kingma and Ba, 2014, algorithm 1; Reddi et al., 2018, in torch's form.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.betas = betas
        self.eps = self.at_least_zero("eps", eps)
        self.weight_decay = self.at_least_zero("weight_decay", weight_decay)
        self.amsgrad = amsgrad
        if not all(0 <= beta < 1 for beta in betas):
            raise InputError(f"Adam: betas are {betas} but both must lie in [0, 1); the paper uses (0.9, 0.999)")
        self.m = {p: np.zeros_like(p.data) for p in self.parameters}
        self.v = {p: np.zeros_like(p.data) for p in self.parameters}
        self.v_max = {p: np.zeros_like(p.data) for p in self.parameters}

    def move(self, parameter: Parameter, t: int) -> None:
        beta1, beta2 = self.betas
        g = parameter.grad + self.weight_decay * parameter.data
        m = self.m[parameter] = beta1 * self.m[parameter] + (1 - beta1) * g
        v = self.v[parameter] = beta2 * self.v[parameter] + (1 - beta2) * g**2
        if self.amsgrad:
            v = self.v_max[parameter] = np.maximum(self.v_max[parameter], v)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        parameter.data -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
