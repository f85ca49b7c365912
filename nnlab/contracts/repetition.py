"""Forward gives the same again, in either mode, and each row by itself."""

from typing import Any

import numpy as np

from nnlab.contracts.trial import (
    Named,
    Trial,
    backward,
    buffers,
    equal,
    is_float,
    leaves,
    outputs_of,
    rebuild,
    rewound,
    snapshot,
)


def forward_repeatable(trial: Trial) -> None:
    """The same inputs give the same outputs again, bit for bit."""
    layer, inputs = trial.copies()
    held = snapshot(buffers(layer))
    with rewound(layer):
        first = outputs_of(layer, inputs)
    _restore(layer, held)
    equal(outputs_of(layer, inputs), first, "a second forward gives")


def modes_apart(trial: Trial) -> None:
    """A forward in the other mode leaves no trace but in buffers: the outputs are as before it."""
    layer, inputs = trial.copies()
    if not hasattr(layer, "train"):
        return
    mode, held = layer.training, snapshot(buffers(layer))
    with rewound(layer):
        first = outputs_of(layer, inputs)
        _restore(layer, held)
        backward(layer.train(not mode), trial.cotangent(layer.forward(*inputs)))
    layer.train(mode)
    _restore(layer, held)
    equal(outputs_of(layer, inputs), first, "after a forward in the other mode forward gives")


def rows_independent(trial: Trial) -> None:
    """Where the layer says so: outputs and input gradients of a row depend on no other row.

    `layer.rows_from` is the rank from which on the first axis of an input counts rows; None stands for never.
    """
    layer, inputs = trial.copies()
    rank = getattr(layer, "rows_from", None)
    floats = [x for x in leaves(inputs) if is_float(x)]
    if rank is None or not floats or any(np.ndim(x) < rank for x in floats) or len({len(x) for x in floats}) > 1:
        return
    with rewound(layer):
        y = layer.forward(*inputs)
    dy = trial.cotangent(y)
    expected = _first_row("output", y) + _first_row("gradient of input", backward(layer, dy))
    y = layer.forward(*_other_rows(inputs, trial.rng))
    got = _first_row("output", y) + _first_row("gradient of input", backward(layer, _other_rows(dy, trial.rng)))
    equal(got, expected, "with other numbers in the other rows it is", digits=2.0**10)


def _other_rows(tree: Any, rng: np.random.Generator) -> Any:
    """Nested tuples like `tree`, with new numbers in all rows of its arrays but the first."""
    moved = [np.concatenate([x[:1], rng.standard_normal(x[1:].shape)]) if is_float(x) else x for x in leaves(tree)]
    return rebuild(
        tree, iter([m.astype(x.dtype) if is_float(x) else x for m, x in zip(moved, leaves(tree), strict=True)])
    )


def _first_row(what: str, tree: Any) -> Named:
    return [(f"{what} {i}, row 0", np.array(leaf[0])) for i, leaf in enumerate(leaves(tree)) if is_float(leaf)]


def _restore(layer: Any, held: Named) -> None:
    """Give the buffers their values back, since running statistics may go on with each forward."""
    for (_, array), (_, value) in zip(buffers(layer), held, strict=True):
        array[...] = value
