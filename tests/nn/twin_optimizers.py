"""What torch computes for a trace of an optimizer and for the rates of a schedule.

Where torch has none of that name, the paper's formula is written here in torch's operations.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import cos, pi
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor

from tests.nn.traces import Rates, Trace


class Lion(torch.optim.Optimizer):
    """Chen et al., 2023, algorithm 2."""

    def __init__(self, params: Any, lr: float = 1e-4, betas: Any = (0.9, 0.99), weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                beta1, beta2 = group["betas"]
                m = state.setdefault("m", torch.zeros_like(p))
                direction = torch.lerp(p.grad, m, beta1).sign() + group["weight_decay"] * p
                p.sub_(group["lr"] * direction)
                m.lerp_(p.grad, 1 - beta2)


class LAMB(torch.optim.Optimizer):
    """You et al., 2020, algorithm 2: the step of Adam, rescaled."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-6, weight_decay: float = 0.01
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        self.steps = 0

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        self.steps += 1
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                beta1, beta2 = group["betas"]
                m = state.setdefault("m", torch.zeros_like(p)).lerp_(p.grad, 1 - beta1)
                v = state.setdefault("v", torch.zeros_like(p)).lerp_(p.grad.square(), 1 - beta2)
                r = torch.div(m, 1 - beta1**self.steps) / ((v / (1 - beta2**self.steps)).sqrt() + group["eps"])
                u = r.add(p, alpha=group["weight_decay"])
                p.sub_(u, alpha=group["lr"] * (p.square().sum() / u.square().sum()).sqrt().item())


class WarmupCosine(torch.optim.lr_scheduler.LambdaLR):
    """nnlab's own schedule as a factor of the learning rate of each group."""

    def __init__(self, optimizer: Any, warmup: int, total: int, eta_min: float = 0.0) -> None:
        def factor(epoch: int, base: float) -> float:
            if epoch <= warmup:
                return (1 + epoch) / (1 + warmup)
            part = (epoch - warmup) / (total - warmup)
            return eta_min / base + (1 - eta_min / base) * (0.5 + 0.5 * cos(pi * part) if part < 1 else 0)

        bases = [group["lr"] for group in optimizer.param_groups]
        super().__init__(optimizer, [lambda epoch, base=base: factor(epoch, base) for base in bases])


OWN = {"Lion": Lion, "LAMB": LAMB, "WarmupCosine": WarmupCosine}


@contextmanager
def in_float64() -> Iterator[None]:
    """Torch with float64 for numbers that it keeps in its default dtype, and for Muon's matrices."""
    torch.set_default_dtype(torch.float64)
    try:
        with mock.patch.object(Tensor, "bfloat16", Tensor.clone):
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def optimizer_class(name: str) -> Any:
    return OWN.get(name) or getattr(torch.optim, name)


def schedule_class(name: str) -> Any:
    return OWN.get(name) or getattr(torch.optim.lr_scheduler, name)


def expected_trace(trace: Trace) -> Any:
    """What `Trace.run` should give."""
    parameters = [torch.nn.Parameter(torch.tensor(start)) for start in trace.starts()]
    path = []
    with in_float64():
        optimizer = optimizer_class(trace.kind.__name__)(trace.grouped(parameters), **trace.kwargs)
        for gradients in trace.gradients():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = torch.tensor(gradient)
            optimizer.step()
            path.append(np.concatenate([parameter.detach().numpy().ravel() for parameter in parameters]))
    return np.array(path)


def expected_rates(rates: Rates) -> Any:
    """What `Rates.run` should give."""
    one, other = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    groups = [{"params": [one]}, {"params": [other], "lr": 0.7}]
    optimizer = optimizer_class(rates.optimizer.__name__)(groups, lr=0.2)
    return rates.run(optimizer, [schedule_class(kind.__name__)(optimizer, **kwargs) for kind, kwargs in rates.kinds])
