"""Gates, entry by entry."""

import numpy as np

from nnlab.detectors.references.activation import gelu_of
from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid
from nnlab.detectors.references.linear import linear


def glu(given: Given, dim: int = -1) -> Array:
    half = given.x.shape[dim] // 2
    a = given.x.take(range(half), dim)
    b = given.x.take(range(half, 2 * half), dim)
    return entrywise(lambda a, b: a * sigmoid(b), a, b)


def swiglu(given: Given, in_features: int, out_features: int, bias: bool = True) -> Array:
    gate, value = (linear(given.part(f, given.x), in_features, out_features, bias) for f in ("gate.", "value."))
    return entrywise(lambda g, v: g * sigmoid(g) * v, gate, value)


def geglu(given: Given, in_features: int, out_features: int, bias: bool = True) -> Array:
    gate, value = (linear(given.part(f, given.x), in_features, out_features, bias) for f in ("gate.", "value."))
    return gelu_of(gate) * value


def highway(given: Given, features: int, gate_bias: float = -1.0) -> Array:
    h, t = (linear(given.part(f, given.x), features, features) for f in ("transform.", "gate."))
    return entrywise(lambda x, h, t: sigmoid(t) * max(h, 0) + sigmoid(-t) * x, given.x, h, t)


def maxout(given: Given, in_features: int, out_features: int, pieces: int = 2, bias: bool = True) -> Array:
    z = linear(given.part("linear.", given.x), in_features, out_features * pieces, bias)
    y = np.zeros((*z.shape[:-1], out_features))
    for *n, o in np.ndindex(y.shape):
        y[*n, o] = max(z[*n, o * pieces : (o + 1) * pieces])
    return y


REFERENCES = {"GEGLU": geglu, "GLU": glu, "Highway": highway, "Maxout": maxout, "SwiGLU": swiglu}
