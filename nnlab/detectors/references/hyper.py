"""Maps whose weights are computed, one example after the other."""

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear


def hyper_linear(given: Given, in_features: int, out_features: int, z_features: int, bias: bool = True) -> Array:
    x, z = given.inputs
    y = np.zeros((*x.shape[:-1], out_features))
    for n in range(len(x)):
        weight = linear(given.part("weight_map.", z[n]), z_features, out_features * in_features)
        state = {"weight": weight.reshape(out_features, in_features)}
        if bias:
            state["bias"] = linear(given.part("bias_map.", z[n]), z_features, out_features)
        y[n] = linear(Given((x[n],), state, given.training, given.rng), in_features, out_features, bias)
    return y


REFERENCES = {"HyperLinear": hyper_linear}
