"""Containers that torch lacks, in torch's operations. Discovered by `twins.py`."""

import torch
from torch import Tensor


class Parallel(torch.nn.Module):
    def __init__(self, *modules: torch.nn.Module, combine: str = "sum", dim: int = 1) -> None:
        super().__init__()
        self.branches = torch.nn.ModuleList(modules)
        self.combine = combine
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        ys = tuple(branch(x) for branch in self.branches)
        if self.combine == "tuple":
            return ys
        return torch.cat(ys, self.dim) if self.combine == "concat" else torch.stack(ys).sum(0)
