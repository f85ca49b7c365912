"""Activations made of pieces, entry by entry."""

import math

from nnlab.detectors.references.given import Array, Given, entrywise


def relu(given: Given) -> Array:
    return entrywise(lambda x: x if x > 0 else 0, given.x)


def leaky_relu(given: Given, negative_slope: float = 0.01) -> Array:
    return entrywise(lambda x: x if x > 0 else negative_slope * x, given.x)


def prelu(given: Given, num_parameters: int = 1, init: float = 0.25) -> Array:
    """Axis 1 holds the channels, where there is more than one weight."""
    weight = given["weight"]
    if num_parameters > 1:
        weight = weight.reshape(num_parameters, *(1 for _ in given.x.shape[2:]))
    return entrywise(lambda x, w: x if x > 0 else w * x, given.x, weight)


def elu(given: Given, alpha: float = 1.0) -> Array:
    return entrywise(lambda x: x if x > 0 else alpha * math.expm1(x), given.x)


def celu(given: Given, alpha: float = 1.0) -> Array:
    return entrywise(lambda x: max(x, 0) + min(alpha * math.expm1(min(x, 0) / alpha), 0), given.x)


def selu(given: Given) -> Array:
    """λ and α as printed in the paper's section 2, to float64's precision."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return entrywise(lambda x: scale * (x if x > 0 else alpha * math.expm1(x)), given.x)


def hardtanh(given: Given, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    return entrywise(lambda x: min_val if x < min_val else max_val if x > max_val else x, given.x)


def relu6(given: Given) -> Array:
    return hardtanh(given, 0.0, 6.0)


def hardsigmoid(given: Given) -> Array:
    return entrywise(lambda x: 0 if x <= -3 else 1 if x >= 3 else x / 6 + 1 / 2, given.x)


def hardswish(given: Given) -> Array:
    return entrywise(lambda x: 0 if x <= -3 else x if x >= 3 else x * (x + 3) / 6, given.x)


def softshrink(given: Given, lambd: float = 0.5) -> Array:
    return entrywise(lambda x: x - lambd if x > lambd else x + lambd if x < -lambd else 0, given.x)


def hardshrink(given: Given, lambd: float = 0.5) -> Array:
    return entrywise(lambda x: x if x > lambd or x < -lambd else 0, given.x)


def threshold_layer(given: Given, threshold: float, value: float) -> Array:
    return entrywise(lambda x: x if x > threshold else value, given.x)


REFERENCES = {
    "CELU": celu,
    "ELU": elu,
    "Hardshrink": hardshrink,
    "Hardsigmoid": hardsigmoid,
    "Hardswish": hardswish,
    "Hardtanh": hardtanh,
    "LeakyReLU": leaky_relu,
    "PReLU": prelu,
    "ReLU": relu,
    "ReLU6": relu6,
    "SELU": selu,
    "Softshrink": softshrink,
    "Threshold": threshold_layer,
}
