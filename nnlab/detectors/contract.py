"""contract: what a caller may rely on besides the values of the gradients (`nnlab.contracts`)."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.contracts import CONTRACTS, Contract, NotApplicable, Trial
from nnlab.detectors.corners import CORNERS, SUBJECTS
from nnlab.detectors.edges import edges
from nnlab.detectors.limits import limit_subjects
from nnlab.detectors.subjects import LayerSubject, layer_subjects, require
from nnlab.gradcheck.trees import is_float, leaves, rebuild
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    """Every contract of every subject, its dtypes in float32 too, its zeros at limits, each optimizer's first step."""
    found = [
        Probe(f"{subject.name} {name}", partial(_keeps, subject, contract))
        for subject in [*layer_subjects(), *SUBJECTS]
        for name, contract in CONTRACTS.items()
    ]
    found += [
        Probe(f"{subject.name} shape-and-dtype in float32", partial(_stays_in_float32, subject))
        for subject in layer_subjects()
        if not any(map(callable, (*subject.case.args, *subject.case.kwargs.values())))
    ]
    for name, subject in limit_subjects():
        found.append(Probe(f"{name} zero-gives-zero", partial(_keeps, subject, CONTRACTS["zero-gives-zero"])))
    for name, optimizer in OPTIMIZERS.items():
        found.append(Probe(f"{name} valid-from-the-start", partial(_optimizer_from_the_start, optimizer)))
    return found + [Probe(name, check) for name, check in (CORNERS | edges()).items()]


def _keeps(subject: LayerSubject, contract: Contract, seed: int) -> None:
    """A broken contract is an AssertionError, and so a detection; one that does not apply is silent."""
    with contextlib.suppress(NotApplicable):
        contract(trial(subject, seed))


def _stays_in_float32(subject: LayerSubject, seed: int) -> None:
    """A layer built in float32 gives nothing else; those that are made of given layers have no dtype of their own."""

    def draw() -> tuple[nn.Module, tuple[Any, ...]]:
        module, inputs = subject.draw(subject.rng(seed), np.float32)
        return module, rebuild(inputs, (np.asarray(x, np.float32) if is_float(x) else x for x in leaves(inputs)))

    for name, parameter in subject.fresh(subject.rng(seed), np.float32)[0].named_parameters():
        got = parameter.data.dtype
        require(got == np.float32, f"{name} has dtype {got}, expected that of its layer, float32")
    CONTRACTS["shape-and-dtype"](Trial(draw, lambda: draw()[0], subject.rng(seed, 1)))


def trial(subject: LayerSubject, seed: int) -> Trial:
    """The subject as a contract wants it: its layer is new each time, so nothing needs to be copied."""
    return Trial(
        draw=lambda: subject.draw(subject.rng(seed)),
        make=lambda: subject.case.build(subject.layer, subject.rng(seed)),
        rng=subject.rng(seed, 1),
    )


#: Every optimizer that nnlab.nn exports, and those whose first step an option changes.
OPTIMIZERS: dict[str, Callable[[list[nn.Parameter]], nn.Optimizer]] = {
    kind.__name__: partial(kind, lr=0.1)
    for kind in map(vars(nn).__getitem__, nn.__all__)
    if isinstance(kind, type) and issubclass(kind, nn.Optimizer) and kind is not nn.Optimizer
} | {
    "SGD(momentum=0.9)": partial(nn.SGD, lr=0.1, momentum=0.9),
    "Adam(amsgrad=True)": partial(nn.Adam, lr=0.1, amsgrad=True),
    "RMSprop(centered=True)": partial(nn.RMSprop, lr=0.1, centered=True),
}


def _optimizer_from_the_start(optimizer: Callable[[list[nn.Parameter]], nn.Optimizer], seed: int) -> None:
    """update(parameter) straight after construction is what step() would have done, and both are finite."""
    rng = np.random.default_rng(seed)
    start, gradient = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
    updated, stepped = nn.Parameter(start.copy()), nn.Parameter(start.copy())
    updated.grad[...] = stepped.grad[...] = gradient
    optimizer([updated]).update(updated)
    optimizer([stepped]).step()
    require(bool(np.isfinite(updated.data).all()), f"parameter[0, 0]: update() as first call: {updated.data[0, 0]}")
    if wrong := [i for i in np.ndindex(3, 2) if not np.isclose(updated.data[i], stepped.data[i], 1e-12, 1e-12)]:
        got, expected = updated.data[wrong[0]], stepped.data[wrong[0]]
        require(False, f"parameter{list(wrong[0])}: update() as first call gives {got}, expected {expected}")


DETECTOR = Detector(
    name="contract",
    summary="nothing of the caller's is changed or kept; gradients add up; forward repeats; states and copies behave",
    probes=probes,
    example=Fault(
        id="example-contract",
        title="Linear forgets its gradient instead of adding to it",
        pattern="assigned-not-accumulated",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit("nnlab.nn.linear:Linear.backward", "self.weight.grad +=", "self.weight.grad[...] ="),
        ],
    ),
)
