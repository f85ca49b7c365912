"""Layers around a layer, whose weight is computed entry by entry; what it then gives is taken as it comes."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, Outcome

Recipe = Callable[..., Any]


def weight_norm(given: Given, module: Recipe, name: str = "weight", dim: int | None = 0) -> Any:
    """g v / |v|: |v| of each slice along `dim`, or of all of v where dim is None or, as in torch, -1."""
    g, v = given[f"parametrizations.{name}.original0"], given[f"parametrizations.{name}.original1"]
    if dim is None or dim == -1:
        return with_weight(given, module, name, g * v / length(v))
    slices = [part / length(part) for part in np.moveaxis(v, dim, 0)]
    return with_weight(given, module, name, g * np.moveaxis(np.array(slices), 0, dim))


def spectral_norm(
    given: Given, module: Recipe, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int = 0
) -> Outcome:
    """W / uᵀ W v, in training after steps of algorithm 1, in which lengths are at least eps."""
    weight = given[f"parametrizations.{name}.original"]
    rows = np.array([part.ravel() for part in np.moveaxis(weight, dim, 0)])
    keys = [f"parametrizations.{name}.0.{key}" for key in ("_u", "_v")]
    u, v = (given[key] for key in keys)
    for _ in range(n_power_iterations if given.training else 0):
        u = np.einsum("ij,j->i", rows, v)
        u = u / max(length(u), eps)
        v = np.einsum("ij,i->j", rows, u)
        v = v / max(length(v), eps)
    sigma = np.einsum("i,ij,j->", u, rows, v)
    return Outcome(with_weight(given, module, name, weight / sigma), dict(zip(keys, (u, v), strict=True)))


def length(v: Array) -> float:
    return math.hypot(*v.flat)


def with_weight(given: Given, module: Recipe, name: str, weight: Array) -> Any:
    """What the layer gives with this weight in place of its own."""
    return replace(given, state={**given.state, name: weight}).layer(module, "")(*given.inputs)


REFERENCES = {"SpectralNorm": spectral_norm, "WeightNorm": weight_norm}
