"""Forward gives the same again, whatever was computed before, in either mode, and each row by itself."""

from typing import Any

import numpy as np

from nnlab.contracts.compare import Named, close, require
from nnlab.contracts.trial import (
    NotApplicable,
    Trial,
    backward,
    behaviour,
    gradients,
    is_array,
    named,
    outputs_of,
    private,
    restored,
)
from nnlab.gradcheck.trees import is_float, leaves, rebuild


def forward_repeatable(trial: Trial) -> None:
    """The same inputs give the same outputs again."""
    layer, inputs = trial.draw()
    with restored(layer):
        first = outputs_of(layer, inputs)
    close(outputs_of(layer, inputs), first, "a second forward gives")


def earlier_forwards_forgotten(trial: Trial) -> None:
    """Outputs and gradients are those of the latest forward, whatever other inputs an earlier one had."""
    dy, expected = trial.tried(*trial.draw())
    layer, inputs = trial.draw()
    trial.use(layer, inputs)
    close(behaviour(layer, inputs, dy), expected, "after a forward of other inputs it is")


def layouts_alike(trial: Trial) -> None:
    """Outputs and gradients are the same in whatever order of memory inputs and cotangents lie."""
    layer, inputs = trial.draw()
    dy, expected = trial.tried(layer, inputs)
    close(behaviour(layer, _by_columns(inputs), _by_columns(dy)), expected, "with arrays that lie by columns it is")


def inverse_undoes_forward(trial: Trial) -> None:
    """Where there is an inverse, it gives the first input back from the first output, and backward is as before."""
    layer, inputs = trial.draw()
    if not hasattr(layer, "inverse"):
        raise NotApplicable("it has no inverse(y)")
    dy, expected = trial.tried(layer, inputs)
    y = layer.forward(*private(inputs))
    x = layer.inverse(next(leaves(y)))
    close(named("input", x), named("input", inputs)[:1], "inverse(forward(x)) is")
    close(named("output", y) + gradients(layer, dy), expected, "after inverse it is")


def modes_apart(trial: Trial) -> None:
    """A forward in the other mode leaves its trace in buffers alone; the mode of a backward is that of its forward."""
    layer, inputs = trial.draw()
    if not (hasattr(layer, "train") and hasattr(layer, "training")):
        raise NotApplicable("it has no train(mode) and no training")
    mode = layer.training
    dy, expected = trial.tried(layer, inputs)
    with restored(layer):
        outputs = outputs_of(layer, inputs)
        layer.train(not mode)
        close(outputs + gradients(layer, dy), expected, "when the mode changes before backward it is")
    trial.use(layer, inputs)
    layer.train(mode)
    close(behaviour(layer, inputs, dy), expected, "after a forward in the other mode it is")


def rows_independent(trial: Trial) -> None:
    """Where the layer says so, outputs and input gradients of a row depend on no other row.

    `layer.rows_from` is the rank from which on the first axis of an input counts rows; None stands for never.
    """
    layer, inputs = trial.draw()
    rows = _rows(layer, inputs)

    def first_row(inputs: Any, dy: Any) -> Named:
        with restored(layer):
            y = layer.forward(*private(inputs))
            return _first_row("output", y) + _first_row("gradient of input", backward(layer, private(dy)))

    y = layer.forward(*private(inputs))
    for name, array in named("output", y):
        require(array.shape[:1] == (rows,), f"{name}: has shape {array.shape}, expected {rows} rows")
    dy = trial.cotangent(y)
    expected = first_row(inputs, dy)
    got = first_row(_other_rows(inputs, trial.rng), _other_rows(dy, trial.rng))
    close(got, expected, "with other numbers in the other rows it is")


def _rows(layer: Any, inputs: tuple[Any, ...]) -> int:
    """How many rows each of the inputs has."""
    rank = getattr(layer, "rows_from", None)
    if rank is None:
        raise NotApplicable("it does not say from which rank on inputs have rows")
    floats = [x for x in leaves(inputs) if is_float(x)]
    counts = {len(x) if x.ndim >= rank else 1 for x in floats}
    if len(counts) != 1 or max(counts) < 2:
        raise NotApplicable(f"its inputs do not all have rank {rank} and the same number of rows, at least 2")
    return counts.pop()


def _by_columns(tree: Any) -> Any:
    """Nested tuples like `tree`, with copies of its arrays in Fortran's order."""
    return rebuild(tree, (x.T.copy().T if is_array(x) else x for x in leaves(tree)))


def _other_rows(tree: Any, rng: np.random.Generator) -> Any:
    """Nested tuples like `tree`, with new numbers in all rows of its arrays but the first."""

    def moved(x: Any) -> Any:
        return np.concatenate([x[:1], rng.standard_normal(x[1:].shape)]).astype(x.dtype) if is_float(x) else x

    return rebuild(tree, map(moved, leaves(tree)))


def _first_row(what: str, tree: Any) -> Named:
    return [(f"{name}, row 0", np.array(array[0])) for name, array in named(what, tree) if is_float(array)]
