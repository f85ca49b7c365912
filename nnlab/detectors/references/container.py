"""Layers made of layers, whose own values are taken as they come."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Given

Recipe = Callable[..., Any]


def sequential(given: Given, *modules: Recipe) -> Any:
    x: Any = given.x
    for i, recipe in enumerate(modules):
        x = given.layer(recipe, f"{i}.")(x)
    return x


def residual(given: Given, module: Recipe) -> Any:
    return given.x + given.layer(module, "module.")(given.x)


def parallel(given: Given, *modules: Recipe, combine: str = "sum", dim: int = 1) -> Any:
    ys = tuple(given.layer(recipe, f"branches.{i}.")(given.x) for i, recipe in enumerate(modules))
    if combine == "tuple":
        return ys
    return np.concatenate(ys, dim) if combine == "concat" else sum(ys)


REFERENCES = {"Parallel": parallel, "Residual": residual, "Sequential": sequential}
