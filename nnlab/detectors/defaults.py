"""What optimizers and schedules take for what is left out: torch's defaults, LAMB's and Lion's those of their papers.

A path with every setting given says nothing of them. The detector `optimizer` holds them; where torch has the class,
a test compares the two.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require

_ADAM: dict[str, Any] = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}
#: Optimizers by name.
OPTIMIZERS: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False},
    "Adam": _ADAM | {"amsgrad": False, "decoupled_weight_decay": False},
    "AdamW": _ADAM | {"weight_decay": 1e-2, "amsgrad": False},
    "Adamax": _ADAM | {"lr": 2e-3},
    "NAdam": _ADAM | {"lr": 2e-3, "momentum_decay": 4e-3, "decoupled_weight_decay": False},
    "RAdam": _ADAM | {"decoupled_weight_decay": False},
    "Adagrad": {"lr": 1e-2, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10},
    "Adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
    "Adafactor": {"lr": 1e-2, "beta2_decay": -0.8, "eps": (None, 1e-3), "d": 1.0, "weight_decay": 0.0},
    "RMSprop": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False},
    "Rprop": {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50.0)},
    "Muon": {
        "lr": 1e-3,
        "weight_decay": 0.1,
        "momentum": 0.95,
        "nesterov": True,
        "ns_coefficients": (3.4445, -4.775, 2.0315),
        "eps": 1e-7,
        "ns_steps": 5,
        "adjust_lr_fn": None,
    },
    "LAMB": _ADAM | {"eps": 1e-6, "weight_decay": 1e-2},
    "Lion": {"lr": 1e-4, "betas": (0.9, 0.99), "weight_decay": 0.0},
}
#: Schedules by name, with what has to be given.
SCHEDULES: Mapping[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = {
    "StepLR": ((2,), {"gamma": 0.1}),
    "MultiStepLR": (([3],), {"gamma": 0.1}),
    "LinearLR": ((), {"start_factor": 1 / 3, "end_factor": 1.0, "total_iters": 5}),
    "PolynomialLR": ((), {"total_iters": 5, "power": 1.0}),
    "CosineAnnealingLR": ((5,), {"eta_min": 0.0}),
    "WarmupCosine": ((2, 10), {"eta_min": 0.0}),
    "CyclicLR": (
        (0.1, 1.0),
        {
            "step_size_up": 2000,
            "step_size_down": 2000,
            "mode": "triangular",
            "gamma": 1.0,
            "scale_mode": "cycle",
            "cycle_momentum": True,
            "base_momentums": [0.8],
            "max_momentums": [0.9],
        },
    ),
    "OneCycleLR": (
        (1.0, 10),
        {
            "pct_start": 0.3,
            "anneal_strategy": "cos",
            "cycle_momentum": True,
            "base_momentums": [0.85],
            "max_momentums": [0.95],
            "div_factor": 25.0,
            "final_div_factor": 1e4,
            "three_phase": False,
        },
    ),
    "ReduceLROnPlateau": (
        (),
        {
            "mode": "min",
            "factor": 0.1,
            "patience": 10,
            "threshold": 1e-4,
            "threshold_mode": "rel",
            "cooldown": 0,
            "min_lrs": [0.0],
            "eps": 1e-8,
        },
    ),
}


def _matrix() -> nn.Parameter:
    return nn.Parameter(np.ones((2, 2)))


def _optimizer_takes(name: str, expected: Mapping[str, Any], seed: int) -> None:
    group = vars(nn)[name]([_matrix()]).param_groups[0]
    got = {setting: group.get(setting) for setting in expected}
    require(got == expected, f"{name}: expected the defaults {expected}, got {got}")


def _schedule_takes(name: str, given: tuple[Any, ...], expected: Mapping[str, Any], seed: int) -> None:
    held = vars(vars(nn)[name](nn.SGD([_matrix()], momentum=0.9), *given))
    got = {setting: held.get(setting) for setting in expected}
    require(got == expected, f"{name}: expected the defaults {expected}, got {got}")


DEFAULTS: dict[str, Callable[[int], None]] = {
    **{f"{name} defaults": partial(_optimizer_takes, name, row) for name, row in OPTIMIZERS.items()},
    **{f"{name} defaults": partial(_schedule_takes, name, *row) for name, row in SCHEDULES.items()},
}
