"""What follows from gradients being sums of products with the cotangent."""

import numpy as np

from nnlab.contracts.trial import Named, Trial, equal, is_float, leaves, parameters, rebuild, require

#: Sums of products in another order differ by some units in the last place of their largest terms.
DIGITS = 2.0**14


def gradients_accumulate(trial: Trial) -> None:
    """Two backwards leave the sum of both gradients in the parameters."""
    layer, inputs = trial.copies()
    dy = trial.cotangent(layer.forward(*inputs))
    start = {name: p.grad.copy() for name, p in parameters(layer)}
    trial.gradients(layer, dy)
    once = [(f"gradient of {name}", 2 * p.grad - start[name]) for name, p in parameters(layer)]
    trial.gradients(layer, dy)
    equal([(f"gradient of {n}", p.grad) for n, p in parameters(layer)], once, "after two backwards it is", DIGITS)


def backward_idempotent(trial: Trial) -> None:
    """A second backward gives the input gradients of the first."""
    layer, inputs = trial.copies()
    dy = trial.cotangent(layer.forward(*inputs))
    first = trial.gradients(layer, dy)
    second = trial.gradients(layer, dy)
    equal(_of_inputs(second), _of_inputs(first), "a second backward gives")


def zero_gives_zero(trial: Trial) -> None:
    """A cotangent of zeros gives gradients of zeros."""
    layer, inputs = trial.copies()
    y = layer.forward(*inputs)
    dy = rebuild(y, iter([np.zeros_like(leaf) if is_float(leaf) else None for leaf in leaves(y)]))
    for name, gradient in trial.gradients(layer, dy):
        require(not np.any(gradient != 0), f"{name}: is not 0 for a cotangent of zeros")


def backward_linear(trial: Trial) -> None:
    """backward(a·u + b·v) = a·backward(u) + b·backward(v)."""
    layer, inputs = trial.copies()
    y = layer.forward(*inputs)
    u, v = trial.cotangent(y), trial.cotangent(y)
    a, b = 2.0, -3.0
    both = [None if s is None else a * s + b * t for s, t in zip(leaves(u), leaves(v), strict=True)]
    apart = [trial.gradients(layer, dy) for dy in (u, v, rebuild(y, iter(both)))]
    # The terms of a gradient that cancel, as a key's bias does, may be as large as the largest of all gradients.
    terms = max((float(np.max(np.abs(g), initial=0.0)) for gradients in apart for _, g in gradients), default=0.0)
    for (name, du), (_, dv), (_, got) in zip(*apart, strict=True):
        off = np.abs(got - (a * du + b * dv))
        room = DIGITS * float(np.finfo(got.dtype).eps) * terms
        require(
            bool(np.all(off <= room)), f"{name}: backward of 2 u - 3 v is off by {np.max(off):.3g} from 2 du - 3 dv"
        )


def _of_inputs(gradients: Named) -> Named:
    return [(name, array) for name, array in gradients if name.startswith("gradient of input ")]
