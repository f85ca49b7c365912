"""The head of a neural Turing machine, one example and one slot after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, entrywise, sigmoid, softplus
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.softmax import softmax_of


def ntm_head(given: Given, controller_size: int, width: int, max_shift: int = 1) -> tuple[Array, Array, Array]:
    """Equations 2 to 4, with the weights of `weighing`; what is read is read before it is written."""
    h, memory, before = given.inputs
    sizes = (width, 1, 1, 2 * max_shift + 1, 1, width, width)
    z = linear(given.part("interface.", h), controller_size, sum(sizes))
    read, written, w = np.zeros((*h.shape[:-1], width)), np.array(memory), np.zeros_like(before)
    for n in np.ndindex(*h.shape[:-1]):
        ends = np.add.accumulate(sizes)
        key, beta, gate, turns, gamma, erase, add = (
            z[n][end - size : end] for end, size in zip(ends, sizes, strict=True)
        )
        w[n] = weighing(memory[n], before[n], key, softplus(beta[0]), sigmoid(gate[0]), softmax_of(turns), gamma[0])
        for i, share in enumerate(w[n]):
            read[n] += share * memory[*n, i]
            written[*n, i] = memory[*n, i] * (1 - share * entrywise(sigmoid, erase)) + share * add
    return read, written, w


def weighing(
    memory: Array, before: Array, key: Array, strength: float, gate: float, turns: Array, gamma: float
) -> Array:
    """Equations 5 to 9: by content, mixed with what was before, turned, and sharpened by 1 + softplus(gamma)."""
    slots = len(memory)
    content = softmax_of(np.array([strength * cosine(key, row) for row in memory]))
    mixed = [gate * c + (1 - gate) * b for c, b in zip(content, before, strict=True)]
    turned = [0.0] * slots
    for j, weight in enumerate(mixed):
        for place, share in enumerate(turns):
            turned[(j + place - len(turns) // 2) % slots] += weight * share
    powers = [(weight / max(turned)) ** (1 + softplus(gamma)) for weight in turned]
    return np.array(powers) / math.fsum(powers)


def cosine(a: Array, b: Array) -> float:
    """Of the angle between two vectors, whose lengths are taken as 1e-8 at least, as in torch."""
    return math.fsum(a * b) / (max(math.hypot(*a), 1e-8) * max(math.hypot(*b), 1e-8))


REFERENCES = {"NTMHead": ntm_head}
