"""optimizer: the path of each optimizer is the one written out here, by step() and by update()."""

from collections.abc import Callable
from functools import partial

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

Make = Callable[[list[nn.Parameter]], nn.Optimizer]
Trace = tuple[tuple[float, float], ...]

#: One parameter θ = (1, -2) under the gradients (0.5, -1), (-0.25, 0.75), (2, 0.125): θ after each of the three
#: steps. Computed from the formula of each optimizer with 50 decimal digits, and equal to torch 2.13.0 to 1e-15.
GRADIENTS = ((0.5, -1.0), (-0.25, 0.75), (2.0, 0.125))
TRACES: dict[str, tuple[Make, Trace]] = {
    "SGD(lr=0.1)": (
        partial(nn.SGD, lr=0.1),
        ((0.95, -1.9), (0.975, -1.975), (0.775, -1.9875)),
    ),
    "SGD(momentum=0.9, weight_decay=0.01)": (
        partial(nn.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        ((0.949, -1.898), (0.927151, -1.879302), (0.706559749, -1.873094498)),
    ),
    "SGD(momentum=0.8, dampening=0.3)": (
        partial(nn.SGD, lr=0.1, momentum=0.8, dampening=0.3),
        ((0.95, -1.9), (0.9275, -1.8725), (0.7695, -1.85925)),
    ),
    "SGD(momentum=0.9, nesterov=True)": (
        partial(nn.SGD, lr=0.1, momentum=0.9, nesterov=True),
        ((0.905, -1.81), (0.912, -1.8715), (0.5158, -1.8831)),
    ),
    "Adam(lr=0.1)": (
        partial(nn.Adam, lr=0.1),
        (
            (0.900000002, -1.900000001),
            (0.8733662987078462, -1.8910675003605355),
            (0.8063015345291529, -1.8905585725409244),
        ),
    ),
    "Adam(betas=(0.5, 0.75), eps=0.1, weight_decay=0.2)": (
        partial(nn.Adam, lr=0.1, betas=(0.5, 0.75), eps=0.1, weight_decay=0.2),
        (
            (0.9125, -1.9066666666666667),
            (0.8789343536698032, -1.8857876881583282),
            (0.7947279973288215, -1.8573810130710717),
        ),
    ),
    "Adam(betas=(0.5, 0.5), amsgrad=True)": (
        partial(nn.Adam, lr=0.1, betas=(0.5, 0.5), amsgrad=True),
        ((0.900000002, -1.900000001), (0.900000002, -1.9198029516242394), (0.8252776884894609, -1.9381369213295094)),
    ),
}


def probes() -> list[Probe]:
    found = []
    for name, (make, trace) in TRACES.items():
        found.append(Probe(f"{name} step", partial(_follows, make, trace, False), seeded=False))
        found.append(Probe(f"{name} update", partial(_follows, make, trace, True), seeded=False))
    return found


def _follows(make: Make, trace: Trace, by_update: bool, seed: int) -> None:
    """The path, whatever the seed; a second parameter that is updated out of turn must not disturb the first."""
    parameter, other = nn.Parameter(np.array([1.0, -2.0])), nn.Parameter(np.array([3.0]))
    optimizer = make([parameter, other])
    for t, (gradient, expected) in enumerate(zip(GRADIENTS, trace, strict=True), start=1):
        parameter.grad[...] = gradient
        if by_update:
            optimizer.update(parameter)
        else:
            optimizer.step()
        for i, value in enumerate(expected):
            got = float(parameter.data[i])
            fits = abs(got - value) <= 1e-13 * max(1.0, abs(value))
            require(fits, f"parameter[{i}] after step {t}: expected {value:.15g}, got {got:.15g}")


DETECTOR = Detector(
    name="optimizer",
    summary="optimizer paths against written-out reference traces, by step() and by update()",
    probes=probes,
    example=Fault(
        id="example-optimizer",
        title="SGD climbs",
        pattern="sign",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.optim:SGD.move", "parameter.data -= self.lr", "parameter.data += self.lr")],
    ),
)
