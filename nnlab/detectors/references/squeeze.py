"""Channel attention, one picture after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid
from nnlab.detectors.references.linear import linear


def squeeze_excite(given: Given, channels: int, reduction: int = 16, bias: bool = True) -> Array:
    """Equations 2, 3 and 4, named as there."""
    u = given.x
    z = np.zeros(u.shape[:2])
    for n, c in np.ndindex(*z.shape):
        z[n, c] = math.fsum(u[n, c].flat) / u[n, c].size
    hidden = linear(given.part("fc1.", z), channels, channels // reduction, bias)
    hidden = entrywise(lambda v: max(v, 0), hidden)
    s = entrywise(sigmoid, linear(given.part("fc2.", hidden), channels // reduction, channels, bias))
    y: Array = np.einsum("nchw,nc->nchw", u, s)
    return y


REFERENCES = {"SqueezeExcite": squeeze_excite}
