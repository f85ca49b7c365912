"""Factors in words, and the factors that each entry of a gradient may lack or have too many."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from nnlab.gradcheck.settings import attributes
from nnlab.gradcheck.trees import is_float, leaves
from nnlab.gradcheck.wrong import Wrong


def known(factor: float, wrong: Wrong) -> str | None:
    """A factor in words: -1, a size of the arrays or what is made of it, a simple fraction, a setting of the layer."""
    size = wrong.tensor.point.size
    shapes = [wrong.tensor.point.shape, *(dy.shape for dy in leaves(wrong.draw.dy) if is_float(dy))]
    sizes = {n for shape in shapes for n in (*shape, math.prod(shape)) if n > 2}
    simple = Fraction(factor).limit_denominator(6)
    names = {float(simple): f"a factor {simple}"} if abs(simple.numerator) < 7 else {}
    for name, setting in _settings(wrong):
        names |= {setting: f"a factor {setting:g}, as if 1/{name} were missing"}
        names |= {1 / setting: f"a factor {1 / setting:g}, as if {name} were missing"}
    names |= {float(n): f"a factor {n}, as if for a size" for n in sizes}
    names |= {1 / n: f"a factor 1/{n}, as if for a size" for n in sizes}
    names |= {n / (n - 1): f"a factor {n}/{n - 1}, as if N-1 stood for N" for n in sizes}
    for n in {array.size // size for array in _arrays(wrong) if array.size > size and array.size % size == 0}:
        names |= {1 / n: f"a factor 1/{n}: averaged, not summed over the {n} places that share an entry"}
    names[-1.0] = "the wrong sign"
    fitting = [name for number, name in names.items() if np.isclose(factor, number, atol=0)]
    return fitting[0] if fitting else None


def _settings(wrong: Wrong) -> Iterator[tuple[str, float]]:
    """The positive numbers among the attributes but 1, which would explain nothing."""
    for name, holder, key in attributes(wrong.draw.evaluation.layer):
        setting = holder[key]
        if isinstance(setting, float) and setting > 0 and setting != 1:
            yield name, setting


def _arrays(wrong: Wrong) -> list[Any]:
    """The inputs and the outputs."""
    return [leaf for leaf in (*wrong.draw.evaluation.given, *leaves(wrong.draw.dy)) if is_float(leaf)]


def of_entries(wrong: Wrong, expected: Any) -> Iterator[tuple[str, Any]]:
    """The slope of a usual function that is missing, or an array of the layer that counts twice."""
    x = wrong.tensor.point
    slopes = {"exp(x)": np.exp(x), "1/x": 1 / x, "1/(x (1 - x))": 1 / (x * (1 - x))}
    for name, slope in slopes.items():
        yield f"a slope missing: {name}, with x the tensor", expected / slope
    for name, holder, key in attributes(wrong.draw.evaluation.layer):
        for axis, size in enumerate(expected.shape):
            if is_float(holder[key]) and holder[key].shape == (size,) and size > 2:
                twice = expected * np.expand_dims(holder[key], tuple(range(1, expected.ndim - axis)))
                share = float((wrong.got * twice).sum() / (twice**2).sum())
                yield f"a factor of {name} along axis {axis} too many", share * twice
