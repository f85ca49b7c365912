"""reference: forward gives the values of independent naive code, and random layers keep their law."""

import copy
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.error_function import erf_is_right, series_is_right
from nnlab.detectors.limits import limit_subjects
from nnlab.detectors.references.chance import is_law
from nnlab.detectors.references.given import Array, Given, Outcome
from nnlab.detectors.slopes import SLOPES
from nnlab.detectors.subjects import LayerSubject, layer_subjects, leaves, require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from nnlab.lab.catalog import modules_of

Reference = Callable[..., Any]


def references() -> dict[str, Reference]:
    """Every reference by the name of its layer."""
    found = modules_of("nnlab.detectors.references")
    return {name: function for module in found for name, function in getattr(module, "REFERENCES", {}).items()}


def probes() -> list[Probe]:
    """Every subject that has a reference, on random inputs and at its limits; a test fails for each that has none.

    Then the slopes of activations at their kinks and far out, where a gradient check has nothing to compare with, and
    the error function.
    """
    known = references()
    cases = [(subject.name, subject) for subject in layer_subjects()] + limit_subjects()
    found = [
        Probe(name, partial(_equals, subject, known[subject.layer.__name__]))
        for name, subject in cases
        if subject.layer.__name__ in known
    ]
    found += [Probe(slopes.name, slopes.check, seeded=False) for slopes in SLOPES]
    return [
        *found,
        Probe("erf", erf_is_right, seeded=False),
        Probe("the series of erf", series_is_right, seeded=False),
    ]


def _equals(subject: LayerSubject, reference: Reference, seed: int) -> None:
    """Arguments and defaults, then outputs and state of two forwards, since the second may remember the first."""
    _takes(subject.layer, list(inspect.signature(reference).parameters.values())[1:])
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    _loads(module, rng.spawn(1)[0])
    _computes(subject, module, inputs, reference, rng)
    _computes(subject, module, subject.case.draw(rng), reference, rng)


def _loads(module: nn.Module, rng: np.random.Generator) -> None:
    """What is loaded under a parameter's name is read under that name, and no two names share an array."""
    state = module.state_dict()
    for name, parameter in module.named_parameters():
        state[name] = parameter.data + 0.1 * rng.standard_normal(parameter.data.shape)
    module.load_state_dict(state)
    for name, array in module.state_dict().items():
        _compare(f"state {name}", array, state[name])


def _computes(
    subject: LayerSubject, module: nn.Module, inputs: tuple[Any, ...], reference: Reference, rng: np.random.Generator
) -> None:
    """The reference is asked first, for a faulty forward may write to its inputs."""
    given = Given(inputs, module.state_dict(), subject.case.train, copy.deepcopy(rng))
    answer = reference(given, *subject.case.args, **subject.case.kwargs)
    outcome = answer if isinstance(answer, Outcome) else Outcome(answer)
    expected = flat(outcome.outputs)
    draws = max((output.draws for output in expected if is_law(output)), default=1)
    found = [leaves(module(*inputs)) for _ in range(draws)]
    require(len(found[0]) == len(expected), f"outputs: expected {len(expected)} arrays, got {len(found[0])}")
    for i, output in enumerate(expected):
        if is_law(output):
            output.check(np.stack([each[i] for each in found]))
        else:
            _compare("output" if len(expected) == 1 else f"output {i}", found[0][i], output)
    for name, buffer in module.named_buffers():
        _compare(f"buffer {name}", buffer, outcome.buffers.get(name, given.state[name]))
    for name, parameter in module.named_parameters():
        _compare(f"parameter {name}", parameter.data, outcome.parameters.get(name, given.state[name]))


def flat(tree: Any) -> list[Any]:
    """The outputs in nested tuples, in order, but for those that are None."""
    if isinstance(tree, tuple):
        return [leaf for branch in tree for leaf in flat(branch)]
    return [] if tree is None else [tree]


def _takes(layer: type[nn.Module], expected: list[inspect.Parameter]) -> None:
    """The constructor has the arguments and defaults of the reference, besides what every layer may have."""
    got = [p for p in inspect.signature(layer).parameters.values() if p.name not in ("rng", "dtype")]
    names = [p.name for p in expected]
    require([p.name for p in got] == names, f"arguments: expected {names}, got {[p.name for p in got]}")
    for a, b in zip(got, expected, strict=True):
        require(a.default == b.default, f"argument {a.name}: expected the default {b.default}, got {a.default}")


def _compare(name: str, got: Array, expected: Array) -> None:
    """Raise Detected at the largest difference, unless it is rounding."""
    require(got.shape == expected.shape, f"{name}: expected shape {expected.shape}, got {got.shape}")
    error = np.abs(
        np.subtract(got, expected, out=np.zeros(got.shape), where=got != expected)
    )  # infinities may be equal
    far = ~(error <= tolerance(expected))
    if far.any():
        index = tuple(int(n) for n in np.unravel_index(np.where(far, error, -1).argmax(), got.shape))
        place = f"{name}[{', '.join(map(str, index))}]"
        require(False, f"{place}: expected {expected[index]:.15g}, got {got[index]:.15g}")


def tolerance(expected: Array) -> float:
    """What rounding may make of the largest entry: 2^15 units in the last place, which is 7e-12 of it in float64.

    A sum of n terms in another order is off by some n units, here at most by hundreds, of its largest terms, which
    may be tens of times the result; a factor or a term that is wrong is wrong by far more.
    """
    finite = np.abs(expected[np.isfinite(expected)])
    return float(2**15 * np.finfo(np.float64).eps * finite.max(initial=0.0))


DETECTOR = Detector(
    name="reference",
    summary="values of forward, and buffers, against naive code from the formula; laws of random layers",
    probes=probes,
    example=Fault(
        id="example-reference",
        title="Linear is twice as large, forward and backward",
        pattern="scale",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "nnlab.nn.linear:Linear.forward", "y: Array = x @ self.weight.data.T", "y = 2 * x @ self.weight.data.T"
            )
        ],
    ),
)
