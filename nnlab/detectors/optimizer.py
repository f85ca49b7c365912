"""optimizer: paths of the optimizers and courses of the schedules as written out, however they are walked."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.clipping import is_close
from nnlab.detectors.courses import COURSES, METRICS, Course
from nnlab.detectors.defaults import DEFAULTS
from nnlab.detectors.optimizer_edges import OPTIMIZER_EDGES
from nnlab.detectors.subjects import require
from nnlab.detectors.traces import PATHS, Path
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

Array = np.ndarray[Any, Any]

_is_close = partial(is_close, tolerance=1e-13)


def probes() -> list[Probe]:
    found = [
        Probe(f"{name} {manner}", partial(follows, path), seeded=False)
        for name, path in PATHS.items()
        for manner, follows in MANNERS.items()
    ]
    for name, course in COURSES.items():
        found.append(Probe(name, partial(_keeps_to, course), seeded=False))
        found.append(Probe(f"{name} of groups", partial(_moves_each_group, course), seeded=False))
        found.append(Probe(f"{name} resumed", partial(_goes_on, course), seeded=False))
    found += [Probe(name, check, seeded=False) for name, check in (EDGES | OPTIMIZER_EDGES | DEFAULTS).items()]
    found.append(Probe("CyclicLR of betas", partial(_moves_betas, _cyclic), seeded=False))
    found.append(Probe("OneCycleLR of betas", partial(_moves_betas, _one_cycle), seeded=False))
    return found


def _theta(path: Path) -> nn.Parameter:
    return nn.Parameter(np.array([1.0, -2.0]).reshape(path.shape))


def _other(path: Path) -> nn.Parameter:
    """A parameter without a gradient, in the shape of a single entry."""
    return nn.Parameter(np.full((1,) * len(path.shape), 3.0))


def _is_at(path: Path, t: int, parameter: nn.Parameter, what: str = "parameter") -> None:
    for i, value in enumerate(path.steps[t]):
        _is_close(f"{what}[{i}] after step {t + 1}", float(parameter.data.flat[i]), value)


def _by_step(path: Path, seed: int) -> None:
    """Data are changed in place; the gradient is only read."""
    parameter = _theta(path)
    data, optimizer = parameter.data, path.make([parameter, _other(path)])
    for t, gradient in enumerate(path.gradients[: len(path.steps)]):
        parameter.grad[...] = np.reshape(gradient, path.shape)
        optimizer.step()
        _is_at(path, t, parameter)
        require(parameter.data is data, "parameter: expected to be moved in place, got a new array")
        left = np.array_equal(parameter.grad.ravel(), gradient)
        require(left, f"gradient after step {t + 1}: expected {gradient}, got {parameter.grad.ravel()}")
    optimizer.zero_grad()
    require(not parameter.grad.any(), f"zero_grad: expected zeros, got {parameter.grad.ravel()}")


def _by_update(path: Path, seed: int) -> None:
    """Of two parameters that take turns, the second one step behind, each follows the path in its own time."""
    first, second = _theta(path), _theta(path)
    optimizer = path.make([first, second])
    for t in range(len(path.steps) + 1):
        if t < len(path.steps):
            first.grad[...] = np.reshape(path.gradients[t], path.shape)
            optimizer.update(first)
            _is_at(path, t, first)
        if t > 0:
            second.grad[...] = np.reshape(path.gradients[t - 1], path.shape)
            optimizer.update(second)
            _is_at(path, t - 1, second, "second parameter")


def _taken_apart(path: Path) -> tuple[Callable[..., nn.Optimizer], dict[str, Any]]:
    """The class and the options of a path's optimizer."""
    return (path.make.func, path.make.keywords) if isinstance(path.make, partial) else (path.make, {})


def _by_group(path: Path, seed: int) -> None:
    """Options belong to a group: first those that it was given, then those that are set between steps."""
    kind, options = _taken_apart(path)
    early, late = _theta(path), _theta(path)
    others = {"params": [_other(path)], "lr": 0.7}
    optimizer = kind([others, {"params": early, **options}, {"params": [late], "lr": 0.7}])
    optimizer.param_groups[2].update(options or {"lr": optimizer.defaults["lr"]})
    for t, gradient in enumerate(path.gradients[: len(path.steps)]):
        early.grad[...] = late.grad[...] = np.reshape(gradient, path.shape)
        optimizer.step()
        _is_at(path, t, early, "parameter of a group")
        _is_at(path, t, late, "parameter of a group that was changed")
    optimizer.zero_grad()
    require(not (early.grad.any() or late.grad.any()), f"zero_grad: expected zeros, got {early.grad}, {late.grad}")


def _resumed(path: Path, seed: int) -> None:
    """A state that was taken after the first step goes on from there, also after the first optimizer went further."""
    parameter = _theta(path)
    optimizer = path.make([_other(path), parameter])
    parameter.grad[...] = np.reshape(path.gradients[0], path.shape)
    optimizer.step()
    state, resumed = optimizer.state_dict(), nn.Parameter(parameter.data.copy())
    optimizer.step()
    again = _taken_apart(path)[0]([_other(path), resumed])
    again.load_state_dict(state)
    for t in range(1, len(path.steps)):
        resumed.grad[...] = np.reshape(path.gradients[t], path.shape)
        again.step()
        _is_at(path, t, resumed, "resumed parameter")


def _in_float32(path: Path, seed: int) -> None:
    """The same path, but for rounding, in the parameter's own type."""
    parameter = nn.Parameter(np.array([1.0, -2.0], np.float32).reshape(path.shape))
    optimizer = path.make([parameter])
    for t, gradient in enumerate(path.gradients[: len(path.steps)]):
        parameter.grad[...] = np.reshape(gradient, path.shape)
        optimizer.step()
        types = {str(array.dtype) for name, array in optimizer.state[parameter].items() if array.ndim}
        require(types <= {"float32"}, f"state: expected float32, got {sorted(types)}")
        for i, value in enumerate(path.steps[t]):
            near = abs(float(parameter.data.flat[i]) - value) <= 1e-3
            require(near, f"float32 parameter[{i}]: expected {value:.6g}, got {parameter.data.flat[i]:.6g}")


def _at_rest(path: Path, seed: int) -> None:
    """Without gradient and weight decay a parameter stays where it is."""
    kind, options = _taken_apart(path)
    parameter = _theta(path)
    optimizer = kind([parameter], **options)
    optimizer.param_groups[0]["weight_decay"] = 0.0
    for _ in range(2):
        optimizer.step()
    require(
        parameter.data.ravel().tolist() == [1.0, -2.0], f"parameter: expected [1, -2], got {parameter.data.ravel()}"
    )


MANNERS: dict[str, Callable[[Path, int], None]] = {
    "step": _by_step,
    "update": _by_update,
    "groups": _by_group,
    "resumed": _resumed,
    "float32": _in_float32,
    "rest": _at_rest,
}


MATRIX = np.array([[0.5, -1.0, 2.0], [0.25, 0.75, -0.125]])


def _stepped(make: Callable[[list[nn.Parameter]], nn.Optimizer], theta: Array, gradients: list[Array]) -> Array:
    """θ after one step for each gradient."""
    parameter = nn.Parameter(theta.copy())
    optimizer = make([parameter])
    for gradient in gradients:
        parameter.grad[...] = gradient
        optimizer.step()
    return parameter.data


def _entries_are_close(got: Array, expected: Array) -> None:
    for index in np.ndindex(*expected.shape):
        _is_close(f"parameter{list(index)}", float(got[index]), float(expected[index]))


def _muon_of_matrices(seed: int) -> None:
    """Newton and Schulz's iteration moves each singular value σ to a σ + b σ³ + c σ⁵, and leaves the vectors."""
    for g in (MATRIX, MATRIX.T):
        u, values, v = np.linalg.svd(g, full_matrices=False)
        values /= np.sqrt((g**2).sum())
        for _ in range(2):
            values = 3.4445 * values - 4.775 * values**3 + 2.0315 * values**5
        wide = max(1.0, g.shape[0] / g.shape[1]) ** 0.5
        got = _stepped(partial(nn.Muon, lr=0.1, weight_decay=0.0, ns_steps=2), np.ones(g.shape), [g])
        _entries_are_close(got, 1 - 0.1 * wide * (u * values) @ v)


def _adafactor_of_matrices(seed: int) -> None:
    """The second moment of an entry is the product of the means of its row and its column over that of all."""
    for g in (MATRIX, MATRIX.T):
        theta, square = np.ones(g.shape), np.zeros(g.shape)
        for t in (1, 2):
            square = (1 - t**-0.8) * square + t**-0.8 * (t * g) ** 2
            v = np.outer(square.mean(1), square.mean(0)) / square.mean()
            u = t * g / np.sqrt(v)
            size = float(np.sqrt((theta**2).mean()))
            theta = theta - size * 0.1 * u / max(1.0, float(np.sqrt((u**2).mean())))
        _entries_are_close(_stepped(partial(nn.Adafactor, lr=0.1), np.ones(g.shape), [g, 2 * g]), theta)


def _lamb_from_zero(seed: int) -> None:
    """Without a length of its own a parameter moves as by Adam."""
    got = _stepped(partial(nn.LAMB, lr=0.1, eps=0.5, weight_decay=0.0), np.zeros(2), [np.array([2.0, -0.5])])
    _entries_are_close(got, np.array([-0.1 * 2.0 / 2.5, 0.1 * 0.5 / 1.0]))


def _rmsprop_of_equal_gradients(seed: int) -> None:
    """Their variance is 0, however s and the square of the mean are rounded."""
    make = partial(nn.RMSprop, lr=1e-9, alpha=0.5, eps=1.0, centered=True)
    got = _stepped(make, np.ones(1), [np.full(1, 0.7)] * 80)
    require(bool(np.isfinite(got).all()), f"parameter[0] after 80 equal gradients: expected a number, got {got[0]}")


EDGES: dict[str, Callable[[int], None]] = {
    "Muon of matrices": _muon_of_matrices,
    "Adafactor of matrices": _adafactor_of_matrices,
    "LAMB from zero": _lamb_from_zero,
    "RMSprop of equal gradients": _rmsprop_of_equal_gradients,
}


def _move(schedule: object, epoch: int) -> None:
    if isinstance(schedule, nn.ReduceLROnPlateau):
        schedule.step(METRICS[epoch])
    elif isinstance(schedule, nn.LRScheduler):
        schedule.step()


def _sgd(*rates: float) -> nn.SGD:
    return nn.SGD([{"params": [nn.Parameter(np.ones(1))], "lr": rate} for rate in rates], momentum=0.9)


def _is_on(course: Course, epoch: int, optimizer: nn.Optimizer) -> None:
    group = optimizer.param_groups[0]
    _is_close(f"learning rate in epoch {epoch}", group["lr"], course.rates[epoch])
    if course.momenta is not None:
        _is_close(f"momentum in epoch {epoch}", group["momentum"], course.momenta[epoch])


def _keeps_to(course: Course, seed: int) -> None:
    """The course, which get_last_lr tells as well."""
    optimizer = _sgd(0.1)
    schedule = course.make(optimizer)
    for epoch, rate in enumerate(course.rates):
        _is_on(course, epoch, optimizer)
        if isinstance(schedule, nn.Schedule):
            _is_close(f"get_last_lr in epoch {epoch}", schedule.get_last_lr()[0], rate)
        optimizer.step()
        _move(schedule, epoch)


def _moves_each_group(course: Course, seed: int) -> None:
    """Each of two groups, with a rate of its own, moves as it would alone."""
    both, alone = _sgd(0.1, 0.25), _sgd(0.25)
    together, apart = course.make(both), course.make(alone)
    for epoch in range(len(course.rates)):
        _is_on(course, epoch, both)
        for option in ("lr", "momentum"):
            got, expected = both.param_groups[1][option], alone.param_groups[0][option]
            _is_close(f"{option} of the second group in epoch {epoch}", got, expected)
        _move(together, epoch)
        _move(apart, epoch)


def _goes_on(course: Course, seed: int) -> None:
    """States of optimizer and schedule that were taken in epoch 2 lead on along the course."""
    optimizer, later = _sgd(0.1), _sgd(0.1)
    schedule, resumed = course.make(optimizer), course.make(later)
    assert isinstance(schedule, nn.Schedule)
    assert isinstance(resumed, nn.Schedule)
    for epoch in range(2):
        _move(schedule, epoch)
    states = optimizer.state_dict(), schedule.state_dict()
    _move(schedule, 2)
    later.load_state_dict(states[0])
    resumed.load_state_dict(states[1])
    for epoch in range(2, len(course.rates)):
        _is_on(course, epoch, later)
        _move(resumed, epoch)


def _cyclic(optimizer: nn.Optimizer) -> nn.LRScheduler:
    return nn.CyclicLR(optimizer, 0.1, 0.3, 2, base_momentum=0.5, max_momentum=0.7)


def _one_cycle(optimizer: nn.Optimizer) -> nn.LRScheduler:
    line: dict[str, Any] = {"anneal_strategy": "linear", "pct_start": 0.5}
    return nn.OneCycleLR(optimizer, 0.3, epochs=3, steps_per_epoch=2, base_momentum=0.5, max_momentum=0.7, **line)


def _moves_betas(make: Callable[[nn.Optimizer], nn.LRScheduler], seed: int) -> None:
    """β₁ goes from 0.7 to 0.5 in two epochs, against the learning rate, and β₂ stays."""
    optimizer = nn.Adam([nn.Parameter(np.ones(1))], betas=(0.9, 0.25))
    schedule = make(optimizer)
    for epoch, momentum in enumerate((0.7, 0.6, 0.5)):
        beta1, beta2 = optimizer.param_groups[0]["betas"]
        _is_close(f"β₁ in epoch {epoch}", beta1, momentum)
        _is_close(f"β₂ in epoch {epoch}", beta2, 0.25)
        schedule.step()


DETECTOR = Detector(
    name="optimizer",
    summary="paths of optimizers and courses of schedules as written out: by step and update, in groups, resumed",
    probes=probes,
    example=Fault(
        id="example-optimizer",
        title="SGD climbs",
        pattern="sign",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.optim:SGD.move", "parameter.data -= lr", "parameter.data += lr")],
    ),
)
