"""What the detectors that call other people's gradient checkers share: a layer as a pure function of arrays."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from textwrap import shorten
from typing import Any

import numpy as np

from nnlab.detectors.subjects import LayerSubject, layer_subjects, run_backward
from nnlab.gradcheck.layers import generators
from nnlab.gradcheck.trees import is_float, leaves, rebuild
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe

Array = np.ndarray[Any, Any]


class PureLayer:
    """A layer at one point, whose `forward` and `vjp` take `arrays`: its floating-point inputs, then its parameters.

    Every evaluation starts from the same buffers and generators, as a user would arrange who wants a check of a
    random layer. Entries of `Parameter.constant` are not moved. Inputs are handed over as they are and not copied: a
    layer that writes to them writes to the checker's own.
    """

    def __init__(self, subject: LayerSubject, seed: int) -> None:
        self.module, self.inputs = subject.draw(subject.rng(seed))
        flat = list(leaves(self.inputs))
        self.moved = [i for i, x in enumerate(flat) if is_float(x) and i not in subject.case.constant]
        self.parameters = list(dict.fromkeys(p for _, p in self.module.named_parameters()))
        self.arrays: tuple[Array, ...] = (*(flat[i] for i in self.moved), *(p.data.copy() for p in self.parameters))
        self.generators = [(g, g.bit_generator.state) for g in generators(self.module)]
        self.buffers = [(buffer, buffer.copy()) for _, buffer in self.module.named_buffers()]

    def forward(self, *arrays: Array) -> tuple[Array, ...]:
        """The floating-point outputs."""
        return tuple(np.ascontiguousarray(y).reshape(np.shape(y)) for y in leaves(self._outputs(arrays)) if is_float(y))

    def vjp(self, arrays: Sequence[Array], cotangents: Sequence[Array]) -> tuple[Array, ...]:
        """The gradient of Σ cotangent · output for each array; one that is missing is zero, as it is for all peers."""
        self.module.zero_grad()
        given = iter(cotangents)
        outputs = self._outputs(arrays)
        dy = rebuild(outputs, (np.array(next(given)) if is_float(y) else None for y in leaves(outputs)))
        answer = list(leaves(run_backward(self.module, dy)))
        gradients = [answer[i] if i < len(answer) else None for i in self.moved]
        gradients += [p.grad.copy() for p in self.parameters]
        return tuple(np.zeros_like(x) if g is None else np.asarray(g) for g, x in zip(gradients, arrays, strict=True))

    def _outputs(self, arrays: Sequence[Array]) -> Any:
        """What the layer returns at these arrays."""
        for generator, state in self.generators:
            generator.bit_generator.state = state
        for buffer, value in self.buffers:
            buffer[...] = value
        inputs, values = dict(zip(self.moved, arrays, strict=False)), arrays[len(self.moved) :]
        for parameter, value in zip(self.parameters, values, strict=True):
            free = True if parameter.constant is None else ~parameter.constant
            np.copyto(parameter.data, value, where=free)
        return self.module(*rebuild(self.inputs, (inputs.get(i, x) for i, x in enumerate(leaves(self.inputs)))))


#: One call of a peer's checker, which raises Detected where the peer reports a disagreement; it takes the seed too.
Check = Callable[[PureLayer, int], None]


def peer(
    name: str, summary: str, needs: str, check: Callable[[], Check], alarms: Collection[str] = frozenset()
) -> Detector:
    """The detector that calls a peer on every layer in each of its cases; `check()` imports the package it `needs`.

    `alarms` names the subjects where the peer calls a correct gradient wrong, which are left out.
    """
    blatant = "dx: Array = dy @ self.weight.data", "dx = -dy @ self.weight.data"
    return Detector(
        name=name,
        summary=summary,
        weak=True,
        needs=needs,
        probes=lambda: _probes(check(), alarms),
        example=Fault(
            id=f"example-{name}",
            title="Linear backward returns the negative gradient",
            pattern="sign",
            source=Cited("nnlab", "blatant example"),
            edits=[Edit("nnlab.nn.linear:Linear.backward", *blatant)],
        ),
    )


def _probes(check: Check, alarms: Collection[str]) -> list[Probe]:
    subjects = [subject for subject in layer_subjects() if subject.name not in alarms]
    return [Probe(subject.name, partial(_run, check, subject)) for subject in subjects]


def _run(check: Check, subject: LayerSubject, seed: int) -> None:
    layer = PureLayer(subject, seed)
    if layer.arrays:
        check(layer, seed)


def disagreement(error: Exception) -> Detected:
    """What a peer says, in one line and no longer than a few numbers."""
    return Detected(shorten(" ".join(str(error).split()), 400))
