"""Layers on graphs, one node after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.softmax import softmax_of


def gcn_conv(
    given: Given,
    in_channels: int,
    out_channels: int,
    add_self_loops: bool | None = None,
    normalize: bool = True,
    bias: bool = True,
) -> Array:
    """Equation 2; as in PyTorch Geometric a node that receives no edge sends nothing where the sum is normalized."""
    h = linear(given.part("lin.", given.x), in_channels, out_channels, False)
    y = np.zeros(h.shape)
    sources = senders(given, normalize if add_self_loops is None else add_self_loops)
    for *n, i in np.ndindex(*y.shape[:-1]):
        for j in sources[i]:
            degrees = len(sources[i]) * len(sources[j])
            if not normalize:
                y[*n, i] += h[*n, j]
            elif degrees > 0:
                y[*n, i] += h[*n, j] / math.sqrt(degrees)
    return y + given["bias"] if bias else y


def gat_conv(
    given: Given,
    in_channels: int,
    out_channels: int,
    heads: int = 1,
    concat: bool = True,
    negative_slope: float = 0.2,
    add_self_loops: bool = True,
    bias: bool = True,
) -> Array:
    """Equations 3 to 6, each head by itself; the vector a of equation 3 is att_dst above att_src."""
    h = linear(given.part("lin.", given.x), in_channels, heads * out_channels, False)
    h = h.reshape(*h.shape[:-1], heads, out_channels)
    sources = senders(given, add_self_loops)
    y = np.zeros(h.shape)
    for *n, i, head in np.ndindex(*h.shape[:-1]):
        scores = []
        for j in sources[i]:
            e = given["att_dst"][0, head] @ h[*n, i, head] + given["att_src"][0, head] @ h[*n, j, head]
            scores.append(e if e > 0 else negative_slope * e)
        for j, a in zip(sources[i], softmax_of(np.array(scores)) if scores else [], strict=True):
            y[*n, i, head] += a * h[*n, j, head]
    together: Array = y.reshape(*y.shape[:-2], heads * out_channels)
    if not concat:
        together = np.einsum("...hc->...c", y) / heads
    return together + given["bias"] if bias else together


def senders(given: Given, add_self_loops: bool) -> list[list[int]]:
    """For each node the sources of the edges to it; add_self_loops makes it exactly one of its own."""
    pairs = [(int(j), int(i)) for j, i in np.asarray(given.inputs[1]).T]
    nodes = range(given.x.shape[-2])
    if add_self_loops:
        pairs = [(j, i) for j, i in pairs if j != i] + [(i, i) for i in nodes]
    return [[j for j, target in pairs if target == i] for i in nodes]


REFERENCES = {"GATConv": gat_conv, "GCNConv": gcn_conv}
