"""Layers on graphs, whose edges are the columns (source, target) of edge_index, as in PyTorch Geometric.

Messages run from source to target; an undirected edge is two columns. Edges may be repeated and nodes isolated.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow, indices, own
from nnlab.nn.case import Case, Fixed, Indices, Normal
from nnlab.nn.init import xavier_uniform, xavier_uniform_
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter
from nnlab.nn.rectifier import LeakyReLU
from nnlab.nn.segments import segment_softmax, segment_softmax_backward, segments

__all__ = ["GATConv", "GCNConv"]

#: A graph of six nodes with two edges from 0 to 1, two loops at 3, and the nodes 4 and 5 isolated.
_GRAPH = [[0, 0, 1, 3, 3, 2, 3, 1], [1, 1, 2, 3, 1, 1, 3, 3]]


class GCNConv(Module):
    """yᵢ = Σ h_j / √(dᵢ d_j) + bias, with h = lin(x), over the edges from j to i, of which node i receives dᵢ.

    x has shape (..., N, in_channels), edge_index (2, E), y (..., N, out_channels). add_self_loops, the value of
    normalize unless it is given, lets each node have exactly one loop; normalize=False leaves out the root.
    Source: Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks", 2017, equation 2.
    """

    in_torch = False
    cases = (
        Case(3, 4, x=[Normal((2, 5, 3)), Indices((2, 7), 5)]),
        Case(2, 3, x=[Normal((6, 2)), Fixed(_GRAPH)]),
        Case(2, 3, False, bias=False, x=[Normal((6, 2)), Fixed(_GRAPH)]),
        Case(3, 2, normalize=False, x=[Normal((2, 6, 3)), Fixed(_GRAPH)]),
        Case(3, 2, True, False, x=[Normal((6, 3)), Fixed(_GRAPH)]),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        add_self_loops: bool | None = None,
        normalize: bool = True,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.add_self_loops = normalize if add_self_loops is None else add_self_loops
        self.normalize = normalize
        self.lin = Linear(in_channels, out_channels, rng=rng, dtype=dtype)
        self.lin.bias = None  # it comes after the sum over the edges
        xavier_uniform_(self.lin.weight.data, rng=rng)
        self.bias = Parameter(np.zeros(out_channels, dtype)) if bias else None

    def forward(self, x: ArrayLike, edge_index: ArrayLike) -> Array:
        x = own(self, x, (..., None, self.lin.in_features))
        nodes = x.shape[-2]
        source, target = edges(self, edge_index, nodes, self.add_self_loops)
        h = self.lin(x)
        weight = np.ones((len(source), 1), h.dtype)
        if self.normalize:
            degree = segments(np.add, weight, target, nodes)
            inv_root = (degree > 0) / np.sqrt(np.maximum(degree, 1))
            weight = inv_root[source] * inv_root[target]
        y = segments(np.add, weight * h[..., source, :], target, nodes)
        if self.bias is not None:
            y += self.bias.data
        self.cache = source, target, weight, y.shape
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, None]:
        source, target, weight, shape = self.cache
        dy = borrow(self, dy, shape, weight.dtype, "dy")
        if self.bias is not None:
            self.bias.grad += dy.sum(tuple(range(dy.ndim - 1)))
        dh = segments(np.add, weight * dy[..., target, :], source, shape[-2])
        dx = self.lin.backward(dh)
        return dx, None


class GATConv(Module):
    """yᵢ = Σ a_ij h_j + bias, with h = lin(x) and a_ij = softmax of LeakyReLU(att_src · h_j + att_dst · hᵢ) over j.

    The sum and the softmax run over the edges from j to i, for each of the heads. x has shape (..., N, in_channels),
    edge_index (2, E), y (..., N, heads * out_channels), or (..., N, out_channels) with concat=False, which averages
    the heads. add_self_loops lets each node have exactly one loop. Source: Velickovic et al., "Graph Attention
    Networks", 2018, equations 3 to 6.
    """

    in_torch = False
    cases = (
        Case(3, 4, x=[Normal((2, 5, 3)), Indices((2, 7), 5)]),
        Case(2, 3, 2, x=[Normal((6, 2)), Fixed(_GRAPH)]),
        Case(4, 2, heads=3, concat=False, negative_slope=0.3, x=[Normal((2, 6, 4)), Fixed(_GRAPH)]),
        Case(3, 2, 2, True, 0.1, False, False, x=[Normal((6, 3)), Fixed(_GRAPH)]),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        heads: int = 1,
        concat: bool = True,
        negative_slope: float = 0.2,
        add_self_loops: bool = True,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if heads < 1:
            raise InputError(f"GATConv: heads is {heads} but at least one is needed; raise it")
        self.out_channels = out_channels
        self.heads = heads
        self.concat = concat
        self.add_self_loops = add_self_loops
        self.lin = Linear(in_channels, heads * out_channels, rng=rng, dtype=dtype)
        self.lin.bias = None  # it comes after the sum over the edges
        xavier_uniform_(self.lin.weight.data, rng=rng)
        self.att_src = Parameter(xavier_uniform(rng, (heads, out_channels), dtype)[None])
        self.att_dst = Parameter(xavier_uniform(rng, (heads, out_channels), dtype)[None])
        self.activation = LeakyReLU(negative_slope)
        self.bias = Parameter(np.zeros(heads * out_channels if concat else out_channels, dtype)) if bias else None

    def forward(self, x: ArrayLike, edge_index: ArrayLike) -> Array:
        x = own(self, x, (..., None, self.lin.in_features))
        nodes = x.shape[-2]
        source, target = edges(self, edge_index, nodes, self.add_self_loops)
        h = self._split(self.lin(x))
        to_all, from_all = (h * self.att_src.data).sum(-1), (h * self.att_dst.data).sum(-1)
        scores = self.activation(to_all[..., source, :] + from_all[..., target, :])
        a = segment_softmax(scores, target, nodes)
        y = segments(np.add, self._join(a[..., None] * h[..., source, :, :]), target, nodes)
        if not self.concat:
            y = self._split(y).mean(-2)
        if self.bias is not None:
            y += self.bias.data
        self.cache = source, target, h, a, y.shape
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, None]:
        source, target, h, a, shape = self.cache
        dy = borrow(self, dy, shape, h.dtype, "dy")
        nodes, rows = shape[-2], tuple(range(dy.ndim - 1))
        if self.bias is not None:
            self.bias.grad += dy.sum(rows)
        dheads = self._split(dy) if self.concat else np.broadcast_to(dy[..., None, :] / self.heads, h.shape)
        dmessages = dheads[..., target, :, :]
        da = (dmessages * h[..., source, :, :]).sum(-1)
        dscores = self.activation.backward(segment_softmax_backward(da, a, target, nodes))
        dto_all, dfrom_all = (segments(np.add, dscores, ends, nodes)[..., None] for ends in (source, target))
        self.att_src.grad += (dto_all * h).sum(rows)
        self.att_dst.grad += (dfrom_all * h).sum(rows)
        dh = segments(np.add, self._join(a[..., None] * dmessages), source, nodes)
        dh += self._join(dto_all * self.att_src.data + dfrom_all * self.att_dst.data)
        dx = self.lin.backward(dh)
        return dx, None

    def _split(self, x: Array) -> Array:
        """(..., heads * C) to (..., heads, C)."""
        return x.reshape(*x.shape[:-1], self.heads, self.out_channels)

    def _join(self, x: Array) -> Array:
        """(..., heads, C) to (..., heads * C)."""
        return x.reshape(*x.shape[:-2], self.heads * self.out_channels)


def edges(owner: object, edge_index: ArrayLike, nodes: int, add_self_loops: bool) -> tuple[Integers, Integers]:
    """Source and target of each edge; add_self_loops replaces the loops there are by one at each node."""
    source, target = indices(owner, edge_index, (2, None), nodes, "edge_index")
    if add_self_loops:
        others, every = source != target, np.arange(nodes)
        source, target = np.append(source[others], every), np.append(target[others], every)
    return source, target
