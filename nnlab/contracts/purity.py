"""Nothing of the caller's is changed or kept."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.contracts.compare import Named, apart_and_from, close, unchanged
from nnlab.contracts.trial import (
    NotApplicable,
    Trial,
    backward,
    buffers,
    gradients,
    held,
    named,
    parameters,
    private,
    restored,
    snapshot,
    values,
)
from nnlab.gradcheck.trees import leaves


def inputs_unchanged(trial: Trial) -> None:
    """Inputs are the same after forward and after backward."""
    layer, inputs = trial.draw()
    before = snapshot(_given(inputs))
    y = layer.forward(*inputs)
    unchanged(_given(inputs), before, "forward changes it to")
    backward(layer, trial.cotangent(y))
    unchanged(_given(inputs), before, "backward changes it to")


def cotangent_unchanged(trial: Trial) -> None:
    """Cotangents are the same after backward."""
    layer, inputs = trial.draw()
    dy = trial.cotangent(layer.forward(*inputs))
    cotangents = named("dy", dy)
    before = snapshot(cotangents)
    backward(layer, dy)
    unchanged(cotangents, before, "backward changes it to")


def parameters_unchanged(trial: Trial) -> None:
    """Parameters are the same after forward and after backward."""
    layer, inputs = trial.draw()
    before = snapshot(values(layer))
    if not before:
        raise NotApplicable("it has no parameters")
    y = layer.forward(*inputs)
    unchanged(values(layer), before, "forward changes it to")
    backward(layer, trial.cotangent(y))
    unchanged(values(layer), before, "backward changes it to")


def buffers_unchanged(trial: Trial) -> None:
    """Buffers are the same after backward, and after forward in evaluation."""
    layer, inputs = trial.draw()
    if not buffers(layer):
        raise NotApplicable("it has no buffers")
    y = layer.forward(*inputs)
    before = snapshot(buffers(layer))
    backward(layer, trial.cotangent(y))
    unchanged(buffers(layer), before, "backward changes it to")
    if hasattr(layer, "train"):
        layer.train(False)
        layer.forward(*inputs)
        unchanged(buffers(layer), before, "forward in evaluation changes it to")


def cache_unchanged(trial: Trial) -> None:
    """What forward left for backward is the same after backward."""
    layer, inputs = trial.draw()
    earlier = {id(array): array for _, array in held(layer)}
    y = layer.forward(*inputs)
    cache = [(name, array) for name, array in held(layer) if id(array) not in earlier]
    before = snapshot(cache)
    backward(layer, trial.cotangent(y))
    # The arrays themselves: a layer may put another one in the place of what it needs no more.
    unchanged(cache, before, "backward changes it to")


def no_alias_of_inputs(trial: Trial) -> None:
    """A caller may overwrite its inputs between forward and backward."""
    _overwrites(trial, lambda inputs, y: inputs, "after the caller reused its inputs it is")


def no_alias_of_outputs(trial: Trial) -> None:
    """A caller may overwrite the outputs, which no later forward changes."""
    _overwrites(trial, lambda inputs, y: y, "after the caller overwrote the outputs it is")
    layer, inputs = trial.draw()
    y = named("output", layer.forward(*inputs))
    apart_and_from(y, named("input", inputs) + values(layer) + buffers(layer))
    before = snapshot(y)
    trial.use(layer, inputs)
    unchanged(y, before, "the next forward changes it to")


def no_alias_of_gradients(trial: Trial) -> None:
    """A caller may overwrite the gradients, which no later backward changes, and the cotangents after backward."""
    layer, inputs = trial.draw()
    y = layer.forward(*inputs)
    dy = trial.cotangent(y)
    dx = named("gradient of input", backward(layer, dy))
    others = named("dy", dy) + named("input", inputs) + values(layer) + buffers(layer)
    kept = [(f"gradient of {name}", p.grad) for name, p in parameters(layer) if p.grad is not None]
    apart_and_from(dx + kept, others)
    before = snapshot(dx)
    backward(layer, trial.cotangent(y))
    unchanged(dx, before, "the next backward changes it to")


def _overwrites(trial: Trial, reused: Callable[[Any, Any], Any], saying: str) -> None:
    """Gradients are the same whether or not the caller writes to its arrays before it calls backward."""
    layer, inputs = trial.draw()
    with restored(layer):
        dy = trial.cotangent(layer.forward(*private(inputs)))
        expected = gradients(layer, dy)
    y = layer.forward(*inputs)
    for array in leaves(reused(inputs, y)):
        if isinstance(array, np.ndarray) and array.flags.writeable:
            trial.overwrite(array)
    with np.errstate(all="ignore"):  # they may lie where the layer is not defined
        close(gradients(layer, dy), expected, saying)


def _given(inputs: Any) -> Named:
    """The arrays among the inputs, and lists and dictionaries as they are printed."""
    settings = [(f"input {i}", np.array(repr(x))) for i, x in enumerate(leaves(inputs)) if isinstance(x, list | dict)]
    return named("input", inputs) + settings
