"""From construction to a copy: shapes, first use, state and copies."""

import copy
import pickle
from typing import Any

import numpy as np

from nnlab.contracts.trial import (
    Broken,
    Trial,
    buffers,
    equal,
    is_array,
    is_float,
    kept,
    leaves,
    named,
    outputs_of,
    parameters,
    require,
    rewound,
)


def shape_and_dtype(trial: Trial) -> None:
    """Each gradient has the shape and dtype of what it is the gradient of."""
    layer, inputs = trial.copies()
    dy = trial.cotangent(layer.forward(*inputs))
    dx = layer.backward(*dy) if isinstance(dy, tuple) else layer.backward(dy)
    pairs = [(f"input {i}", x, d) for i, (x, d) in enumerate(zip(leaves(inputs), leaves(dx), strict=False))]
    pairs += [(name, p.data, p.grad) for name, p in parameters(layer)]
    for name, x, d in pairs:
        if is_float(x) and is_array(d):
            require(d.shape == x.shape, f"gradient of {name}: has shape {d.shape}, expected {x.shape}")
            require(d.dtype == x.dtype, f"gradient of {name}: has dtype {d.dtype}, expected {x.dtype}")


def valid_from_the_start(trial: Trial) -> None:
    """Straight after construction forward and backward give finite numbers."""
    layer, (_, inputs) = trial.make(), trial.copies()
    y = layer.forward(*inputs)
    for name, array in named("output", y) + trial.gradients(layer, trial.cotangent(y)):
        finite = not is_float(array) or bool(np.isfinite(array).all())
        require(finite, f"{name} is not finite straight after construction")


def no_shared_state(trial: Trial) -> None:
    """Two layers share no array, and using one changes nothing of the other."""
    first, second = trial.make(), trial.make()
    _, inputs = trial.copies()
    theirs = dict(kept(second))
    theirs |= {f"gradient of {name}": p.grad for name, p in parameters(second)}
    for name, array in kept(first):
        for other, array_of_other in theirs.items():
            require(not np.shares_memory(array, array_of_other), f"{name}: is shared with {other} of another layer")
    y = first.forward(*inputs)
    dy = trial.cotangent(y)
    with rewound(first):
        expected = trial.gradients(first, dy)
    second.forward(*inputs)
    trial.gradients(second, trial.cotangent(y))
    equal(trial.gradients(first, dy), expected, "after another layer was used it is", digits=2.0**14)


def state_dict_round_trip(trial: Trial) -> None:
    """A new layer with the state of this one gives the same outputs."""
    layer, inputs = trial.copies()
    if not hasattr(layer, "state_dict"):
        return
    state = layer.state_dict()
    loaded: Any = trial.make()
    loaded.load_state_dict(state)
    if hasattr(layer, "train"):
        loaded.train(layer.training)
    _same_behaviour(layer, loaded, inputs, "after its state was loaded into a new layer, that gives")
    moved = [name for name, array in _state(layer) if any(np.shares_memory(array, saved) for saved in state.values())]
    require(not moved, f"{', '.join(moved)}: the saved state is an alias of the layer's own array")


def copies_behave(trial: Trial) -> None:
    """A pickled and a deep copy give the same outputs and share no array with the layer."""
    layer, inputs = trial.copies()
    layer.forward(*inputs)
    for how, make in (
        ("pickling", lambda: pickle.loads(pickle.dumps(layer))),
        ("copying", lambda: copy.deepcopy(layer)),
    ):
        try:
            twin = make()
        except (pickle.PicklingError, TypeError, AttributeError) as refused:
            raise Broken(f"{how} fails: {type(refused).__name__}: {refused}") from refused
        for name, array in kept(twin):
            shared = any(np.shares_memory(array, own) for _, own in kept(layer))
            require(not shared, f"{name}: is shared by the layer and its copy after {how}")
        _same_behaviour(copy.deepcopy(layer), twin, inputs, f"after {how} the copy gives")


def _same_behaviour(layer: Any, other: Any, inputs: tuple[Any, ...], saying: str) -> None:
    """Both give the same outputs, with generators in the same state."""
    with rewound(layer):
        with rewound(layer):
            expected = outputs_of(layer, inputs)
        _align(layer, other)
        got = outputs_of(other, inputs)
    equal(got, expected, saying)


def _align(layer: Any, other: Any) -> None:
    """Set the generators of `other` to the states of those of `layer`."""
    from nnlab.gradcheck.layers import generators

    for mine, theirs in zip(generators(layer), generators(other), strict=True):
        theirs.bit_generator.state = mine.bit_generator.state


def _state(layer: Any) -> list[tuple[str, Any]]:
    return [(name, p.data) for name, p in parameters(layer)] + buffers(layer)
