"""From construction to a copy: shapes, first use, state and copies."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

from nnlab.contracts.compare import Broken, Named, apart, close, finite, require
from nnlab.contracts.trial import (
    NotApplicable,
    Trial,
    backward,
    behaviour,
    buffers,
    gradients,
    held,
    is_array,
    named,
    outputs_of,
    parameters,
    restored,
    values,
)
from nnlab.gradcheck.layers import generators
from nnlab.gradcheck.trees import is_float, leaves


def shape_and_dtype(trial: Trial) -> None:
    """Each gradient has the shape and dtype of its tensor, and outputs have the one dtype of inputs and parameters."""
    layer, inputs = trial.draw()
    y = layer.forward(*inputs)
    tensors = [*leaves(inputs), *(p.data for _, p in parameters(layer))]
    dtypes = {array.dtype for array in tensors if is_float(array)}
    for name, array in named("output", y):
        if is_float(array) and len(dtypes) == 1:
            require({array.dtype} == dtypes, f"{name}: has dtype {array.dtype}, expected {next(iter(dtypes))}")
    dx = dict(enumerate(leaves(backward(layer, trial.cotangent(y)))))
    pairs: list[tuple[str, Any, Any]] = [(f"input {i}", x, dx.get(i)) for i, x in enumerate(leaves(inputs))]
    for name, x, d in pairs + [(name, p.data, p.grad) for name, p in parameters(layer)]:
        if is_float(x) and is_array(d):
            require(d.shape == x.shape, f"gradient of {name}: has shape {d.shape}, expected {x.shape}")
            require(d.dtype == x.dtype, f"gradient of {name}: has dtype {d.dtype}, expected {x.dtype}")


def valid_from_the_start(trial: Trial) -> None:
    """Straight after construction forward and backward give finite numbers."""
    layer, (_, inputs) = trial.make(), trial.draw()
    y = layer.forward(*inputs)
    finite(named("output", y) + gradients(layer, trial.cotangent(y)), "straight after construction it is")


def no_shared_state(trial: Trial) -> None:
    """Two layers share no array that may be written to, and using one changes nothing of the other."""
    first, second = trial.make(), trial.make()
    _, inputs = trial.draw()
    apart(_of("the first layer", held(first)), _of("the second", held(second)))
    saying = "after another layer was used it is"
    dy, expected = trial.tried(first, inputs)
    with restored(first):
        outputs = outputs_of(first, inputs)
        trial.use(second, inputs)
        close(outputs + gradients(first, dy), expected, saying)
    close(behaviour(first, inputs, dy), expected, saying)


def state_dict_round_trip(trial: Trial) -> None:
    """A new layer into which the state of this one was loaded behaves as this one, and keeps no alias of the state."""
    layer, inputs = trial.draw()
    if not (hasattr(layer, "state_dict") and hasattr(layer, "load_state_dict")):
        raise NotApplicable("it has no state_dict() and load_state_dict(state)")
    layer.forward(*inputs)  # running statistics are state too
    state, loaded = layer.state_dict(), trial.make()
    for _, array in values(loaded) + buffers(loaded):
        trial.overwrite(array)  # a copy that stands for a new layer would have the state already
    loaded.load_state_dict(state)
    for mode in {getattr(layer, "training", None), False}:  # statistics show in evaluation alone
        for either in (layer, loaded):
            if hasattr(either, "train"):
                either.train(mode)
        _behaves(trial, loaded, layer, inputs, "with the state of another layer it is")
    saved = [(f"state {name!r}", array) for name, array in state.items() if is_array(array)]
    apart(saved, _of("the layer", held(layer)) + _of("the layer that loaded it", held(loaded)))


def deep_copy_behaves(trial: Trial) -> None:
    """A deep copy of a layer in use behaves as the layer does, and shares no array that may be written to."""
    _copied(trial, *trial.draw(), copy.deepcopy, "copy.deepcopy")


def pickle_behaves(trial: Trial) -> None:
    """A layer that was pickled in use behaves as before, and shares no array that may be written to."""
    layer, inputs = trial.draw()
    try:
        pickle.dumps(type(layer))
    except Exception as refused:
        raise NotApplicable(f"pickle does not find its class: {refused}") from refused
    _copied(trial, layer, inputs, lambda used: pickle.loads(pickle.dumps(used)), "pickle")


def _copied(trial: Trial, layer: Any, inputs: tuple[Any, ...], make: Callable[[Any], Any], how: str) -> None:
    layer.forward(*inputs)
    try:
        twin = make(layer)
    except Exception as refused:
        raise Broken(f"{how} fails: {type(refused).__name__}: {refused}") from refused
    apart(_of("the copy", held(twin)), _of("the layer", held(layer)))
    _behaves(trial, twin, layer, inputs, f"after {how} it is")


def _behaves(trial: Trial, other: Any, layer: Any, inputs: tuple[Any, ...], saying: str) -> None:
    """The other layer gives what the layer gives, when their generators are in the same state."""
    dy, expected = trial.tried(layer, inputs)
    own = generators(layer)
    for number, generator in enumerate(generators(other)):
        generator.bit_generator.state = own[number].bit_generator.state
    close(behaviour(other, inputs, dy), expected, saying)


def _of(owner: str, arrays: Named) -> Named:
    return [(f"{name} of {owner}", array) for name, array in arrays]
