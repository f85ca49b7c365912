"""What follows from gradients being sums of products with the cotangent."""

from typing import Any

import numpy as np

from nnlab.contracts.compare import Named, close, close_among, unchanged
from nnlab.contracts.trial import (
    NotApplicable,
    Trial,
    backward,
    gradients,
    of_parameters,
    parameters,
    private,
    restored,
)
from nnlab.gradcheck.trees import leaves, rebuild

#: By which a cotangent is scaled: a power of 2, and negative.
FACTOR = -2.0


def gradients_accumulate(trial: Trial) -> None:
    """Each backward adds to the gradients of the parameters, whether or not a forward lies in between."""
    layer, inputs = trial.draw()
    if not parameters(layer):
        raise NotApplicable("it has no parameters")
    with restored(layer):
        dy = trial.cotangent(layer.forward(*private(inputs)))
        gradients(layer, dy)
        once = of_parameters(layer)
        backward(layer, private(dy))
    close(of_parameters(layer), [(name, 2 * g) for name, g in once], "after two backwards it is")
    layer.forward(*private(inputs))
    backward(layer, private(dy))
    close(of_parameters(layer), [(name, 3 * g) for name, g in once], "after another forward and backward it is")


def backward_idempotent(trial: Trial) -> None:
    """A second backward gives the input gradients of the first."""
    layer, inputs = trial.draw()
    dy = trial.cotangent(layer.forward(*private(inputs)))
    first = _of_inputs(gradients(layer, dy))
    second = _of_inputs(gradients(layer, dy))
    close(second, first, "a second backward gives")


def zero_gives_zero(trial: Trial) -> None:
    """A cotangent of zeros gives gradients of zeros."""
    layer, inputs = trial.draw()
    dy = trial.cotangent(layer.forward(*private(inputs)))
    zeros = rebuild(dy, (None if d is None else np.zeros_like(d) for d in leaves(dy)))
    found = gradients(layer, zeros)
    unchanged(found, [(name, np.zeros_like(g)) for name, g in found], "for a cotangent of zeros it is")


def backward_linear(trial: Trial) -> None:
    """backward(-2 u) = -2 backward(u), and backward(u + v) = backward(u) + backward(v)."""
    layer, inputs = trial.draw()
    start = restored(layer)

    def answer(dy: Any) -> Named:
        with start:
            layer.forward(*private(inputs))
            return gradients(layer, dy)

    with start:
        y = layer.forward(*private(inputs))
        u, v = trial.cotangent(y), trial.cotangent(y)
        du = gradients(layer, u)
    dv = answer(v)
    # A factor of -2 changes no rounding, so this is sharp however small the gradients are.
    scaled = rebuild(u, (None if d is None else np.asarray(FACTOR * d) for d in leaves(u)))
    close(answer(scaled), [(name, FACTOR * d) for name, d in du], "backward(-2 u) gives")
    # Terms that cancel, as those of a key's bias do, may be as large as other gradients; in a saturated softmax they
    # are as large as the cotangents.
    both, other = rebuild(u, map(_sum, leaves(u), leaves(v))), dict(dv)
    terms = [*leaves(both), *(d for _, d in du + dv)]
    close_among(terms, answer(both), [(name, d + other[name]) for name, d in du], "backward(u + v) gives")


def _sum(u: Any, v: Any) -> Any:
    return None if u is None else np.asarray(u + v)


def _of_inputs(found: Named) -> Named:
    return [(name, array) for name, array in found if name.startswith("gradient of input ")]
