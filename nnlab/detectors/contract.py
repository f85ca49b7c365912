"""contract: what a caller may rely on besides the values of the gradients."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import LayerSubject, cotangent, layer_subjects, leaves, require, run_backward
from nnlab.gradcheck.layers import generators
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

Arrays = list[tuple[str, np.ndarray[Any, Any]]]


def probes() -> list[Probe]:
    """Every contract of every subject, and the state of each optimizer straight after construction."""
    found = [
        Probe(f"{subject.name} {contract.__name__.strip('_')}", partial(contract, subject))
        for subject in layer_subjects()
        for contract in (_untouched, _accumulates, _repeatable, _keeps_no_alias, _valid_from_the_start)
    ]
    for name, optimizer in OPTIMIZERS.items():
        found.append(Probe(f"{name} valid_from_the_start", partial(_optimizer_from_the_start, optimizer)))
    return found


def _untouched(subject: LayerSubject, seed: int) -> None:
    """Inputs, dy and parameters are the same bytes after forward and backward."""
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    watched = _named("input", leaves(inputs)) + [(name, p.data) for name, p in module.named_parameters()]
    with _unchanged("forward", watched):
        y = module(*inputs)
    dy = cotangent(y, rng)
    with _unchanged("backward", watched + _named("dy", leaves(dy))):
        run_backward(module, dy)


def _accumulates(subject: LayerSubject, seed: int) -> None:
    """A second backward adds the same gradients again, and gives the same input gradients."""
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    dy = cotangent(module(*inputs), rng)
    first = _snapshot(run_backward(module, dy))
    once = {name: p.grad.copy() for name, p in module.named_parameters()}
    second = leaves(run_backward(module, dy))
    _equal("gradient of input", second, first, "a second backward gives")
    for name, p in module.named_parameters():
        _equal(f"gradient of {name}", [p.grad], [2 * once[name]], "after two backwards it is")


def _repeatable(subject: LayerSubject, seed: int) -> None:
    """The same input gives the same output again, with evaluation or training in between."""
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    states = [(g, g.bit_generator.state) for g in generators(module)]
    first = _snapshot(module(*inputs))
    if not any(True for _ in module.named_buffers()):  # running statistics may change the other mode's output
        module.train(not subject.case.train)
        module(*inputs)
        module.train(subject.case.train)
    for generator, state in states:
        generator.bit_generator.state = state
    _equal("output", leaves(module(*inputs)), first, "a second forward gives")


def _keeps_no_alias(subject: LayerSubject, seed: int) -> None:
    """A caller that reuses its buffers, and the output, between forward and backward gets the same gradients."""
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    states = [(g, g.bit_generator.state) for g in generators(module)]
    dy = cotangent(module(*inputs), rng)
    expected = _snapshot(run_backward(module, dy))
    of_parameters = [p.grad.copy() for p in module.parameters()]
    module.zero_grad()
    for generator, state in states:
        generator.bit_generator.state = state
    for array in leaves(module(*inputs)) + leaves(inputs):
        _overwrite(array)
    dx = leaves(run_backward(module, dy))
    for array in leaves(dy):
        _overwrite(array)
    _equal("gradient of input", dx, expected, "after the caller reused its buffers it is")
    for (name, p), grad in zip(module.named_parameters(), of_parameters, strict=True):
        _equal(f"gradient of {name}", [p.grad], [grad], "after the caller reused its buffers it is")


def _valid_from_the_start(subject: LayerSubject, seed: int) -> None:
    """Straight after construction forward and backward give finite numbers."""
    rng = subject.rng(seed)
    module, inputs = subject.fresh(rng)
    y = module(*inputs)
    dx = run_backward(module, cotangent(y, rng))
    arrays = _named("output", leaves(y)) + _named("input gradient", leaves(dx))
    for name, array in arrays + [(f"gradient of {n}", p.grad) for n, p in module.named_parameters()]:
        require(bool(np.isfinite(array).all()), f"{name} is not finite straight after construction")


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
    _equal("parameter", [updated.data], [stepped.data], "update() as first call gives")


class _unchanged:
    """A block in which these arrays keep their bytes."""

    def __init__(self, phase: str, arrays: Arrays) -> None:
        self.phase = phase
        self.arrays = arrays
        self.before = [array.copy() for _, array in arrays]

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        for (name, after), before in zip(self.arrays, self.before, strict=True):
            _equal(name, [after], [before], f"{self.phase} changes it to", exact=True)


def _snapshot(tree: Any) -> list[np.ndarray[Any, Any]]:
    return [array.copy() for array in leaves(tree)]


def _named(what: str, arrays: list[np.ndarray[Any, Any]]) -> Arrays:
    return [(f"{what} {i}", array) for i, array in enumerate(arrays)]


def _overwrite(array: np.ndarray[Any, Any]) -> None:
    array[...] = 0 if array.dtype.kind in "iub" else 1e3


def _equal(
    name: str,
    got: list[np.ndarray[Any, Any]],
    expected: list[np.ndarray[Any, Any]],
    saying: str,
    exact: bool = False,
) -> None:
    """Raise Detected with tensor, index, expected and got at the largest difference."""
    require(len(got) == len(expected), f"{name}: {saying} {len(got)} arrays, expected {len(expected)}")
    for a, b in _pairs(name, got, expected):
        same = (a == b) | (np.isnan(a) & np.isnan(b)) if exact else np.isclose(a, b, rtol=1e-12, atol=1e-12)
        if not same.all():
            index = tuple(int(i) for i in np.argwhere(~same)[0])
            place = f"{name}[{', '.join(map(str, index))}]"
            require(False, f"{place}: {saying} {a[index]:.9g}, expected {b[index]:.9g}")


def _pairs(name: str, got: list[Any], expected: list[Any]) -> Iterator[tuple[Any, Any]]:
    for a, b in zip(got, expected, strict=True):
        require(a.shape == b.shape, f"{name}: has shape {a.shape}, expected {b.shape}")
        yield a, b


DETECTOR = Detector(
    name="contract",
    summary="nothing of the caller's is changed or kept; gradients add up; forward repeats; valid from the start",
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
