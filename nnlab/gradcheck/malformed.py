"""Gradients that cannot be compared at all, each in its own words."""

from typing import Any

import numpy as np

from nnlab.gradcheck.layers import Evaluation, Tensor
from nnlab.gradcheck.report import Disagreement
from nnlab.gradcheck.trees import is_float


def malformed(evaluation: Evaluation, gradients: list[Any], others: dict[int, Any]) -> tuple[Disagreement, ...]:
    """Those missing, of a wrong shape or dtype, not finite, not 0 where constant, or given to what gets none."""
    found = list(map(_problem, evaluation.tensors, gradients))
    spurious = [_spurious(evaluation, number, g) for number, g in others.items()]
    return tuple(disagreement for disagreement in found + spurious if disagreement)


def _problem(tensor: Tensor, g: Any) -> Disagreement | None:
    name, x = tensor.name, tensor.point
    if not isinstance(g, np.ndarray):
        gave = "None" if g is None else type(g).__name__
        return Disagreement(name, f"gradient is missing: backward gave {gave}")
    if g.shape != x.shape:
        return Disagreement(name, f"gradient has shape {g.shape}, the tensor {x.shape}")
    if g.dtype != x.dtype:
        return Disagreement(name, f"gradient has dtype {g.dtype}, the tensor {x.dtype}")
    if (wrong := ~np.isfinite(g)).any():
        return Disagreement(name, f"gradient is {g[_first(wrong)]}", _first(wrong))
    if tensor.frozen is not None and (wrong := (g != 0) & tensor.frozen).any():
        problem = f"gradient is {g[_first(wrong)]} where the parameter is constant"
        return Disagreement(name, problem, _first(wrong))
    return None


def _spurious(evaluation: Evaluation, number: int, g: Any) -> Disagreement | None:
    """A gradient that is not 0, of what has none: 0 and None say the same."""
    if not is_float(g) or not np.any(g):
        return None
    if number >= len(evaluation.given):
        return Disagreement(f"input {number}", f"gradient is spurious: there are {len(evaluation.given)} inputs")
    leaf = evaluation.given[number]
    what = f"it is constant, of type {getattr(leaf, 'dtype', type(leaf).__name__)}"
    return Disagreement(f"input {number}", f"gradient is spurious: {what}")


def _first(mask: Any) -> tuple[int, ...]:
    """The index of the first entry that is True."""
    return tuple(int(i) for i in np.argwhere(mask)[0])
