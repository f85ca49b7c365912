"""Nothing of the caller's is changed or kept."""

from typing import Any

import numpy as np

from nnlab.contracts.trial import (
    Named,
    Trial,
    backward,
    equal,
    is_array,
    kept,
    leaves,
    named,
    parameters,
    require,
    rewound,
    snapshot,
)

#: What a caller may write into its own arrays once a call has returned.
OVERWRITTEN = 1e3


def inputs_unchanged(trial: Trial) -> None:
    """Inputs are the same bytes after forward and after backward."""
    layer, inputs = trial.copies()
    before = snapshot(named("input", inputs))
    y = layer.forward(*inputs)
    equal(named("input", inputs), before, "forward changes it to")
    backward(layer, trial.cotangent(y))
    equal(named("input", inputs), before, "backward changes it to")


def cotangent_unchanged(trial: Trial) -> None:
    """The cotangents are the same bytes after backward."""
    layer, inputs = trial.copies()
    dy = trial.cotangent(layer.forward(*inputs))
    before = snapshot(named("dy", dy))
    backward(layer, dy)
    equal(named("dy", dy), before, "backward changes it to")


def parameters_unchanged(trial: Trial) -> None:
    """Parameters are the same bytes after forward and after backward."""
    layer, inputs = trial.copies()
    values = [(name, p.data) for name, p in parameters(layer)]
    before = snapshot(values)
    y = layer.forward(*inputs)
    equal(_data(layer), before, "forward changes it to")
    backward(layer, trial.cotangent(y))
    equal(_data(layer), before, "backward changes it to")


def cache_unchanged(trial: Trial) -> None:
    """What the layer keeps of a forward is the same after backward."""
    layer, inputs = trial.copies()
    y = layer.forward(*inputs)
    before = snapshot(kept(layer))
    backward(layer, trial.cotangent(y))
    equal(list(kept(layer)), before, "backward changes it to")


def no_alias_of_inputs(trial: Trial) -> None:
    """A caller may reuse its inputs between forward and backward."""
    _reuses(trial, lambda inputs, y: named("input", inputs))


def no_alias_of_outputs(trial: Trial) -> None:
    """A caller may overwrite the outputs between forward and backward."""
    _reuses(trial, lambda inputs, y: named("output", y))


def no_alias_of_cotangents(trial: Trial) -> None:
    """Gradients share no memory with the cotangents, the parameters or the inputs."""
    layer, inputs = trial.copies()
    dy = trial.cotangent(layer.forward(*inputs))
    dx = [d for d in leaves(backward(layer, dy)) if isinstance(d, np.ndarray)]
    gradients = [(f"gradient of input {i}", d) for i, d in enumerate(dx)]
    gradients += [(f"gradient of {name}", p.grad) for name, p in parameters(layer)]
    others = named("dy", dy) + named("input", inputs) + _data(layer) + list(kept(layer))
    for name, gradient in gradients:
        for other, array in others:
            shared = is_array(array) and np.shares_memory(gradient, array)
            require(not shared, f"{name}: is an alias of {other}, so writing to one changes the other")


def _reuses(trial: Trial, buffers: Any) -> None:
    """Gradients are the same whether or not the caller overwrites `buffers` before it calls backward."""
    layer, inputs = trial.copies()
    with rewound(layer):
        y = layer.forward(*inputs)
    dy = trial.cotangent(y)
    expected = trial.gradients(layer, dy)
    y = layer.forward(*inputs)
    for _, array in buffers(inputs, y):
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = 0 if array.dtype.kind in "iub" else OVERWRITTEN
    equal(trial.gradients(layer, dy), expected, "after the caller reused its buffers it is", digits=64)


def _data(layer: Any) -> Named:
    return [(name, p.data) for name, p in parameters(layer)]
