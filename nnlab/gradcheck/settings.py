"""A backward that would be right if one setting or other tensor of the layer had a neutral value."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from typing import Any

import numpy as np

from nnlab.gradcheck.trees import is_float
from nnlab.gradcheck.wrong import Wrong, jacobian, measured


def left_out(wrong: Wrong) -> Iterator[tuple[str, Any]]:
    """What backward seems to take for 0, 1 or infinite, and the gradient that would then be right."""
    own = deepcopy(wrong)  # forward may leave behind what it made of another value
    worst = own.entries[[np.argmax(np.abs(own.got - own.expected))]]
    for name, holder, key in list(_changeable(own)):
        for value, words in _neutral(holder[key]):
            with suppress(Exception), _set(holder, key, value):  # the layer has never promised to take this value
                if _plausible(own, worst):
                    yield words.format(name), measured(own.draw, own.tensor).expected


def attributes(layer: Any) -> Iterator[tuple[str, Any, str]]:
    """The attributes of the layer and of the layers in it: dotted name, and the dictionary and key where it is."""
    waiting = [("", layer)]
    seen: set[int] = set()
    while waiting:
        prefix, holder = waiting.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for key, value in getattr(holder, "__dict__", {}).items():
            yield prefix + key, holder.__dict__, key
            inside = value if isinstance(value, list | tuple) else [value]
            waiting += [(f"{prefix}{key}.", layer) for layer in inside if hasattr(layer, "forward")]


def _changeable(wrong: Wrong) -> Iterator[tuple[str, Any, Any]]:
    """The other tensors, the inputs that get no gradient and the attributes: name, and where it is."""
    evaluation = wrong.draw.evaluation
    for tensor in evaluation.tensors:
        if tensor is not wrong.tensor:
            yield tensor.name, evaluation.point, tensor.at
    for number, _ in enumerate(evaluation.given):
        yield f"input {number}", evaluation.given, number
    yield from attributes(evaluation.layer)


def _neutral(value: Any) -> Iterator[tuple[Any, str]]:
    """Other values of a setting, and what is wrong with a backward that takes it for them."""
    if is_float(value) and np.ndim(value):
        yield np.ones_like(value), "a factor missing: {}, as if it were 1"
        yield value - value, "a path missing: through {}, as if it were 0"
    elif isinstance(value, float):
        for other in (0.0, math.inf, -math.inf):
            yield other, f"{{}} left out, as if it were {other:g}"
        yield 1.0, "a factor missing: {}, as if it were 1"


@contextmanager
def _set(holder: Any, key: Any, value: Any) -> Iterator[None]:
    old = holder[key].copy() if isinstance(key, slice) else holder[key]
    holder[key] = value
    try:
        yield
    finally:
        holder[key] = old


def _plausible(wrong: Wrong, entries: Any) -> bool:
    """Whether the gradient is right at the entry that was furthest off, which takes two evaluations."""
    draw = wrong.draw
    return bool(np.isclose(jacobian(draw, entries) @ draw.cotangent, draw.gradient[entries]))
