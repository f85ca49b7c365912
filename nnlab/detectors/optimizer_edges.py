"""What paths and courses pass by: matrices of unlike steps, states at the start, rates that stay, ties of schedules.

The detector `optimizer` checks them.
"""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.clipping import is_close
from nnlab.detectors.subjects import require
from nnlab.detectors.traces import PATHS

Array = np.ndarray[Any, Any]

_SHAPES = ((2, 3), (3, 2), (2, 3, 2))
#: d = 3 leaves the step as it is, d = 1 clips it; eps₁ = 0.25 is above the mean of small rows, 9 above all.
_ADAFACTORS: tuple[dict[str, Any], ...] = (
    {"d": 3.0},
    {"d": 3.0, "beta2_decay": -0.5, "eps": (0.3, 2.0)},
    {"d": 3.0, "eps": (0.25, 0.5)},
    {"d": 1.0, "beta2_decay": -0.25, "eps": (9.0, 0.5)},
)


def _gradient(shape: tuple[int, ...], t: int) -> Array:
    """Of unlike rows and columns, in other proportions at each step."""
    return np.sin(np.arange(1.0, np.prod(shape) + 1) ** (1 + 0.3 * t)).reshape(shape) * (1 + t)


def _adafactor(seed: int) -> None:
    """v of an entry is the mean of its row times that of its column over that of all rows, each a running mean."""
    for shape, scale in itertools.product(_SHAPES, (1.0, 0.3)):
        for options in _ADAFACTORS:
            parameter = nn.Parameter(np.ones(shape))
            optimizer = nn.Adafactor([parameter], lr=0.1, **options)
            theta, row, column = np.ones(shape), np.zeros(shape[:-1]), np.zeros((*shape[:-2], shape[-1]))
            eps1, eps2 = options.get("eps", (float(np.finfo(np.float64).eps), 1e-3))
            for t in (1, 2, 3):
                g = parameter.grad[...] = scale * _gradient(shape, t)
                rate = t ** options.get("beta2_decay", -0.8)
                row = (1 - rate) * row + rate * np.einsum("...ij->...i", g**2) / shape[-1]
                column = (1 - rate) * column + rate * np.einsum("...ij->...j", g**2) / shape[-2]
                all_rows = np.maximum(np.einsum("...i->...", row) / shape[-2], eps1)
                v = np.einsum("...i,...j,...->...ij", row, column, 1 / all_rows)
                u = g / np.maximum(np.sqrt(v), eps1)
                alpha = max(eps2, _root_mean_square(theta)) * min(0.1, t**-0.5)
                theta = theta - alpha * u / max(1.0, _root_mean_square(u) / options["d"])
                optimizer.step()
                is_close(f"Adafactor{options} of {shape} after step {t}", parameter.data, theta)


def _root_mean_square(x: Array) -> float:
    return float(np.sqrt(np.vdot(x, x) / x.size))


def _starts_with_nothing(seed: int) -> None:
    """What is remembered of a parameter that has not moved is 0, and 1 where it is a product."""
    for name, path in PATHS.items():
        optimizer = path.make([nn.Parameter(np.full(path.shape, 2.0))])
        for key, array in optimizer.state_dict()["state"][0].items():
            is_close(f"{name}: {key} at the start", array, np.full_like(array, key == "mu_product"))


def _keeps_what_it_loaded(seed: int) -> None:
    """The state that was loaded is the caller's again, who may overwrite it."""
    for name, path in PATHS.items():
        moved, parameter = (nn.Parameter(np.array([1.0, -2.0]).reshape(path.shape)) for _ in range(2))
        optimizer, resumed = path.make([moved]), path.make([parameter])
        moved.grad[...] = np.reshape(path.gradients[0], path.shape)
        optimizer.step()
        state = optimizer.state_dict()
        resumed.load_state_dict(state)
        for array in state["state"][0].values():
            if isinstance(array, np.ndarray):
                array[...] = np.nan
        parameter.data[...] = moved.data
        parameter.grad[...] = np.reshape(path.gradients[1], path.shape)
        resumed.step()
        is_close(f"{name}: parameter after its state was overwritten", parameter.data.ravel(), path.steps[1])


def _notes_the_first_rate(seed: int) -> None:
    """A group keeps as "initial_lr" where its schedule begins, from which a later one goes on."""
    schedules: dict[str, tuple[Callable[[nn.Optimizer], Any], float]] = {
        "OneCycleLR": (partial(nn.OneCycleLR, max_lr=0.5, total_steps=4, div_factor=8.0), 0.0625),
        "CyclicLR": (partial(nn.CyclicLR, base_lr=0.2, max_lr=0.6), 0.2),
        "LinearLR": (nn.LinearLR, 0.1),
    }
    for name, (make, expected) in schedules.items():
        optimizer = _sgd(0.1)
        make(optimizer)
        is_close(f"initial_lr under {name}", optimizer.param_groups[0]["initial_lr"], expected)


def _one_cycle_without_a_descent(seed: int) -> None:
    """Where the way down has no step the top comes last; torch divides by 0 there."""
    optimizer = _sgd(0.1)
    schedule = nn.OneCycleLR(optimizer, 0.5, 5, pct_start=1.0, anneal_strategy="linear")
    for epoch, rate in enumerate((0.02, 0.14, 0.26, 0.38, 0.5)):
        is_close(f"learning rate in epoch {epoch}", optimizer.param_groups[0]["lr"], rate)
        schedule.step()


def _one_cycle_without_a_climb(seed: int) -> None:
    """Where the way up has no step the top comes first."""
    optimizer = _sgd(0.1)
    schedule = nn.OneCycleLR(optimizer, 0.5, 5, pct_start=0.2, anneal_strategy="linear", final_div_factor=1.0)
    for epoch, rate in enumerate((0.5, 0.38, 0.26, 0.14, 0.02)):
        is_close(f"learning rate in epoch {epoch}", optimizer.param_groups[0]["lr"], rate)
        schedule.step()


_NAN, _INF = float("nan"), float("inf")
#: Options, the rate at the start, the metric of each epoch and the rate after it; factor 1/2, patience 0 if not given.
PLATEAUS: dict[str, tuple[dict[str, Any], float, tuple[float, ...], tuple[float, ...]]] = {
    "no first best": ({"patience": 1}, 1.0, (_NAN, _NAN, 1.0), (1.0, 0.5, 0.5)),
    "no first best, at once": ({}, 1.0, (_INF, 1.0), (0.5, 0.5)),
    "a reduction by eps": ({"eps": 0.5}, 1.0, (2.0, 2.0, 2.0), (1.0, 1.0, 1.0)),
    "a reduction by less than eps": ({"eps": 0.75}, 1.0, (2.0, 2.0, 2.0), (1.0, 1.0, 1.0)),
    "as good as the best": ({"threshold": 0.0, "threshold_mode": "abs"}, 1.0, (2.0, 2.0, 1.5), (1.0, 0.5, 0.5)),
    "better by too little, rel": ({"threshold": 0.25}, 1.0, (2.0, 1.6, 1.4, 1.1), (1.0, 0.5, 0.5, 0.25)),
    "better by too little, abs": (
        {"threshold": 0.25, "threshold_mode": "abs"},
        1.0,
        (4.0, 3.5, 3.3, 3.2),
        (1.0, 1.0, 0.5, 0.5),
    ),
    "a cooldown of one epoch": ({"cooldown": 1}, 1.0, (2.0,) * 5, (1.0, 0.5, 0.5, 0.25, 0.25)),
    "a cooldown of two epochs": ({"cooldown": 2}, 1.0, (2.0,) * 6, (1.0, 0.5, 0.5, 0.5, 0.25, 0.25)),
    "max, better by too little": ({"mode": "max", "threshold": 0.25}, 1.0, (2.0, 2.4, 2.6), (1.0, 0.5, 0.5)),
    "max, as good as the best": (
        {"mode": "max", "threshold": 0.0, "threshold_mode": "abs"},
        1.0,
        (2.0, 2.0, 3.0),
        (1.0, 0.5, 0.5),
    ),
}


def _plateau(
    options: dict[str, Any], rate: float, metrics: tuple[float, ...], rates: tuple[float, ...], seed: int
) -> None:
    optimizer = _sgd(rate)
    schedule = nn.ReduceLROnPlateau(optimizer, **{"factor": 0.5, "patience": 0} | options)
    for epoch, metric in enumerate(metrics):
        schedule.step(metric)
        is_close(f"learning rate after metric {epoch}", optimizer.param_groups[0]["lr"], rates[epoch])
        count = schedule.state_dict()["last_epoch"]
        require(count == epoch + 1, f"last_epoch: expected {epoch + 1}, got {count}")


def _sgd(rate: float) -> nn.SGD:
    return nn.SGD([nn.Parameter(np.ones(1))], rate, momentum=0.9)


def _rectifies_above_five(seed: int) -> None:
    """With this β₂ ρ is 5 to the last bit at t = 6: not rectified yet, so that each step is as long as the rate."""
    parameter = nn.Parameter(np.zeros(1))
    optimizer = nn.RAdam([parameter], lr=1.0, betas=(0.9, 0.8397685748659791))
    for t in range(1, 7):
        parameter.grad[...] = 1.0
        optimizer.step()
        is_close(f"RAdam with ρ of 5 at the last of six steps, after step {t}", parameter.data, np.array([-float(t)]))


def _short_steps_of_lamb(seed: int) -> None:
    """A parameter of length 1/2, below 1, moves by the rate's share of it."""
    parameter = nn.Parameter(np.array([0.3, 0.4]))
    parameter.grad[...] = (2.0, -0.5)
    nn.LAMB([parameter], lr=0.1, eps=0.5, weight_decay=0.0).step()
    u = np.array([2.0 / 2.5, -0.5 / 1.0])
    is_close("LAMB of a short parameter", parameter.data, [0.3, 0.4] - 0.1 * 0.5 * u / np.sqrt(u @ u))


def _adafactor_of_small_gradients(seed: int) -> None:
    """eps₁ is by default the rounding error of the parameter's dtype, as torch documents; θ / √v is then θ / eps₁."""
    for dtype in (np.float32, np.float64):
        eps = float(np.finfo(dtype).eps)
        parameter = nn.Parameter(np.ones(2, dtype))
        parameter.grad[...] = (0.5 * eps, -0.25 * eps)
        nn.Adafactor([parameter], lr=0.25).step()
        is_close(f"Adafactor in {dtype.__name__}", parameter.data, [1 - 0.25 * 0.5, 1 + 0.25 * 0.25], 1e-6)


def _means_of_rmsprop(seed: int) -> None:
    """What the state calls mean is the running mean of g."""
    parameter = nn.Parameter(np.ones(2))
    optimizer = nn.RMSprop([parameter], alpha=0.75, centered=True)
    for gradient in ((4.0, -8.0), (0.0, 4.0)):
        parameter.grad[...] = gradient
        optimizer.step()
    is_close("mean", optimizer.state_dict()["state"][0]["mean"], [0.75, -0.5])


def _keeps_its_own(seed: int) -> None:
    """After load_state_dict a group holds its parameters as before, and states have the dtype of their parameter."""
    for name, path in PATHS.items():
        theirs = path.make([nn.Parameter(np.ones(path.shape))])
        parameter = nn.Parameter(np.ones(path.shape, np.float32))
        optimizer = path.make([parameter])
        keys = sorted(optimizer.param_groups[0])
        optimizer.load_state_dict(theirs.state_dict())
        group = optimizer.param_groups[0]
        require(group["params"] == [parameter], f"{name}: expected the group's parameter, got {group['params']}")
        require(sorted(group) == keys, f"{name}: expected the group's keys to be {keys}, got {sorted(group)}")
        for key, array in optimizer.state[parameter].items():
            fits = array.ndim == 0 or array.dtype == np.float32
            require(fits, f"{name}: {key} has dtype {array.dtype}, expected that of its parameter, float32")


def _saves_no_function(seed: int) -> None:
    """The state of a schedule holds settings and counters, which can be written to a file, and no function."""
    schedule = nn.CyclicLR(_sgd(0.1), 0.1, 0.3, scale_fn=float)
    state = schedule.state_dict()
    functions = [key for key, value in state.items() if callable(value)]
    require(not functions, f"state of CyclicLR: expected no function, got {functions}")
    lacking = {"last_epoch", "low_lrs", "max_lrs", "mode", "scale_mode"} - state.keys()
    require(not lacking, f"state of CyclicLR: expected its settings, {sorted(lacking)} are missing")


OPTIMIZER_EDGES: dict[str, Callable[[int], None]] = {
    "Adafactor of tensors": _adafactor,
    "states at the start": _starts_with_nothing,
    "states that were loaded": _keeps_what_it_loaded,
    "initial rates": _notes_the_first_rate,
    "LAMB of a short parameter": _short_steps_of_lamb,
    "Adafactor of small gradients": _adafactor_of_small_gradients,
    "RMSprop's means": _means_of_rmsprop,
    "groups and dtypes after a load": _keeps_its_own,
    "CyclicLR saves no function": _saves_no_function,
    "OneCycleLR without a descent": _one_cycle_without_a_descent,
    "OneCycleLR without a climb": _one_cycle_without_a_climb,
    "RAdam at the edge of rectification": _rectifies_above_five,
    **{f"ReduceLROnPlateau, {name}": partial(_plateau, *row) for name, row in PLATEAUS.items()},
}
