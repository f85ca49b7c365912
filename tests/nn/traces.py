"""Runs of the optimizers over gradients that are given, and of the schedules, so that nothing else is tested."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.nn import SGD, Adam, Optimizer, Parameter, Schedule
from tests.nn.subjects import rounded

STEPS = 20
EPOCHS = 30
Shapes = tuple[tuple[int, ...], ...]
MATRICES: Shapes = ((2, 3), (4, 2), (3, 3))


@dataclass(frozen=True)
class Trace:
    """Twenty steps of one configuration, for a matrix and a vector; `groups` gives each a group, with these options."""

    kind: type[Optimizer]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    shapes: Shapes = ((2, 3), (4,))
    groups: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in self.kwargs.items())
        return f"{self.kind.__name__}({options}){' in groups' if self.groups else ''}"

    def grouped(self, parameters: list[Any]) -> list[Any]:
        """What the constructor gets."""
        if not self.groups:
            return parameters
        return [{"params": [p], **options} for p, options in zip(parameters, self.groups, strict=True)]

    def starts(self) -> list[Any]:
        rng = np.random.default_rng(11)
        return [rounded(rng.standard_normal(shape)) for shape in self.shapes]

    def gradients(self) -> Iterator[list[Any]]:
        """Gradients of changing size and sign, one of them zero throughout."""
        rng = np.random.default_rng(12)
        for step in range(STEPS):
            matrix = rng.standard_normal(self.shapes[0]) / (1 + step)
            others = [0.1 + rng.standard_normal(shape) for shape in self.shapes[1:]]
            matrix[1, 2] = 0.0
            yield [rounded(gradient) for gradient in (matrix, *others)]

    def run(self, one_by_one: bool = False, dtype: Any = np.float64) -> Any:
        """The parameters after every step, flat; moved by step(), or by update() of each from last to first."""
        parameters = [Parameter(start.astype(dtype)) for start in self.starts()]
        optimizer = self.kind(self.grouped(parameters), **self.kwargs)
        path = []
        for gradients in self.gradients():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad[...] = gradient
            if one_by_one:
                for parameter in reversed(parameters):
                    optimizer.update(parameter)
            else:
                optimizer.step()
            path.append(np.concatenate([parameter.data.ravel() for parameter in parameters]))
        return np.array(path)


TRACES = [
    Trace(SGD),
    Trace(SGD, {"lr": 0.1, "dampening": 0.4}),
    Trace(SGD, {"lr": 0.1, "weight_decay": 0.3}),
    Trace(SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.1}),
    Trace(SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    Trace(SGD, {"lr": 0.2, "momentum": 0.7, "nesterov": True, "weight_decay": 0.05}),
    Trace(Adam),
    Trace(Adam, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01}),
    Trace(Adam, {"lr": 0.05, "weight_decay": 0.4}),
    Trace(Adam, {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True}),
    Trace(Adam, {"lr": 0.1, "weight_decay": 0.4, "decoupled_weight_decay": True}),
    Trace(SGD, {"momentum": 0.5}, groups=({"lr": 0.1}, {"nesterov": True, "momentum": 0.9, "weight_decay": 0.2})),
    Trace(Adam, {"lr": 0.2}, groups=({}, {"lr": 0.05, "betas": (0.6, 0.7), "eps": 0.1, "amsgrad": True})),
    Trace(nn.AdamW),
    Trace(nn.AdamW, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01, "weight_decay": 0.3, "amsgrad": True}),
    Trace(nn.Adamax),
    Trace(nn.Adamax, {"lr": 0.1, "betas": (0.6, 0.7), "eps": 0.05, "weight_decay": 0.3}),
    Trace(nn.NAdam),
    Trace(nn.NAdam, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01, "weight_decay": 0.3, "momentum_decay": 0.2}),
    Trace(nn.NAdam, {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    Trace(nn.RAdam),
    Trace(nn.RAdam, {"lr": 0.1, "betas": (0.7, 0.9), "eps": 0.01, "weight_decay": 0.3}),
    Trace(nn.RAdam, {"lr": 0.1, "betas": (0.8, 0.95), "weight_decay": 0.3, "decoupled_weight_decay": True}),
    Trace(nn.Adagrad),
    Trace(nn.Adagrad, {"lr": 0.2, "lr_decay": 0.1, "weight_decay": 0.3, "initial_accumulator_value": 0.5, "eps": 0.01}),
    Trace(nn.Adadelta),
    Trace(nn.Adadelta, {"lr": 0.7, "rho": 0.6, "eps": 0.01, "weight_decay": 0.3}),
    Trace(nn.RMSprop),
    Trace(nn.RMSprop, {"lr": 0.1, "alpha": 0.7, "eps": 0.01, "weight_decay": 0.3, "momentum": 0.6, "centered": True}),
    Trace(nn.Rprop),
    Trace(nn.Rprop, {"lr": 0.1, "etas": (0.4, 1.7), "step_sizes": (0.05, 0.5)}),
    Trace(nn.Rprop, {"lr": 0.1, "step_sizes": (1e-6, 0.05)}),
    Trace(nn.Lion),
    Trace(nn.Lion, {"lr": 0.1, "betas": (0.6, 0.8), "weight_decay": 0.3}),
    Trace(nn.LAMB),
    Trace(nn.LAMB, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01, "weight_decay": 0.3}),
    Trace(nn.Adafactor, shapes=((2, 3), (4,), (2, 3, 4))),
    Trace(
        nn.Adafactor,
        {"lr": 0.4, "beta2_decay": -0.5, "eps": (0.1, 0.9), "d": 1.2, "weight_decay": 0.3},
        shapes=((2, 3), (4,), (3, 2, 2)),
    ),
    Trace(nn.Muon, shapes=MATRICES),
    Trace(
        nn.Muon,
        {"lr": 0.1, "weight_decay": 0.3, "momentum": 0.6, "nesterov": False, "adjust_lr_fn": "match_rms_adamw"},
        shapes=MATRICES,
    ),
    Trace(
        nn.Muon,
        {"lr": 0.1, "ns_coefficients": (2.0, -1.5, 0.5), "eps": 3.0, "ns_steps": 3, "adjust_lr_fn": "original"},
        shapes=MATRICES,
    ),
]


@dataclass(frozen=True)
class Rates:
    """Thirty epochs of one schedule or of several that share an optimizer of two groups."""

    kinds: tuple[tuple[type[Schedule], Mapping[str, Any]], ...]
    optimizer: type[Optimizer] = SGD

    def __str__(self) -> str:
        settings = [(kind.__name__, ", ".join(f"{k}={v}" for k, v in kwargs.items())) for kind, kwargs in self.kinds]
        return " and ".join(f"{name}({options})" for name, options in settings)

    def run(self, optimizer: Any, schedules: list[Any]) -> Any:
        """Learning rate and momentum (or β₁) of both groups in every epoch."""
        found = []
        for epoch in range(EPOCHS):
            found.append([value(group) for group in optimizer.param_groups for value in (_lr, _momentum)])
            optimizer.step()
            for schedule in schedules:
                advance(schedule, epoch)
        return np.array(found)

    def made(self) -> tuple[Optimizer, list[Schedule]]:
        """Our optimizer and its schedules."""
        one, other = (Parameter(np.zeros(1)) for _ in range(2))
        optimizer = self.optimizer([{"params": [one]}, {"params": [other], "lr": 0.7}], lr=0.2)
        return optimizer, [kind(optimizer, **kwargs) for kind, kwargs in self.kinds]


def advance(schedule: Any, epoch: int) -> None:
    """Our or torch's step(), with a metric where it wants one."""
    if type(schedule).__name__ == "ReduceLROnPlateau":
        schedule.step(METRICS[epoch])
    else:
        schedule.step()


def _lr(group: Any) -> Any:
    return group["lr"]


def _momentum(group: Any) -> Any:
    return group["betas"][0] if "betas" in group else group["momentum"]


METRICS = [3, 2, 2.5, 2.1, 1.9999, 1.5, 1.45, 1.6, 1.44, 1.45, 1.46, *(1.4 + 0.3 * (i % 3) for i in range(19))]


def rates(kind: type[Schedule], optimizer: type[Optimizer] = SGD, **kwargs: Any) -> Rates:
    return Rates(((kind, kwargs),), optimizer)


def plateau(**kwargs: Any) -> Rates:
    return rates(nn.ReduceLROnPlateau, factor=0.5, **kwargs)


SCHEDULES = [
    rates(nn.StepLR, step_size=7),
    rates(nn.StepLR, step_size=1, gamma=0.9),
    rates(nn.MultiStepLR, milestones=[3, 11, 11, 20]),
    rates(nn.MultiStepLR, milestones=[20, 5], gamma=0.3),
    rates(nn.ExponentialLR, gamma=0.8),
    rates(nn.CosineAnnealingLR, T_max=12),
    rates(nn.CosineAnnealingLR, T_max=5, eta_min=0.01),
    rates(nn.LinearLR),
    rates(nn.LinearLR, start_factor=0.9, end_factor=0.2, total_iters=13),
    rates(nn.PolynomialLR),
    rates(nn.PolynomialLR, total_iters=17, power=2.5),
    rates(nn.WarmupCosine, warmup=4, total=21, eta_min=0.03),
    rates(nn.WarmupCosine, warmup=0, total=40),
    rates(nn.CyclicLR, base_lr=0.1, max_lr=0.5, step_size_up=4, gamma=0.5),
    rates(
        nn.CyclicLR,
        base_lr=[0.1, 0.2],
        max_lr=[0.5, 1.0],
        step_size_up=4,
        step_size_down=7,
        mode="triangular2",
        base_momentum=[0.6, 0.5],
        max_momentum=0.95,
    ),
    rates(nn.CyclicLR, nn.Adam, base_lr=0.1, max_lr=0.5, step_size_up=3, mode="exp_range", gamma=0.9),
    rates(nn.CyclicLR, nn.Adam, base_lr=0.1, max_lr=0.5, step_size_up=5, cycle_momentum=False),
    rates(nn.CyclicLR, base_lr=0.1, max_lr=0.5, step_size_up=4, scale_fn=lambda cycle: 1 / cycle),
    rates(nn.CyclicLR, base_lr=0.1, max_lr=0.5, step_size_up=4, scale_fn=lambda e: 0.9**e, scale_mode="iterations"),
    rates(nn.OneCycleLR, max_lr=0.5, total_steps=30),
    rates(nn.OneCycleLR, nn.Adam, max_lr=[0.5, 0.9], epochs=5, steps_per_epoch=7, anneal_strategy="linear"),
    rates(
        nn.OneCycleLR,
        max_lr=0.5,
        total_steps=30,
        pct_start=0.4,
        three_phase=True,
        div_factor=10.0,
        final_div_factor=20.0,
        base_momentum=[0.7, 0.6],
        max_momentum=0.9,
    ),
    rates(nn.OneCycleLR, max_lr=0.5, total_steps=31, pct_start=0.25, cycle_momentum=False),
    plateau(patience=2),
    plateau(patience=0, threshold=0.1),
    plateau(patience=1, threshold=0.06, threshold_mode="abs", cooldown=3, min_lr=[0.03, 0.3]),
    plateau(patience=3, mode="max", threshold=0.1, min_lr=0.05),
    plateau(patience=2, mode="max", threshold=0.1, threshold_mode="abs", cooldown=1, eps=0.04),
    Rates(((nn.LinearLR, {"total_iters": 4}), (nn.CosineAnnealingLR, {"T_max": 6, "eta_min": 0.01}))),
    Rates(((nn.CosineAnnealingLR, {"T_max": 8}), (nn.ExponentialLR, {"gamma": 0.9}), (nn.StepLR, {"step_size": 9}))),
    Rates(((nn.CyclicLR, {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 3}), (nn.CosineAnnealingLR, {"T_max": 7}))),
    Rates(((nn.OneCycleLR, {"max_lr": 0.4, "total_steps": 30}), (nn.CosineAnnealingLR, {"T_max": 7}))),
]
