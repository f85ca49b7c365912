"""shapes (weak): outputs and gradients have the right shape and dtype and are finite."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from nnlab.detectors.subjects import LayerSubject, cotangent, layer_subjects, leaves, require, run_backward
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

#: The shape and dtype of each array.
Form = list[tuple[tuple[int, ...], np.dtype[Any]]]


def probes() -> list[Probe]:
    """Output shapes are those of the clean code, on which this is called."""
    found = []
    for subject in layer_subjects():
        module, inputs = subject.draw(subject.rng(0))
        found.append(Probe(subject.name, partial(_fits, subject, _form(leaves(module(*inputs))))))
    return found


def _fits(subject: LayerSubject, outputs: Form, seed: int) -> None:
    rng = subject.rng(seed)
    module, inputs = subject.draw(rng)
    y = module(*inputs)
    _compare("output", leaves(y), outputs)
    dx = run_backward(module, cotangent(y, rng))
    floats = [x for i, x in enumerate(_all(inputs)) if i not in subject.case.constant and _is_float(x)]
    _compare("input gradient", leaves(dx), _form(floats))
    for name, parameter in module.named_parameters():
        _compare(f"gradient of {name}", [parameter.grad], _form([parameter.data]))


def _compare(what: str, arrays: Sequence[np.ndarray[Any, Any]], form: Form) -> None:
    require(_form(arrays) == form, f"{what}: expected {form}, got {_form(arrays)}")
    for i, array in enumerate(arrays):
        bad = np.argwhere(~np.isfinite(array))
        require(len(bad) == 0, f"{what} {i}: not finite at {bad[:1].tolist()}")


def _form(arrays: Sequence[np.ndarray[Any, Any]]) -> Form:
    return [(array.shape, array.dtype) for array in arrays]


def _all(tree: Any) -> list[Any]:
    return [leaf for branch in tree for leaf in _all(branch)] if isinstance(tree, tuple) else [tree]


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and np.issubdtype(x.dtype, np.floating)


DETECTOR = Detector(
    name="shapes",
    summary="outputs and gradients have the right shape and dtype and are finite",
    weak=True,
    probes=probes,
    example=Fault(
        id="example-shapes",
        title="Linear backward returns the gradient of its first row alone",
        pattern="shape",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "nnlab.nn.linear:Linear.backward",
                "dx: Array = dy @ self.weight.data",
                "dx = (dy @ self.weight.data)[:1]",
            )
        ],
    ),
)
