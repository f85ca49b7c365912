"""Layers made of layers, whose own values are taken as they come."""

from collections.abc import Callable
from typing import Any

from nnlab.detectors.references.given import Given

Recipe = Callable[..., Any]


def sequential(given: Given, *modules: Recipe) -> Any:
    x: Any = given.x
    for i, recipe in enumerate(modules):
        x = given.layer(recipe, f"{i}.")(x)
    return x


def residual(given: Given, module: Recipe) -> Any:
    return given.x + given.layer(module, "module.")(given.x)


REFERENCES = {"Residual": residual, "Sequential": sequential}
