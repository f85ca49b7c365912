"""Clipping: gradients that are too long, or entries that are too large, are cut before a step."""

from collections.abc import Iterable

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.module import Parameter

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def clip_grad_norm_(
    parameters: Parameter | Iterable[Parameter],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """g ← g · min(1, max_norm / (n + 1e-6)) for all gradients g in place; returns their norm n from before.

    n is the norm of all entries as one vector: Σ|g|^norm_type to the power 1 / norm_type, or the largest |g| where
    norm_type is inf. A norm that is not finite makes the gradients 0 or NaN, unless error_if_nonfinite.
    """
    gradients = [parameter.grad for parameter in _listed(parameters)]
    norms = [float(np.linalg.norm(np.asarray(g, np.float64).ravel(), norm_type)) for g in gradients]
    norm = np.linalg.norm([0.0, *norms], norm_type)
    if error_if_nonfinite and not np.isfinite(norm):
        raise InputError(
            f"clip_grad_norm_: the gradients have norm {norm}, so they cannot be clipped; "
            f"look for the step that made them so, or pass error_if_nonfinite=False"
        )
    scale = np.minimum(max_norm / (norm + 1e-6), 1.0)
    with np.errstate(invalid="ignore"):
        for g in gradients:
            g *= scale
    return float(norm)


def clip_grad_value_(parameters: Parameter | Iterable[Parameter], clip_value: float) -> None:
    """g ← min(max(g, -clip_value), clip_value) for all gradients g in place."""
    for parameter in _listed(parameters):
        np.clip(parameter.grad, -clip_value, clip_value, out=parameter.grad)


def _listed(parameters: Parameter | Iterable[Parameter]) -> list[Parameter]:
    return [parameters] if isinstance(parameters, Parameter) else list(parameters)
