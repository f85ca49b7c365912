"""optimizer: paths of the optimizers, by step() and by update(), and courses of the schedules, as written out."""

from functools import partial

import numpy as np

from nnlab import nn
from nnlab.detectors.courses import COURSES, METRICS, Course
from nnlab.detectors.subjects import require
from nnlab.detectors.traces import PATHS, Path
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    found = []
    for name, path in PATHS.items():
        found.append(Probe(f"{name} step", partial(_follows, path, False), seeded=False))
        found.append(Probe(f"{name} update", partial(_follows, path, True), seeded=False))
    for name, course in COURSES.items():
        found.append(Probe(name, partial(_keeps_to, course), seeded=False))
    return found


def _follows(path: Path, by_update: bool, seed: int) -> None:
    """The path, whatever the seed; a second parameter that is updated out of turn must not disturb the first."""
    parameter = nn.Parameter(np.array([1.0, -2.0]).reshape(path.shape))
    other = nn.Parameter(np.full((1,) * len(path.shape), 3.0))
    optimizer = path.make([parameter, other])
    for t, (gradient, expected) in enumerate(zip(path.gradients, path.steps, strict=True), start=1):
        parameter.grad[...] = np.reshape(gradient, path.shape)
        if by_update:
            optimizer.update(parameter)
        else:
            optimizer.step()
        for i, value in enumerate(expected):
            _is_close(f"parameter[{i}] after step {t}", float(parameter.data.flat[i]), value)


def _keeps_to(course: Course, seed: int) -> None:
    """The course, whatever the seed."""
    optimizer = nn.SGD([nn.Parameter(np.ones(1))], lr=0.1, momentum=0.9)
    schedule = course.make(optimizer)
    (group,) = optimizer.param_groups
    for epoch, rate in enumerate(course.rates):
        _is_close(f"learning rate in epoch {epoch}", group["lr"], rate)
        if course.momenta is not None:
            _is_close(f"momentum in epoch {epoch}", group["momentum"], course.momenta[epoch])
        optimizer.step()
        if isinstance(schedule, nn.ReduceLROnPlateau):
            schedule.step(METRICS[epoch])
        elif isinstance(schedule, nn.LRScheduler):
            schedule.step()


def _is_close(what: str, got: float, expected: float) -> None:
    fits = abs(got - expected) <= 1e-13 * max(1.0, abs(expected))
    require(fits, f"{what}: expected {expected:.15g}, got {got:.15g}")


DETECTOR = Detector(
    name="optimizer",
    summary="paths of optimizers, by step() and by update(), and courses of schedules as written out",
    probes=probes,
    example=Fault(
        id="example-optimizer",
        title="SGD climbs",
        pattern="sign",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.optim:SGD.move", "parameter.data -= lr", "parameter.data += lr")],
    ),
)
