"""The attentions that torch lacks, in torch's operations on whole score matrices."""

import torch
from torch import Tensor
from torch.nn import functional


def attend(scores: Tensor, hidden: Tensor, value: Tensor) -> Tensor:
    """softmax(scores) value without what is hidden, with zeros for a query all of whose keys are."""
    weights = torch.softmax(scores.masked_fill(hidden, -1e9), -1)
    return weights.masked_fill(hidden, 0.0) @ value


def distances(queries: int, keys: int) -> Tensor:
    return torch.arange(queries)[:, None] - torch.arange(keys)


class SlidingWindowAttention(torch.nn.Module):
    def __init__(self, window: int, causal: bool = False) -> None:
        super().__init__()
        self.window = window
        self.causal = causal

    def forward(self, query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None = None) -> Tensor:
        distance = distances(query.shape[-2], key.shape[-2])
        hidden = (distance.abs() > self.window) | (self.causal & (distance < 0))
        if padding is not None:
            hidden = hidden | padding[..., None, :]
        return attend(query @ key.mT / query.shape[-1] ** 0.5, hidden, value)


class LinearAttention(torch.nn.Module):
    def __init__(self, causal: bool = False, eps: float = 1e-6) -> None:
        super().__init__()
        self.causal = causal
        self.eps = eps

    def forward(self, query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None = None) -> Tensor:
        weights = (functional.elu(query) + 1) @ (functional.elu(key) + 1).mT
        if self.causal:
            weights = weights.tril()
        if padding is not None:
            weights = weights.masked_fill(padding[..., None, :], 0.0)
        y: Tensor = weights @ value / (weights.sum(-1, keepdim=True) + self.eps)
        return y


class AdditiveAttention(torch.nn.Module):
    def __init__(self, query_dim: int, key_dim: int, hidden_dim: int, bias: bool = False) -> None:
        super().__init__()
        self.query = torch.nn.Linear(query_dim, hidden_dim, bias)
        self.key = torch.nn.Linear(key_dim, hidden_dim, bias)
        self.score = torch.nn.Parameter(torch.empty(hidden_dim))

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        hidden = torch.tanh(self.query(query).unsqueeze(-2) + self.key(key).unsqueeze(-3))
        scores = (hidden * self.score).sum(-1)
        mask = torch.zeros(scores.shape[-2:], dtype=torch.bool) if mask is None else mask
        if mask.dtype == torch.bool:
            return attend(scores, mask, value)
        return attend(scores + mask, mask.isneginf(), value)
