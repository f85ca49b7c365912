"""Optimizers: step() moves all parameters against their gradients, update(parameter) one of them."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.arrays import Array
from nnlab.nn.module import Parameter

__all__ = ["SGD", "Adam", "AdamW", "Group", "Moments", "Optimizer", "Parameters", "State"]

Group = dict[str, Any]
State = dict[str, Array]
Parameters = Iterable[Parameter] | Iterable[Mapping[str, Any]]


class Optimizer:
    """Base of all optimizers: counts the steps t = 1, 2, … of each parameter; `move` holds the formula.

    `params` lists parameters, or dicts of "params" and of options that take the place of the constructor's. They
    are kept as `param_groups`, whose options may be changed between steps. Gradients are summed by backward until
    zero_grad: several backwards before one step are one step on the sum of their losses.
    """

    at_least_zero: ClassVar[tuple[str, ...]] = ("lr", "weight_decay")

    def __init__(self, params: Parameters, **defaults: Any) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.t: dict[Parameter, int] = {}
        self.group: dict[Parameter, Group] = {}
        self.state: dict[Parameter, State] = {}
        given: list[Any] = list(params)
        are_groups = all(isinstance(thing, Mapping) for thing in given)
        for group in given if are_groups else [{"params": given}]:
            self.add_param_group(group)
        if not self.t:
            raise InputError(f"{type(self).__name__}: there are no parameters to move; pass model.parameters()")

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Move the parameters of one more group too."""
        kind = type(self).__name__
        if unknown := group.keys() - self.defaults.keys() - {"params"}:
            raise InputError(f"{kind}: a group has unknown {sorted(unknown)}; its options are {sorted(self.defaults)}")
        if "params" not in group:
            raise InputError(f"{kind}: a group has no 'params'; list its parameters under that name")
        given = group["params"]
        own: Group = self.defaults | dict(group) | {"params": [given] if isinstance(given, Parameter) else list(given)}
        self.check(own)
        for parameter in own["params"]:
            if not isinstance(parameter, Parameter):
                raise InputError(f"{kind}: params holds {parameter!r}, no Parameter; pass model.parameters()")
            if parameter in self.t:
                raise InputError(f"{kind}: {parameter} is given twice; list it in one group, once")
            self.state[parameter] = self.start(parameter)
            self.group[parameter] = own
            self.t[parameter] = 0
        self.param_groups.append(own)

    def step(self) -> None:
        """One step of every parameter."""
        for parameter in self.t:
            self.update(parameter)

    def update(self, parameter: Parameter) -> None:
        """One step of one parameter; valid straight after construction and in any order."""
        if parameter not in self.t:
            raise InputError(f"{type(self).__name__}: {parameter} was not given to the constructor; add it there")
        self.t[parameter] += 1
        self.move(parameter, self.t[parameter], self.group[parameter], self.state[parameter])

    def start(self, parameter: Parameter) -> State:
        """What is remembered of a parameter that has not moved yet."""
        return {}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        raise NotImplementedError(f"{type(self).__name__} defines no move")

    def zero_grad(self) -> None:
        for parameter in self.t:
            parameter.zero_grad()

    def check(self, group: Group) -> None:
        """Raise InputError where an option is outside its rule."""
        for name in self.at_least_zero:
            self.demand(group[name] >= 0, group, name, "be at least 0")

    def demand(self, fits: bool, group: Group, name: str, rule: str) -> None:
        if not fits:
            raise InputError(f"{type(self).__name__}: {name} is {group[name]} but must {rule}; choose another value")

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the next step depends on besides the parameters; `nnlab.nn.save` can write it."""
        number = {parameter: i for i, parameter in enumerate(self.t)}
        return {
            "kind": type(self).__name__,
            "param_groups": [group | {"params": [number[p] for p in group["params"]]} for group in self.param_groups],
            "state": [
                {"t": t} | {name: array.copy() for name, array in self.state[parameter].items()}
                for parameter, t in self.t.items()
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was taken; nothing is changed if anything misfits."""
        self._refuse_unfit(state)
        for i, group in enumerate(self.param_groups):
            group.update(state["param_groups"][i] | {"params": group["params"]})
        for i, parameter in enumerate(self.t):
            saved = state["state"][i]
            self.t[parameter] = int(saved["t"])
            for name, array in self.state[parameter].items():
                self.state[parameter][name] = np.array(saved[name], array.dtype)

    def _refuse_unfit(self, state: Mapping[str, Any]) -> None:
        kind = type(self).__name__
        if missing := {"kind", "param_groups", "state"} - state.keys():
            raise InputError(f"{kind}: state lacks {sorted(missing)}; save what state_dict() returns")
        if state["kind"] != kind:
            raise InputError(f"{kind}: state is one of {state['kind']}; load it into an optimizer of the same kind")
        sizes = [len(group["params"]) for group in self.param_groups]
        found = [len(group["params"]) for group in state["param_groups"]]
        if found != sizes or len(state["state"]) != sum(sizes):
            raise InputError(
                f"{kind}: state has groups of {found} parameters but the optimizer of {sizes}; build it with the same"
            )
        for group in state["param_groups"]:
            if missing := self.defaults.keys() - group.keys():
                raise InputError(f"{kind}: a group of state lacks {sorted(missing)}; save what state_dict() returns")
            self.check(group)
        for i, own in enumerate(self.state.values()):
            wanted = {"t": ()} | {name: array.shape for name, array in own.items()}
            shapes = {name: np.shape(array) for name, array in state["state"][i].items()}
            if shapes != wanted:
                raise InputError(
                    f"{kind}: state of parameter {i} has shapes {shapes} but must have {wanted}; "
                    f"build the model with the same sizes"
                )


def decayed(parameter: Parameter, group: Group) -> Array:
    """The gradient plus weight_decay · θ; where weight decay is decoupled the gradient alone, after shrinking θ."""
    if group["decoupled_weight_decay"]:
        parameter.data *= 1 - group["lr"] * group["weight_decay"]
        return parameter.grad
    g: Array = parameter.grad + group["weight_decay"] * parameter.data
    return g


class SGD(Optimizer):
    """θ ← θ - lr · b, with b ← momentum · b + (1 - dampening) · g, and b = g at a parameter's first step.

    g is the gradient plus weight_decay · θ; nesterov uses g + momentum · b in place of b. Source: Sutskever et
    al., 2013, in torch's form.
    """

    at_least_zero = ("lr", "momentum", "weight_decay")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    def check(self, group: Group) -> None:
        super().check(group)
        momentum, dampening = group["momentum"], group["dampening"]
        if group["nesterov"] and not (momentum > 0 and dampening == 0):
            raise InputError(
                f"SGD: nesterov needs momentum > 0 and dampening = 0 but they are {momentum} and {dampening}; "
                f"set them, or leave nesterov off"
            )

    def start(self, parameter: Parameter) -> State:
        return {"b": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        lr, momentum = group["lr"], group["momentum"]
        b = g = parameter.grad + group["weight_decay"] * parameter.data
        if momentum > 0 and t > 1:
            b = momentum * state["b"] + (1 - group["dampening"]) * g
        state["b"] = b
        parameter.data -= lr * (g + momentum * b if group["nesterov"] else b)


class Moments(Optimizer):
    """Base of the optimizers that keep m and v, the running means of g and g²."""

    at_least_zero: ClassVar[tuple[str, ...]] = ("lr", "eps", "weight_decay")

    def check(self, group: Group) -> None:
        super().check(group)
        if not all(0 <= beta < 1 for beta in group["betas"]):
            raise InputError(
                f"{type(self).__name__}: betas are {group['betas']} but both must lie in [0, 1); "
                f"the paper uses (0.9, 0.999)"
            )

    def start(self, parameter: Parameter) -> State:
        return {"m": np.zeros_like(parameter.data), "v": np.zeros_like(parameter.data)}

    def moments(self, g: Array, group: Group, state: State) -> tuple[Array, Array]:
        """m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g²."""
        beta1, beta2 = group["betas"]
        m = state["m"] = beta1 * state["m"] + (1 - beta1) * g
        v = state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
        return m, v


class Adam(Moments):
    """θ ← θ - lr · m̂ / (√v̂ + eps), with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), t = 1 at the first step.

    m and v are the running means of g and g², g the gradient plus weight_decay · θ (decoupled: the gradient, and θ
    is multiplied by 1 - lr · weight_decay first); amsgrad uses the largest v so far. Source: Kingma and Ba, 2014,
    algorithm 1; Reddi et al., 2018, in torch's form.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def start(self, parameter: Parameter) -> State:
        return super().start(parameter) | {"v_max": np.zeros_like(parameter.data)}

    def move(self, parameter: Parameter, t: int, group: Group, state: State) -> None:
        beta1, beta2 = group["betas"]
        g = decayed(parameter, group)
        m, v = self.moments(g, group, state)
        if group["amsgrad"]:
            v = state["v_max"] = np.maximum(state["v_max"], v)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        parameter.data -= group["lr"] * m_hat / (np.sqrt(v_hat) + group["eps"])


class AdamW(Adam):
    """Adam with decoupled weight decay: θ ← (1 - lr · weight_decay) · θ, then Adam's step on the gradient alone.

    Source: Loshchilov and Hutter, ICLR 2019, algorithm 2, in torch's form.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True)
