"""Layers of transformers that torch lacks, in torch's operations. Discovered by `twins.py`."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional


class TransformerEncoder(torch.nn.TransformerEncoder):
    """torch's own, without the advice it prints on layers that its nested tensors cannot speed up."""

    def __init__(self, encoder_layer: torch.nn.Module, num_layers: int, norm: torch.nn.Module | None = None) -> None:
        super().__init__(encoder_layer, num_layers, norm, enable_nested_tensor=False)  # type: ignore[arg-type]


class FeedForward(torch.nn.Module):
    def __init__(
        self, d_model: int, dim_feedforward: int, dropout: float = 0.1, activation: str = "relu", bias: bool = True
    ) -> None:
        super().__init__()
        self.linear1 = torch.nn.Linear(d_model, dim_feedforward, bias)
        self.linear2 = torch.nn.Linear(dim_feedforward, d_model, bias)
        self.activation = getattr(functional, activation)
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y


class MixtureOfExperts(torch.nn.Module):
    def __init__(
        self,
        d_model: int,
        num_experts: int,
        top_k: int = 2,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        bias: bool = True,
        renormalize: bool = True,
        experts: Iterable[torch.nn.Module] | None = None,
    ) -> None:
        super().__init__()
        sizes = d_model, dim_feedforward, dropout, activation, bias
        self.router = torch.nn.Parameter(torch.empty(num_experts, d_model))
        self.experts = torch.nn.ModuleList(experts or (FeedForward(*sizes) for _ in range(num_experts)))
        self.top_k = top_k
        self.renormalize = renormalize

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = x @ self.router.T
        p = torch.softmax(logits, -1)
        order = logits.sort(dim=-1, descending=True, stable=True).indices  # topk takes equal ones in any order
        chosen = functional.one_hot(order[..., : self.top_k], p.shape[-1]).sum(-2)
        weights = p * chosen
        if self.renormalize:
            weights = weights / weights.sum(-1, keepdim=True)
        y = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            at = chosen[..., e] != 0
            y = y.masked_scatter(at[..., None], y[at] + weights[..., e][at][:, None] * expert(x[at]))
        f = chosen.to(x.dtype).flatten(0, -2).mean(0) / self.top_k
        return y, p.shape[-1] * (f * p.flatten(0, -2).mean(0)).sum()
