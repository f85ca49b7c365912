"""Linear maps, as sums over features."""

from dataclasses import replace

import numpy as np

from nnlab.detectors.references.given import Array, Given


def linear(given: Given, in_features: int, out_features: int, bias: bool = True) -> Array:
    rows = given.x.reshape(-1, in_features)
    y: Array = np.einsum("ni,oi->no", rows, given["weight"])
    if bias:
        y = y + given["bias"]
    return y.reshape(*given.x.shape[:-1], out_features)


def bilinear(given: Given, in1_features: int, in2_features: int, out_features: int, bias: bool = True) -> Array:
    input1, input2 = given.inputs
    a, b = input1.reshape(-1, in1_features), input2.reshape(-1, in2_features)
    y = np.zeros((len(a), out_features))
    for n, o in np.ndindex(y.shape):
        y[n, o] = a[n] @ given["weight"][o] @ b[n] + (given["bias"][o] if bias else 0)
    return y.reshape(*input1.shape[:-1], out_features)


def lora_linear(
    given: Given, in_features: int, out_features: int, r: int, lora_alpha: float = 1.0, bias: bool = True
) -> Array:
    update = lora_alpha / r * np.einsum("or,ri->oi", given["lora_B"], given["lora_A"])
    merged = replace(given, state={**given.state, "weight": given["weight"] + update})
    return linear(merged, in_features, out_features, bias)


REFERENCES = {"Bilinear": bilinear, "Linear": linear, "LoRALinear": lora_linear}
