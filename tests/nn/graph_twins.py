"""Layers on graphs, in torch operations on dense matrices of edges. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


def edge_counts(edge_index: Tensor, nodes: int, add_self_loops: bool) -> Tensor:
    """How many edges run from j to i, at [i, j]."""
    counts = torch.zeros(nodes, nodes, dtype=torch.float64)
    for j, i in edge_index.T.tolist():
        counts[i, j] += 1
    return counts - counts.diag().diag() + torch.eye(nodes) if add_self_loops else counts


class GCNConv(torch.nn.Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        add_self_loops: bool | None = None,
        normalize: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.lin = torch.nn.Linear(in_channels, out_channels, bias=False)
        self.bias = torch.nn.Parameter(torch.empty(out_channels)) if bias else None
        self.add_self_loops = normalize if add_self_loops is None else add_self_loops
        self.normalize = normalize

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        counts = edge_counts(edge_index, x.shape[-2], self.add_self_loops)
        if self.normalize:
            root = torch.diag(counts.sum(1) ** -0.5).nan_to_num(posinf=0.0)
            counts = root @ counts @ root
        y: Tensor = counts @ self.lin(x)
        return y if self.bias is None else y + self.bias


class GATConv(torch.nn.Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        heads: int = 1,
        concat: bool = True,
        negative_slope: float = 0.2,
        add_self_loops: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.lin = torch.nn.Linear(in_channels, heads * out_channels, bias=False)
        self.att_src = torch.nn.Parameter(torch.empty(1, heads, out_channels))
        self.att_dst = torch.nn.Parameter(torch.empty(1, heads, out_channels))
        self.bias = torch.nn.Parameter(torch.empty(heads * out_channels if concat else out_channels)) if bias else None
        self.concat, self.negative_slope, self.add_self_loops = concat, negative_slope, add_self_loops

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        counts = edge_counts(edge_index, x.shape[-2], self.add_self_loops)
        outputs = []
        for h, src, dst in zip(
            self.lin(x).chunk(len(self.att_src[0]), -1), self.att_src[0], self.att_dst[0], strict=True
        ):
            scores = functional.leaky_relu((h @ dst)[..., :, None] + (h @ src)[..., None, :], self.negative_slope)
            weights = counts * scores.exp()
            outputs.append(weights @ h / weights.sum(-1, keepdim=True).clamp(min=1e-300))
        y = torch.cat(outputs, -1) if self.concat else torch.stack(outputs).mean(0)
        return y if self.bias is None else y + self.bias
