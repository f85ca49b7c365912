"""sizes: a forward of more rows leaves no trace in the next forward and backward, not even the shapes that it kept."""

from functools import partial
from typing import Any

import numpy as np

from nnlab.contracts.compare import close
from nnlab.contracts.trial import behaviour, is_array, private, restored
from nnlab.detectors.contract import trial
from nnlab.detectors.subjects import LayerSubject, layer_subjects
from nnlab.errors import InputError
from nnlab.gradcheck.trees import leaves, rebuild
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    """Every subject that takes twice the rows."""
    return [Probe(subject.name, partial(_forgets, subject)) for subject in layer_subjects() if _takes_twice(subject)]


def _takes_twice(subject: LayerSubject) -> bool:
    module, inputs = subject.draw(subject.rng(0))
    try:
        module(*_twice(inputs))
    except ValueError:  # it, or NumPy, refuses them: their first axis counts something else
        return False
    return True


def _forgets(subject: LayerSubject, seed: int) -> None:
    """Twice the rows, then the right ones, against the right ones alone."""
    this = trial(subject, seed)
    dy, expected = this.tried(*this.draw())
    layer, inputs = this.draw()
    with restored(layer):
        layer.forward(*_twice(inputs))
    try:
        found = behaviour(layer, inputs, dy)
    except InputError as refusal:
        raise Detected(f"after a forward of twice the rows: {refusal}") from refusal
    close(found, expected, "after a forward of twice the rows it is")


def _twice(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    flat = (np.concatenate([x, x]) if is_array(x) else x for x in leaves(private(inputs)))
    doubled: tuple[Any, ...] = rebuild(inputs, flat)
    return doubled


DETECTOR = Detector(
    name="sizes",
    summary="a forward of more rows leaves no trace in the next one, not even a shape",
    probes=probes,
    example=Fault(
        id="example-sizes",
        title="Linear keeps the input of its first forward for good",
        pattern="stale-cache",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "nnlab.nn.linear:Linear.forward",
                "self.cache = x",
                "self.cache = x if self._cache is None else self._cache",
            )
        ],
    ),
)
